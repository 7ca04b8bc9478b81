"""What events act on: devices of the models' facts and resources of the file, found by what a scenario calls them."""

from __future__ import annotations

from collections.abc import Mapping

from tdscen.facts import Facts, Key, TransmissionFacts
from tdscen.language.added import as_studied
from tdscen.language.models import Models
from tdscen.language.study import CheckedBlock, Study
from tdscen.language.values import Devices
from tdscen.simulators import Settable, simulator
from tdscen.simulators.spec import find_key


def devices(facts: Facts, device: str) -> Mapping[Key, object] | None:
    """The devices of a kind by the model's own keys; None where there is no such kind."""
    if isinstance(facts, TransmissionFacts):
        listed: dict[str, tuple[tuple[Key, object], ...]] = {
            "bus": tuple((b.idx, b) for b in facts.buses),
            "load": tuple((x.idx, x) for x in facts.loads),
            "generator": tuple((g.idx, g) for g in facts.generators),
            "line": tuple((x.idx, x) for x in facts.lines),
        }
    else:
        listed = {
            "bus": tuple((b.name, b) for b in facts.buses),
            "load": tuple((x.name, x) for x in facts.loads),
            "line": tuple((x.name, x) for x in facts.lines),
            "switch": tuple((x.name, x) for x in facts.lines if x.is_switch),
            "generator": tuple((g.name, g) for g in facts.generators),
            "regulator": tuple((r.name, r) for r in facts.regulators),
            "capacitor": tuple((c.name, c) for c in facts.capacitors),
            "pv": tuple((r.name, r) for r in facts.resources if r.device == "pv"),
            "storage": tuple((r.name, r) for r in facts.resources if r.device == "storage"),
        }
    return dict(listed[device]) if device in listed else None


def find(facts: Facts, device: str, key: Key) -> tuple[Key, object] | None:
    """The model's own key of a device, and its facts. A transmission bus or line is found by its name too."""
    known = devices(facts, device) or {}
    names = {getattr(found, "name", ""): own for own, found in known.items()}
    try:
        own = find_key(key, known)
    except KeyError:
        if not isinstance(facts, TransmissionFacts) or device not in ("bus", "line") or key not in names:
            return None
        own = names[str(key)]
    return own, known[own]


def own_key(study: Study, models: Models, target: Devices) -> Key:
    """How the model (or, for a resource, the file) calls a device that has been checked to exist."""
    assert target.key is not None
    facts = facts_of(study, models, target.owner)
    found = find(facts, target.device, target.key) if facts is not None else None
    return found[0] if found else target.key


def facts_of(study: Study, models: Models, owner: str | None) -> Facts | None:
    """Facts of a system with what the scenario adds to it."""
    facts = models.facts(owner)
    return None if facts is None else as_studied(study, owner or "", facts)


def settables(system: CheckedBlock) -> tuple[Settable, ...]:
    """What an event can set in a system."""
    name = system.choice("simulator")
    return simulator(name).settables if name is not None else ()


def settable(system: CheckedBlock, target: Devices) -> Settable | None:
    """The quantity that a reference names, letter case aside."""
    quantity = (target.quantity or "").casefold()
    of_device = (s for s in settables(system) if s.device == target.device)
    return next((s for s in of_device if s.quantity.casefold() == quantity), None)
