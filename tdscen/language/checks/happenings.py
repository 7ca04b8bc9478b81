"""Resources: what they name exists, and what they say is whole."""

from __future__ import annotations

from collections.abc import Iterator

from tdscen.diagnostics import Diagnostic
from tdscen.language.models import Models
from tdscen.language.study import Study
from tdscen.language.targets import devices, find
from tdscen.language.values import Devices
from tdscen.suggest import did_you_mean


def buses_exist(study: Study, models: Models) -> Iterator[Diagnostic]:
    """A resource stands at a bus of its feeder."""
    for der in study.all("der"):
        target = der.value("at")
        facts = models.facts(target.owner) if isinstance(target, Devices) else None
        if not isinstance(target, Devices) or facts is None or facts.problem or target.key is None:
            continue
        if find(facts, target.device, target.key) is None:
            near = did_you_mean(str(target.key), [str(k) for k in devices(facts, target.device) or ()])
            help = f"`tdscen info FILE {target.owner}` lists what it has"
            message = f"{target.owner} has no {target.device} {target.key}"
            yield Diagnostic("TDS204", message, target.span, near, help)


def storage_is_whole(study: Study, _models: Models) -> Iterator[Diagnostic]:
    """A storage has an energy; only a storage has one, and a schedule."""
    for der in study.all("der"):
        is_storage = der.choice("kind") == "storage"
        if is_storage and "energy" not in {*der.entries, *der.broken}:
            yield Diagnostic("TDS303", f"der {der.label} lacks energy", der.header, "", "energy: of a storage")
        for name in ("energy", "charge", "discharge"):
            if der.choice("kind") == "pv" and name in der.entries:
                message = f"{name} belongs to a storage"
                yield Diagnostic("TDS315", message, der.entries[name].name_span, "der is a pv")
