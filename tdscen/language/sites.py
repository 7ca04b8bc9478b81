"""Interface blocks to interfaces: a list of buses or `bus[*]` makes one for each, with a stable name.

`bus[*]` is every bus whose loads consume: cases also hold generation as negative loads, which no feeder matches.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from tdscen.facts import Bus, TransmissionFacts
from tdscen.language.models import Models, find_bus, loads_at
from tdscen.language.study import CheckedBlock, Study
from tdscen.language.values import BlockRef, Devices, Items
from tdscen.source import Span


@dataclass(frozen=True)
class Site:
    """One interface: `bus4`, or `each[3]` where the block `each` names several buses."""

    name: str
    block: CheckedBlock
    transmission: str
    distribution: str
    bus: Bus
    span: Span


def references(block: CheckedBlock) -> tuple[Devices, ...]:
    """The bus references of an interface block."""
    value = block.value("transmission")
    return tuple(v for v in value.values if isinstance(v, Devices)) if isinstance(value, Items) else ()


def distribution_of(block: CheckedBlock) -> str:
    """The name of the feeder model of an interface block; empty where it could not be read."""
    value = block.value("distribution")
    return value.label if isinstance(value, BlockRef) else ""


@functools.lru_cache(maxsize=2)
def sites(study: Study, models: Models) -> tuple[Site, ...]:
    """Every interface whose bus is known, in the order of the file. Unknown buses are left to the checks."""
    return tuple(site for block in study.all("interface") for site in _of_block(block, models))


def _of_block(block: CheckedBlock, models: Models) -> Iterator[Site]:
    found = references(block)
    many = len(found) > 1 or any(r.every for r in found)
    for reference in found:
        facts = models.transmission(reference.owner)
        if facts is None:
            continue
        for bus in _buses(reference, facts):
            name = f"{block.label}[{bus.idx}]" if many else block.label
            yield Site(name, block, reference.owner or "", distribution_of(block), bus, reference.span)


def _buses(reference: Devices, facts: TransmissionFacts) -> tuple[Bus, ...]:
    if reference.every:
        return tuple(bus for bus in facts.buses if sum(load.p_mw for load in loads_at(facts, bus.idx)) > 0)
    bus = find_bus(facts, reference.key) if reference.key is not None else None
    return (bus,) if bus else ()
