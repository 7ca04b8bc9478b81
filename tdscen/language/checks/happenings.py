"""Events and resources: what they name exists, and what they say is whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tdscen.diagnostics import Diagnostic, Label
from tdscen.facts import DistributionFacts, Facts, Key, TransmissionFacts
from tdscen.language.added import as_studied
from tdscen.language.blocks import ACTIONS
from tdscen.language.models import Models
from tdscen.language.study import Study
from tdscen.language.values import Devices
from tdscen.suggest import did_you_mean, one_of

_OF_A_FAULT = ("clear_after", "resistance", "reactance")


def one_action(study: Study, _models: Models) -> Iterator[Diagnostic]:
    """An event does one thing, and has the attributes of that thing."""
    for event in study.all("event"):
        done = [event.entries[name] for name in ACTIONS if name in event.entries]
        if not done and not event.broken & set(ACTIONS):
            message = f"event {event.label} does nothing"
            yield Diagnostic("TDS315", message, event.header, f"add one of {one_of(ACTIONS)}")
        for another in done[1:]:
            label = Label(done[0].name_span, "the first one")
            message = f"event {event.label} does two things"
            yield Diagnostic("TDS315", message, another.name_span, "write another event", labels=(label,))
        action = done[0].name if done else ""
        if action == "set" and "to" not in {*event.entries, *event.broken}:
            yield Diagnostic(
                "TDS315", f"event {event.label} sets a quantity to nothing", event.header, "add `to = ...`"
            )
        for name in (*_OF_A_FAULT, "to"):
            fits = action == ("set" if name == "to" else "fault")
            if name in event.entries and action and not fits:
                yield Diagnostic("TDS315", f"{name} has no meaning for {action}", event.entries[name].name_span)


def happens_in_time(study: Study, _models: Models) -> Iterator[Diagnostic]:
    """An event lies within the simulation."""
    simulation = study.first("simulation")
    stop_s = simulation.number("stop") if simulation else None
    for event in study.all("event"):
        at_s = event.number("at")
        if simulation is not None and stop_s is not None and at_s is not None and at_s >= stop_s:
            label = Label(simulation.span("stop"), f"the simulation stops at {stop_s:g} s")
            message = f"event {event.label} comes when the simulation is over"
            yield Diagnostic("TDS424", message, event.span("at"), labels=(label,))


def targets_exist(study: Study, models: Models) -> Iterator[Diagnostic]:
    """The devices of events and resources are devices of their systems."""
    for block in (*study.all("event"), *study.all("der")):
        for entry in block.entries.values():
            target = entry.value
            facts = models.facts(target.owner) if isinstance(target, Devices) else None
            if not isinstance(target, Devices) or facts is None or facts.problem or target.key is None:
                continue
            known = _known(target.device, as_studied(study, target.owner or "", facts))
            if known is not None and str(target.key).casefold() not in {str(k).casefold() for k in known}:
                near = did_you_mean(str(target.key), [str(k) for k in known])
                help = f"`tdscen info FILE {target.owner}` lists what it has"
                message = f"{target.owner} has no {target.device} {target.key}"
                yield Diagnostic("TDS204", message, target.span, near, help)


def _known(device: str, facts: Facts) -> Iterable[Key] | None:
    """The keys of a kind of device; None where the facts do not list it."""
    if isinstance(facts, TransmissionFacts):
        return {
            "bus": [b.idx for b in facts.buses],
            "load": [x.idx for x in facts.loads],
            "generator": [g.idx for g in facts.generators],
            "line": [x.idx for x in facts.lines],
        }.get(device)
    assert isinstance(facts, DistributionFacts)
    return {
        "bus": [b.name for b in facts.buses],
        "load": [x.name for x in facts.loads],
        "line": [x.name for x in facts.lines],
        "switch": [x.name for x in facts.lines if x.is_switch],
        "regulator": [r.name for r in facts.regulators],
        "capacitor": [c.name for c in facts.capacitors],
        "pv": [r.name for r in facts.resources if r.device == "pv"],
        "storage": [r.name for r in facts.resources if r.device == "storage"],
    }.get(device)
