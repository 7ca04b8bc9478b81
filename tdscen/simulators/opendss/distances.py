"""How far every bus of a feeder is from its source, along its closed lines.

Not by OpenDSS's own `AllBusDistances`: they need an energy meter, which most models do not have and which is not ours
to add. Where there is one at the source the two agree (`tests/test_node_voltages.py`).
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from tdscen.simulators.adapters import FeederNodes
from tdscen.simulators.opendss import elements

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tdscen.simulators.opendss.engine import Engine

KM = {1: 1.609344, 2: 0.3048, 3: 1.0, 4: 1e-3, 5: 0.3048e-3, 6: 0.0254e-3, 7: 1e-5, 8: 1e-6}
"""Kilometres in each of OpenDSS's length units (`mi`, `kft`, `km`, `m`, `ft`, `in`, `cm`, `mm`); 0 is none."""

SWITCH_LENGTH = 1e-3
"""What OpenDSS gives a `switch = yes` for a length, without a unit."""

Edges = dict[str, list[tuple[str, float]]]


def feeder_nodes(engine: Engine, names: Sequence[str], source_bus: str) -> FeederNodes:
    """Where the nodes (`890.1`) lie: distance of their bus from `source_bus`, and the node before on the way there."""
    edges: Edges = {}
    in_km = True
    for ends, length, has_unit in _branches(engine):
        in_km = in_km and has_unit
        for i, end in enumerate(ends):
            for other in ends[:i]:
                edges.setdefault(end, []).append((other, length))
                edges.setdefault(other, []).append((end, length))
    distances, before = _shortest(edges, source_bus.lower())
    place = {name: i for i, name in enumerate(names)}
    buses = [name.rsplit(".", 1) for name in names]
    return FeederNodes(
        names=tuple(names),
        distance=tuple(distances.get(bus) for bus, _ in buses),
        before=tuple(_before(place, before, bus, phase) for bus, phase in buses),
        unit="km" if in_km else "",
    )


def _before(place: dict[str, int], before: dict[str, str], bus: str, phase: str) -> int | None:
    """The same phase at the bus before; None at the source, or where that bus does not have it."""
    return place.get(f"{before[bus]}.{phase}") if bus in before else None


def _branches(engine: Engine) -> Iterator[tuple[list[str], float, bool]]:
    """Buses and length of everything in series that is in service, and whether the length has a unit."""
    circuit = engine.ActiveCircuit
    for name in elements.names(circuit.Lines):
        if elements.is_closed(engine, name):
            circuit.Lines.Name = name
            line = circuit.Lines
            length, unit = float(line.Length), int(line.Units)
            ends = [_bus(line.Bus1), _bus(line.Bus2)]
            yield ends, length * KM.get(unit, 1.0), unit in KM or length <= SWITCH_LENGTH
    for name in circuit.AllElementNames:
        if str(name).split(".")[0].lower() in ("transformer", "autotrans", "reactor", "capacitor"):
            circuit.SetActiveElement(name)
            element = circuit.ActiveCktElement
            ends = list(dict.fromkeys(_bus(terminal) for terminal in element.BusNames))
            if element.Enabled and len(ends) > 1:
                yield ends, 0.0, True


def _bus(terminal: str) -> str:
    return str(terminal).split(".")[0].lower()


def _shortest(edges: Edges, source: str) -> tuple[dict[str, float], dict[str, str]]:
    """Distance of every bus that is reached, and the bus before it (Dijkstra)."""
    found, before = dict[str, float](), dict[str, str]()
    ahead: list[tuple[float, str, str | None]] = [(0.0, source, None)]
    while ahead:
        distance, bus, came_from = heapq.heappop(ahead)
        if bus in found:
            continue
        found[bus] = distance
        if came_from is not None:
            before[bus] = came_from
        for other, length in edges.get(bus, ()):
            if other not in found:
                heapq.heappush(ahead, (distance + length, other, bus))
    return found, before
