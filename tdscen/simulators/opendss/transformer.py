"""The first transformer behind the source: what its winding is rated for, and what voltage it gives the feeder."""

from __future__ import annotations

import math

import numpy as np

from tdscen.facts import FeederHead
from tdscen.simulators.opendss.engine import Engine
from tdscen.simulators.opendss.head import Head


def feeder_head(engine: Engine, where: Head, source_kv: float) -> FeederHead:
    """The feeder's head: the first transformer at the source bus, or the source bus itself.

    The voltage is the positive-sequence one where the bus has three phases, else the mean of its phases.
    """
    for branch in where.branches:
        if branch.element.lower().startswith("transformer."):
            return _behind(engine, branch.element.split(".", 1)[1], where.bus)
    return FeederHead(None, None, _bus_volt(engine, where.bus) / (source_kv * 1000 / math.sqrt(3)))


def _behind(engine: Engine, name: str, source_bus: str) -> FeederHead:
    circuit = engine.ActiveCircuit
    transformers = circuit.Transformers
    transformers.Name = name
    buses = [str(bus).split(".")[0].lower() for bus in circuit.ActiveCktElement.BusNames]
    phases = int(circuit.ActiveCktElement.NumPhases)
    at = buses.index(source_bus)
    other = next((i for i, bus in enumerate(buses) if bus != source_bus), at)
    rated = {i: _line_to_line_kv(transformers, i, phases) for i in (at, other)}
    v_pu = _bus_volt(engine, buses[other]) / (rated[other] * 1000 / math.sqrt(3))
    return FeederHead(name, rated[at], v_pu)


def _line_to_line_kv(transformers: object, winding: int, phases: int) -> float:
    """A single-phase winding in wye is rated phase to neutral; every other rating is line to line."""
    transformers.Wdg = winding + 1  # type: ignore[attr-defined]
    kv = float(transformers.kV)  # type: ignore[attr-defined]
    if phases == 1 and not transformers.IsDelta:  # type: ignore[attr-defined]
        return round(kv * math.sqrt(3), 6)
    return kv


def _bus_volt(engine: Engine, bus: str) -> float:
    """Voltage phase to neutral in V of the last solution."""
    circuit = engine.ActiveCircuit
    circuit.SetActiveBus(bus)
    active = circuit.ActiveBus
    if {1, 2, 3} <= {int(node) for node in active.Nodes}:
        return float(active.SeqVoltages[1])
    return float(np.mean(np.asarray(active.VMagAngle)[::2]))
