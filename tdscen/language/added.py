"""What a scenario adds to its feeder models, seen as facts of them."""

from __future__ import annotations

from dataclasses import replace

from tdscen.facts import DistributionFacts, Facts, FeederResource
from tdscen.language.study import CheckedBlock, Study
from tdscen.language.values import Devices
from tdscen.units import UNITS


def resources_at(study: Study, label: str) -> tuple[CheckedBlock, ...]:
    """The `der` blocks of one feeder model, in the order of the file."""
    blocks = ((block, block.value("at")) for block in study.all("der"))
    return tuple(block for block, at in blocks if isinstance(at, Devices) and at.owner == label)


def with_resources(study: Study, label: str, facts: Facts) -> Facts:
    """Facts of a feeder model with the resources that the scenario adds; of anything else as they are."""
    if not isinstance(facts, DistributionFacts):
        return facts
    buses = {bus.name: bus for bus in facts.buses}
    added = []
    for block in resources_at(study, label):
        at, kind = block.value("at"), block.choice("kind")
        assert isinstance(at, Devices)
        bus = str(at.key).casefold()
        phases = len(buses[bus].phases) if bus in buses else 0
        kva = (block.number("rating") or 0.0) / UNITS["kVA"].factor
        if kind is not None:
            added.append(FeederResource(block.label, kind, bus, phases, kva, added=True))  # type: ignore[arg-type]
    return replace(facts, resources=(*facts.resources, *added))
