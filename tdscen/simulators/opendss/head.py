"""The feeder's head: its voltage source, and what flows from it into the feeder.

The transmission bus is the source, so the source's own impedance would count twice: it is made so small that the
voltage drop at the feeder's power is `STIFF_DROP_PU`. The current through such an impedance cannot be read off the
source itself (a difference of two equal voltages: measured, P is wrong by 1e-6 of itself); the current is therefore
summed over the other elements at the source bus, which is the same current by Kirchhoff's law.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tdscen.simulators.errors import SimulationError
from tdscen.simulators.opendss.engine import Engine, command
from tdscen.simulators.opendss.native import Native

STIFF_DROP_PU = 1e-10
"""Voltage drop of the stiff source at the feeder's apparent power."""


@dataclass(frozen=True, slots=True)
class Branch:
    """An element at the source bus: its full name, its place among the circuit's elements (by which OpenDSS finds it
    three times as fast), and where each of its conductors there stands among its phasors.

    `conductors` are pairs (position in the element's vectors of currents and voltages, phase 0 to 2).
    """

    element: str
    place: int
    conductors: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Head:
    """The voltage source that T's voltage drives (`source`: its name), its bus, and every other element there.

    `alone`: it is the circuit's only source. `voltage`: off which of the elements the bus's voltage is read.
    """

    source: str
    alone: bool
    bus: str
    branches: tuple[Branch, ...]
    voltage: Branch


class Flow(NamedTuple):
    """Phases a, b, c at the head: voltage to ground in V, current into the feeder in A (3 each; 0: no such phase).

    `power_kva` is what flows into the feeder by phase, kW + j kvar (3), `total_kva` their sum. Plain numbers: one is
    made in every solution, and who records it makes arrays of it when the solution is on its way to the other side.
    """

    voltage_v: Sequence[complex]
    current_a: Sequence[complex]
    power_kva: Sequence[complex]
    total_kva: complex

    @property
    def turns_backwards(self) -> bool:
        """Whether the phases follow each other as a, c, b: the voltage is then a negative sequence."""
        turned = cmath.exp(2j * math.pi / 3)
        a, b, c = self.voltage_v
        negative, positive = abs(a + turned**2 * b + turned * c), abs(a + turned * b + turned**2 * c)
        return bool(negative > positive * (1 + 1e-6))


def check_source(engine: Engine, name: str) -> tuple[str, str]:
    """The source that takes T's voltage, and its bus; can be asked before the first solution.

    Raises `SimulationError` for a source that is not one to ground.
    """
    source = driven_source(engine, name)
    circuit = engine.ActiveCircuit
    circuit.SetActiveElement(f"Vsource.{source}")
    first, *second = circuit.ActiveCktElement.BusNames
    if second and any(node != "0" for node in second[0].split(".")[1:]):
        raise SimulationError(f"the voltage source of {name} is not connected to ground (bus2={second[0]})")
    return source, str(first).split(".")[0].lower()


def find_head(engine: Engine, name: str) -> Head:
    """The head of a solved feeder `name`. Raises `SimulationError` where nothing is connected to its source."""
    source, bus = check_source(engine, name)
    circuit = engine.ActiveCircuit
    circuit.SetActiveBus(bus)
    elements = [*circuit.ActiveBus.AllPDEatBus, *circuit.ActiveBus.AllPCEatBus]
    # dss-python pads these lists with "" and "None".
    found = [_branch(engine, e, bus) for e in elements if "." in e and not e.lower().startswith("vsource.")]
    if not found:
        raise SimulationError(f"nothing is connected to the source bus {bus} of {name}")
    alone = int(circuit.Vsources.Count) == 1
    return Head(source, alone, bus, tuple(found), _whole(_branch(engine, f"Vsource.{source}", bus), found))


def _whole(source: Branch, branches: Sequence[Branch]) -> Branch:
    """A line or transformer with all phases of the source: its currents are read too, so it is looked up only once."""
    phases = {phase for _, phase in source.conductors}
    for branch in branches:
        in_series = branch.element.lower().startswith(("line.", "transformer."))
        if in_series and phases <= {phase for _, phase in branch.conductors}:
            return branch
    return source


def driven_source(engine: Engine, name: str) -> str:
    """The name of the voltage source that takes T's voltage: the one that `New Circuit` makes, if it is in service.

    Where a model has disabled it, its only other source in service. Raises `SimulationError` where there is no such.
    """
    enabled = enabled_sources(engine)
    if "source" in enabled or len(enabled) == 1:
        return "source" if "source" in enabled else enabled[0]
    if not enabled:
        raise SimulationError(f"{name} has no voltage source in service (Vsource.source is disabled)")
    raise SimulationError(
        f"{name} has disabled Vsource.source, and it is not clear which of {', '.join(enabled)} is its head: "
        "leave one source in service"
    )


def enabled_sources(engine: Engine) -> list[str]:
    """Names of the voltage sources in service, in lower case."""
    names = [str(source).lower() for source in engine.ActiveCircuit.Vsources.AllNames]
    return [source for source in names if _enabled(engine, f"Vsource.{source}")]


def _enabled(engine: Engine, element: str) -> bool:
    circuit = engine.ActiveCircuit
    return circuit.SetActiveElement(element) >= 0 and bool(circuit.ActiveCktElement.Enabled)


def _branch(engine: Engine, element: str, bus: str) -> Branch:
    circuit = engine.ActiveCircuit
    circuit.SetActiveElement(element)
    active = circuit.ActiveCktElement
    nodes = [int(node) for node in active.NodeOrder]
    n = len(nodes) // active.NumTerminals
    conductors = [
        (terminal * n + i, nodes[terminal * n + i] - 1)
        for terminal, name in enumerate(active.BusNames[: active.NumTerminals])
        if name.split(".")[0].lower() == bus
        for i in range(n)
        if 1 <= nodes[terminal * n + i] <= 3
    ]
    places = {str(name).lower(): place for place, name in enumerate(circuit.AllElementNames)}
    return Branch(element, places[element.lower()], tuple(conductors))


def flow(native: Native, at: Head) -> Flow:
    """Voltages and currents at the head in the last solution."""
    voltage, current = [0j, 0j, 0j], [0j, 0j, 0j]
    for branch in at.branches:
        native.select_element(branch.place)
        native.currents()
        values = native.numbers()
        for position, phase in branch.conductors:
            current[phase] += complex(values[2 * position], values[2 * position + 1])
        if branch is at.voltage:
            _read_voltage(native, branch, voltage)
    if at.voltage not in at.branches:
        native.select_element(at.voltage.place)
        _read_voltage(native, at.voltage, voltage)
    native.check()
    power = [v * i.conjugate() / 1000 for v, i in zip(voltage, current, strict=True)]
    return Flow(voltage, current, power, sum(power, 0j))


def _read_voltage(native: Native, branch: Branch, voltage: list[complex]) -> None:
    """Voltages of the active element, which is that of `branch`, by phase."""
    native.voltages()
    values = native.numbers()
    for position, phase in branch.conductors:
        voltage[phase] = complex(values[2 * position], values[2 * position + 1])


def set_voltage(engine: Engine, native: Native, at: Head, voltage_pu: complex) -> None:
    """Apply the phasor as the balanced voltage of the source."""
    if not at.alone:
        engine.ActiveCircuit.Vsources.Name = at.source
    native.set_source_pu(abs(voltage_pu))
    native.set_angle_deg(math.degrees(cmath.phase(voltage_pu)))
    native.check()


def stiffen(engine: Engine, at: Head, name: str, power_kva: complex) -> None:
    """Replace the source's impedance by one that drops `STIFF_DROP_PU` at `power_kva`."""
    sources = engine.ActiveCircuit.Vsources
    sources.Name = at.source
    z_ohm = STIFF_DROP_PU * sources.BasekV**2 * 1000 / max(abs(power_kva), 1.0)
    z = f"({z_ohm / 10:.17g}, {z_ohm:.17g})"
    command(engine, name, f"edit Vsource.{at.source} model=thevenin z1={z} z0={z} z2={z}")
