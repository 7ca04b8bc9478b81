"""What a scenario makes of its models, seen as facts of them."""

from __future__ import annotations

from dataclasses import replace

from tdscen.facts import DistributionFacts, Facts, FeederResource, TransmissionFacts
from tdscen.language.study import CheckedBlock, Study
from tdscen.language.values import Devices
from tdscen.units import UNITS


def resources_at(study: Study, label: str) -> tuple[CheckedBlock, ...]:
    """The `der` blocks of one feeder model, in the order of the file."""
    blocks = ((block, block.value("at")) for block in study.all("der"))
    return tuple(block for block, at in blocks if isinstance(at, Devices) and at.owner == label)


def _static(facts: TransmissionFacts) -> TransmissionFacts:
    """A case as its power flow has it: all but the slack keep what P they are told, every generator its voltage."""
    generators = (
        replace(g, setpoints=("v_ref",) if g.model == "Slack" else ("p_ref", "v_ref")) for g in facts.generators
    )
    return replace(facts, dynamic=False, generators=tuple(generators))


def without_dynamics(study: Study, label: str | None) -> bool:
    """Whether the scenario solves a transmission system as a power flow at each communication time."""
    block = study.labelled(label or "")
    return block is not None and block.schema.keyword == "transmission" and block.choice("dynamics") == "off"


def as_studied(study: Study, label: str, facts: Facts) -> Facts:
    """Facts of a feeder model with the resources that the scenario adds, of a transmission system as it is solved."""
    if not isinstance(facts, DistributionFacts):
        return _static(facts) if without_dynamics(study, label) else facts
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
