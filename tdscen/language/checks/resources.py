"""Resources: what they say is whole, and the feeder can take them."""

from __future__ import annotations

from collections.abc import Iterator

from tdscen import mends
from tdscen.diagnostics import Diagnostic, Label
from tdscen.language.added import resources_at
from tdscen.language.models import Models
from tdscen.language.study import Study
from tdscen.language.targets import devices, find
from tdscen.language.values import Chosen, Devices, Quantity
from tdscen.suggest import did_you_mean

_OF_A_STORAGE = ("energy", "charge", "discharge", "soc", "efficiency")


def buses_exist(study: Study, models: Models) -> Iterator[Diagnostic]:
    """A resource stands at a bus of its feeder."""
    for der in study.all("der"):
        target = der.value("at")
        facts = models.facts(target.owner) if isinstance(target, Devices) else None
        if not isinstance(target, Devices) or facts is None or facts.problem or target.key is None:
            continue
        if find(facts, target.device, target.key) is None:
            known = devices(facts, target.device) or ()
            near = did_you_mean(str(target.key), [str(k) for k in known])
            fixes = mends.device(target.words.key, target.key, known)
            help = f"`tdscen info FILE {target.owner}` lists what it has"
            message = f"{target.owner} has no {target.device} {target.key}"
            yield Diagnostic("TDS204", message, target.span, near, help, fixes=fixes)


def resource_is_whole(study: Study, _models: Models) -> Iterator[Diagnostic]:
    """A storage has an energy; only a storage has one, and a schedule; only a pv has a profile."""
    for der in study.all("der"):
        kind = der.choice("kind")
        if kind == "storage" and "energy" not in {*der.entries, *der.broken}:
            yield Diagnostic("TDS303", f"der {der.label} lacks energy", der.header, "", "energy: of a storage")
        for name in _OF_A_STORAGE if kind == "pv" else ():
            if name in der.entries:
                message = f"{name} belongs to a storage"
                yield Diagnostic("TDS315", message, der.entries[name].name_span, "der is a pv")
        if kind == "storage" and "profile" in der.entries:
            message, help = "profile belongs to a pv", "a storage has `charge` and `discharge`"
            yield Diagnostic("TDS315", message, der.entries["profile"].name_span, "der is a storage", help)


def control_fits(study: Study, _models: Models) -> Iterator[Diagnostic]:
    """A power factor is not zero; volt-watt is for what only delivers."""
    for der in study.all("der"):
        control = der.value("control")
        if not isinstance(control, Chosen):
            continue
        factor = control.argument("value")
        if isinstance(factor, Quantity) and factor.value == 0:
            message = f"a power factor of 0 leaves {der.label} no active power"
            yield Diagnostic("TDS310", message, der.span("control"), help="from -1 to 1 without 0, as in 0.95")
        if control.name == "volt_watt" and der.choice("kind") == "storage":
            message, at = "volt_watt is for a pv", "der is a storage"
            help = "OpenDSS's InvControl would limit charging by the same curve, where a high voltage needs it"
            yield Diagnostic("TDS315", message, der.span("control"), at, help)


def bus_fits(study: Study, models: Models) -> Iterator[Diagnostic]:
    """A resource is rated for its bus's voltage, so the feeder model gives it one; delta needs a second phase."""
    for der in study.all("der"):
        at = der.value("at")
        facts = models.distribution(at.owner) if isinstance(at, Devices) else None
        if facts is None or not isinstance(at, Devices):
            continue
        bus = next((b for b in facts.buses if b.name == str(at.key).casefold()), None)
        if bus is not None and len(bus.phases) == 1 and der.choice("connection") == "delta":
            message = f"bus {bus.name} of {at.owner} has one phase, so nothing can be in delta there"
            yield Diagnostic("TDS315", message, der.span("connection"), "wye is the only way")
        if bus is None or (bus.kv > 0 and bus.phases):
            continue
        what = "base voltage" if bus.kv <= 0 else "phase 1, 2 or 3"
        message = f"bus {bus.name} of {at.owner} has no {what}, which a resource needs"
        help = "let the model say `Set voltagebases=[...]` and `CalcVoltageBases`" if bus.kv <= 0 else ""
        yield Diagnostic("TDS415", message, der.span("at"), "", help)


def resource_names_differ(study: Study, models: Models) -> Iterator[Diagnostic]:
    """OpenDSS knows no upper and lower case, and a model has resources of its own."""
    for system in study.all("distribution"):
        facts = models.distribution(system.label)
        taken = {(r.device, r.name.casefold()) for r in facts.resources} if facts else set()
        first: dict[tuple[str | None, str], Label] = {}
        for der in resources_at(study, system.label):
            key = (der.choice("kind"), der.label.casefold())
            if key in taken:
                message = f"{system.label} has a {key[0]} {der.label} of its own"
                yield Diagnostic("TDS202", message, der.label_span, "give this one another name")
            elif key in first:
                message = f"{der.label} differs from another {key[0]} of {system.label} by letter case only"
                yield Diagnostic("TDS202", message, der.label_span, labels=(first[key],))
            first.setdefault(key, Label(der.label_span, "the first one"))
