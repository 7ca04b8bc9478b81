"""Facts of an OpenDSS feeder, solved once at its own nominal settings; runs in the probe's own process."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from tdscen.facts import (
    DistributionFacts,
    FeederBus,
    FeederCapacitor,
    FeederGenerator,
    FeederLine,
    FeederLoad,
    FeederRegulator,
    FeederSource,
)
from tdscen.simulators.errors import SimulationError
from tdscen.simulators.opendss import elements, head, own_resources
from tdscen.simulators.opendss.engine import Engine, checked_power, open_engine, solved
from tdscen.simulators.opendss.files import read_model
from tdscen.simulators.opendss.native import Native
from tdscen.simulators.opendss.nodes import Nodes, line_to_line_kv, nodes
from tdscen.simulators.opendss.sound import check_sound
from tdscen.simulators.opendss.transformer import feeder_head
from tdscen.simulators.source import ModelSource

NOMINAL = "at its own nominal settings"


def probe(source: ModelSource) -> DistributionFacts:
    """Compile the model, solve it, and read what it has; without a solution, what the model states."""
    name = source.main
    try:
        engine = open_engine(source)
    except SimulationError as error:
        return _UNREAD(problem=str(error))
    try:
        head.check_source(engine, name)
        solved(engine, name, NOMINAL, engine.ActiveCircuit.Solution.Solve)
        at = nodes(engine)
        where = head.find_head(engine, name)
        check_sound(engine, at, where.bus, name, NOMINAL)
        flow = head.flow(Native(engine), where)
        checked_power(complex(flow.total_kva), name, NOMINAL)
    except SimulationError as error:
        return replace(_stated(engine), problem=str(error))
    facts = _solved(engine, at, where, flow)
    remarks = read_model(source.root / source.main, source.root).remarks
    return replace(facts, warnings=(*remarks, *facts.warnings))


_UNREAD = functools.partial(
    DistributionFacts,
    frequency_hz=0.0,
    source=None,
    head=None,
    head_p_kw=0.0,
    head_q_kvar=0.0,
    loads_p_kw=0.0,
    loads_q_kvar=0.0,
    losses_p_kw=0.0,
    v_min_pu=0.0,
    v_min_bus="",
    v_max_pu=0.0,
    v_max_bus="",
    buses=(),
    loads=(),
    lines=(),
    regulators=(),
    capacitors=(),
)
"""Facts of which nothing could be read."""


def _stated(engine: Engine) -> DistributionFacts:
    """What the model states; all that a solution would give is empty or zero."""
    loads = tuple(_loads(engine))
    return _UNREAD(
        frequency_hz=float(engine.ActiveCircuit.Solution.Frequency),
        loads_p_kw=sum(load.kw for load in loads),
        loads_q_kvar=sum(load.kvar for load in loads),
        buses=tuple(_buses(engine)),
        loads=loads,
        lines=tuple(_lines(engine)),
        regulators=tuple(_regulators(engine)),
        capacitors=tuple(_capacitors(engine)),
        generators=tuple(_generators(engine)),
        resources=tuple(own_resources.listed(engine)),
    )


def _solved(engine: Engine, at: Nodes, where: head.Head, flow: head.Flow) -> DistributionFacts:
    source, power_kva = _source(engine, where), complex(flow.total_kva)
    low, high = _extremes(engine, at)
    return replace(
        _stated(engine),
        source=source,
        head=feeder_head(engine, where, source.kv),
        head_p_kw=power_kva.real,
        head_q_kvar=power_kva.imag,
        losses_p_kw=float(engine.ActiveCircuit.Losses[0]) / 1000,
        v_min_pu=low.v_pu,
        v_min_bus=low.bus,
        v_max_pu=high.v_pu,
        v_max_bus=high.bus,
        warnings=tuple(_warnings(engine, at, source, backwards=flow.turns_backwards)),
    )


@dataclass(frozen=True, slots=True)
class _Extreme:
    v_pu: float
    bus: str


def _extremes(engine: Engine, at: Nodes) -> tuple[_Extreme, _Extreme]:
    """Lowest and highest voltage of the rated nodes; zeros where there are none."""
    rated = np.flatnonzero(at.rated)
    if not len(rated):
        return _Extreme(0.0, ""), _Extreme(0.0, "")
    v_pu = np.asarray(engine.ActiveCircuit.AllBusVmagPu, np.float64)
    chosen = (rated[v_pu[rated].argmin()], rated[v_pu[rated].argmax()])
    low, high = (_Extreme(float(v_pu[i]), at.names[i].rsplit(".", 1)[0]) for i in chosen)
    return low, high


def _source(engine: Engine, where: head.Head) -> FeederSource:
    sources = engine.ActiveCircuit.Vsources
    sources.Name = where.source
    phases, kv = int(sources.Phases), float(sources.BasekV)
    if phases != 3:
        # Rated phase to neutral with one phase, else by the distance of neighbours among n phases 360/n deg apart.
        to_neutral_kv = kv if phases == 1 else kv / (2 * math.sin(math.pi / phases))
        kv = line_to_line_kv(to_neutral_kv)
    return FeederSource(where.source, where.bus, kv, float(sources.pu), float(sources.AngleDeg), phases)


def _buses(engine: Engine) -> Iterator[FeederBus]:
    circuit = engine.ActiveCircuit
    for i in range(circuit.NumBuses):
        bus = circuit.Buses(i)
        phases = sorted(int(node) for node in bus.Nodes if 1 <= node <= 3)
        yield FeederBus(str(bus.Name).lower(), line_to_line_kv(float(bus.kVBase)), tuple(phases))


def _loads(engine: Engine) -> Iterator[FeederLoad]:
    for load in engine.ActiveCircuit.Loads:
        kw, kvar, kv = float(load.kW), float(load.kvar), float(load.kV)
        yield FeederLoad(str(load.Name), _bus(engine), int(load.Phases), kw, kvar, kv, int(load.Model))


def _lines(engine: Engine) -> Iterator[FeederLine]:
    circuit = engine.ActiveCircuit
    for name in elements.names(circuit.Lines):  # those out of service too
        circuit.Lines.Name = name
        line, closed = circuit.Lines, elements.is_closed(engine, name)
        yield FeederLine(name, _bus_of(line.Bus1), _bus_of(line.Bus2), bool(line.IsSwitch), closed)


def _regulators(engine: Engine) -> Iterator[FeederRegulator]:
    for regulator in engine.ActiveCircuit.RegControls:
        yield FeederRegulator(
            str(regulator.Name),
            str(regulator.Transformer),
            int(regulator.TapNumber),
            float(regulator.Delay),
            float(regulator.TapDelay),
            *elements.tap_range(engine, str(regulator.Transformer), int(regulator.TapWinding)),
        )


def _capacitors(engine: Engine) -> Iterator[FeederCapacitor]:
    for capacitor in engine.ActiveCircuit.Capacitors:
        yield FeederCapacitor(str(capacitor.Name), _bus(engine), float(capacitor.kvar), int(capacitor.NumSteps))


def _generators(engine: Engine) -> Iterator[FeederGenerator]:
    circuit = engine.ActiveCircuit
    for name in elements.names(circuit.Generators):
        circuit.Generators.Name = name
        kw, element = float(circuit.Generators.kW), circuit.ActiveCktElement
        yield FeederGenerator(name, _bus(engine), kw, bool(element.Enabled))


def _bus(engine: Engine) -> str:
    """The first bus of the element that was read last."""
    return _bus_of(engine.ActiveCircuit.ActiveCktElement.BusNames[0])


def _bus_of(terminal: str) -> str:
    """The bus of a terminal such as `890.1.2.3`."""
    return str(terminal).split(".")[0].lower()


def _warnings(engine: Engine, at: Nodes, source: FeederSource, *, backwards: bool) -> Iterator[str]:
    circuit = engine.ActiveCircuit
    if not (at.base_kv > 0).any():
        yield "the feeder sets no voltage bases (Set voltagebases, CalcVoltageBases): it has no voltages in pu"
    if dead := at.dead:
        shown = ", ".join(dead[:5]) + (", ..." if len(dead) > 5 else "")
        yield f"{len(dead)} node{'s are' if len(dead) > 1 else ' is'} not connected to the source: {shown}"
    if backwards:
        yield "the feeder's source turns backwards (a, c, b): its positive and negative sequences are exchanged"
    if source.phases != 3:
        yield f"the feeder's source has {source.phases} phase{'s' if source.phases > 1 else ''}, not three"
    others = [name for name in head.enabled_sources(engine) if name != source.name]
    if others:
        yield f"further voltage sources keep their own voltage: {', '.join(others)}"
    multiplier = float(circuit.Solution.LoadMult)
    if multiplier != 1:
        yield f"the feeder sets a load multiplier of {multiplier:g}, over which the profile's multipliers act"
