"""What an event sets can be set, and its value is one of the quantity's dimension."""

from __future__ import annotations

from collections.abc import Iterator

from tdscen import mends
from tdscen.diagnostics import Diagnostic, Label
from tdscen.facts import Facts, FeederCapacitor, FeederRegulator, Generator
from tdscen.language.checks.events import action_of
from tdscen.language.models import Models, loads_at
from tdscen.language.reader import Reader
from tdscen.language.sites import sites
from tdscen.language.study import CheckedBlock, Study
from tdscen.language.targets import facts_of, find, settable, settables
from tdscen.language.types import QuantityType
from tdscen.language.values import Devices
from tdscen.simulators import Settable
from tdscen.suggest import did_you_mean, one_of


def can_be_set(study: Study, models: Models) -> Iterator[Diagnostic]:
    """The quantity is one that events set, and this device has it."""
    for event in study.all("event"):
        happening = action_of(event)
        system = study.labelled(happening[1].owner or "") if happening else None
        if happening is None or happening[0] != "set" or system is None:
            continue
        target = happening[1]
        chosen = settable(system, target)
        if chosen is None:
            yield _unknown(system, target)
            continue
        yield from _value_fits(study, event, chosen)
        yield from _device_has_it(facts_of(study, models, target.owner), event, target, chosen)
        yield from _no_interface_s_load(study, models, target)


def _unknown(system: CheckedBlock, target: Devices) -> Diagnostic:
    known = settables(system)
    quantities = [s.quantity for s in known if s.device == target.device]
    if quantities:
        message = f"a {target.device} of {system.label} has no {target.quantity} that can be set"
        at = did_you_mean(target.quantity or "", quantities) or f"it has {one_of(quantities)}"
        fixes = mends.spelling(target.words.quantity, target.quantity or "", quantities)
    else:
        kinds = list(dict.fromkeys(s.device for s in known))
        message = f"nothing of a {target.device} of {system.label} can be set"
        at = did_you_mean(target.device, kinds) or f"of a {one_of(kinds)} it can"
        fixes = mends.spelling(target.words.device, target.device, kinds)
    help = "docs/language.md lists what can be set"
    return Diagnostic("TDS203", message, target.span, at, help, fixes=fixes)


def _value_fits(study: Study, event: CheckedBlock, chosen: Settable) -> Iterator[Diagnostic]:
    entry = event.entries.get("to")
    if entry is not None:
        reader = Reader(study.scope)
        wanted = QuantityType(chosen.dimension, chosen.above, chosen.least, whole=chosen.whole)
        wanted.read(entry.expression, reader)
        yield from reader.problems


def _device_has_it(facts: Facts | None, event: CheckedBlock, target: Devices, chosen: Settable) -> Iterator[Diagnostic]:
    to = event.number("to")
    found = find(facts, target.device, target.key) if facts is not None and target.key is not None else None
    match found:
        case (_, Generator(setpoints=setpoints)) if chosen.quantity not in setpoints:
            controller = {"p_ref": "governor", "v_ref": "exciter"}.get(chosen.quantity, "controller")
            message = f"generator {target.key} of {target.owner} has no {controller} whose setpoint could be set"
            at = f"it has {one_of(setpoints)}" if setpoints else ""
            yield Diagnostic("TDS433", message, target.span, at)
        case (_, FeederRegulator(lowest_tap=low, highest_tap=high)) if chosen.quantity == "tap" and to is not None:
            if not low <= to <= high:
                message = f"regulator {target.key} of {target.owner} has taps {low} to {high}"
                yield Diagnostic("TDS310", message, event.span("to"))
        case (_, FeederCapacitor(steps=steps)) if chosen.quantity == "state" and to is not None and to > steps:
            message = f"capacitor {target.key} of {target.owner} has {steps} step{'s' if steps > 1 else ''}"
            yield Diagnostic("TDS310", message, event.span("to"))


def _no_interface_s_load(study: Study, models: Models, target: Devices) -> Iterator[Diagnostic]:
    """A load that a feeder takes the place of draws what the feeder says."""
    if target.device != "load":
        return
    for site in sites(study, models):
        facts = models.transmission(site.transmission)
        if facts is None or site.transmission != target.owner or target.key is None:
            continue
        found = find(facts, "load", target.key)
        if found is not None and found[0] in {load.idx for load in loads_at(facts, site.bus.idx)}:
            message = f"load {target.key} of {target.owner} draws what the feeder at bus {site.bus.idx} takes"
            help = "set a load of the feeder, or let the interface's `load` profile step"
            label = Label(site.span, f"interface {site.name} takes its place")
            yield Diagnostic("TDS433", message, target.span, "it cannot be set", help, (label,))
