"""What `observe` names exists in the models and can be recorded."""

from __future__ import annotations

from collections.abc import Iterator

from tdscen import mends
from tdscen.diagnostics import Diagnostic
from tdscen.language.added import as_studied
from tdscen.language.models import Models
from tdscen.language.study import CheckedBlock, Study
from tdscen.language.values import Devices, Items
from tdscen.simulators import simulator
from tdscen.suggest import did_you_mean, one_of


def devices_exist(study: Study, models: Models) -> Iterator[Diagnostic]:
    """Every device and quantity of every `observe` line."""
    for block in study.all("observe"):
        for entry in block.entries.values():
            system = study.labelled(entry.name)
            items = entry.value.values if isinstance(entry.value, Items) else ()
            for devices in items:
                if system is not None and isinstance(devices, Devices):
                    yield from _devices(study, system, devices, models)


def _devices(study: Study, system: CheckedBlock, devices: Devices, models: Models) -> Iterator[Diagnostic]:
    name = system.choice("simulator")
    if name is None:
        return
    chosen = simulator(name)
    known = [o for o in chosen.observables if o.device == devices.device]
    if not known:
        kinds = list(dict.fromkeys(o.device for o in chosen.observables))
        message = f"{system.label} records nothing of a {devices.device}"
        at = did_you_mean(devices.device, kinds) or f"it records {one_of(kinds)}"
        fixes = mends.spelling(devices.words.device, devices.device, kinds)
        yield Diagnostic("TDS203", message, devices.span, at, fixes=fixes)
        return
    quantities = [o.quantity for o in known]
    if devices.quantity not in quantities:
        message = f"a {devices.device} of {system.label} has no {devices.quantity} to record"
        at = did_you_mean(devices.quantity or "", quantities) or f"it has {one_of(quantities)}"
        fixes = mends.spelling(devices.words.quantity, devices.quantity or "", quantities)
        yield Diagnostic("TDS203", message, devices.span, at, fixes=fixes)
        return
    facts = models.transmission(system.label) or models.distribution(system.label)
    if facts is None:
        return
    try:
        chosen.expand(devices.device, devices.key, devices.quantity or "", as_studied(study, system.label, facts))
    except KeyError:
        message = f"{system.label} has no {devices.device} {devices.key}"
        help = f"`tdscen info FILE {system.label}` lists what it has"
        yield Diagnostic("TDS204", message, devices.span, "", help)
    except ValueError as error:
        yield Diagnostic("TDS203", str(error), devices.span)
