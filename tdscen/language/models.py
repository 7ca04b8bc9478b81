"""What is known of a study's models: one probe's answer for each transmission and distribution block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from tdscen.facts import Bus, DistributionFacts, Facts, Key, StaticLoad, TransmissionFacts
from tdscen.language.study import Study
from tdscen.language.texts import Texts
from tdscen.probing import Probe, ProbeRequest


@dataclass(frozen=True, eq=False)
class Models:
    """Probes by block name. A block without a probe was not looked at (its path could not be read, say)."""

    probes: Mapping[str, Probe] = field(default_factory=lambda: MappingProxyType({}))

    def facts(self, name: str | None) -> Facts | None:
        """Facts of a model, also of one that does not solve."""
        return self.probes[name].facts if name is not None and name in self.probes else None

    def transmission(self, name: str | None) -> TransmissionFacts | None:
        """Facts of a transmission case that could be read and solves."""
        facts = self.facts(name)
        return facts if isinstance(facts, TransmissionFacts) and not facts.problem else None

    def distribution(self, name: str | None) -> DistributionFacts | None:
        """Facts of a feeder that could be read and solves."""
        facts = self.facts(name)
        return facts if isinstance(facts, DistributionFacts) and not facts.problem else None


def requests(study: Study, texts: Texts) -> dict[str, ProbeRequest]:
    """What is to be looked at, by block name; a block whose simulator or file could not be read is left out."""
    asked = {}
    for block in study.systems():
        simulator, text = block.choice("simulator"), block.text(block.file_attribute)
        if simulator and text:
            folder = texts.folder(block.span(block.file_attribute))
            asked[block.label] = ProbeRequest(simulator, text, folder, block.texts("addfiles"))
    return asked


def find_bus(facts: TransmissionFacts, key: Key) -> Bus | None:
    """The bus with that number, or that name."""
    return _index(facts).buses.get(key)


def loads_at(facts: TransmissionFacts, bus: Key) -> tuple[StaticLoad, ...]:
    """The loads in service at a bus."""
    return _index(facts).loads.get(bus, ())


class _Index:
    """Buses and loads of one case by bus. Keeps the facts, so that their identity stays theirs."""

    def __init__(self, facts: TransmissionFacts) -> None:
        self.facts = facts
        self.buses: dict[Key, Bus] = {bus.name: bus for bus in facts.buses}
        self.buses |= {bus.idx: bus for bus in facts.buses}
        self.loads: dict[Key, tuple[StaticLoad, ...]] = {}
        for load in facts.loads:
            if load.online:
                self.loads[load.bus] = (*self.loads.get(load.bus, ()), load)


_indexes: dict[int, _Index] = {}


def _index(facts: TransmissionFacts) -> _Index:
    """The index of facts by identity: to compare facts costs as much as to read them."""
    if id(facts) not in _indexes:
        _indexes.clear()
        _indexes[id(facts)] = _Index(facts)
    return _indexes[id(facts)]
