"""The feeder's head: its voltage source, and the power that flows from it into the feeder.

The transmission bus is the source, so the source's own impedance would count twice: it is made so small that the
voltage drop at the feeder's power is `STIFF_DROP_PU`. The current through such an impedance cannot be read off the
source itself (a difference of two equal voltages: measured, P is wrong by 1e-6 of itself); the power is therefore
summed over the other elements at the source bus, which is the same power by Kirchhoff's law.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tdscen.simulators.errors import SimulationError
from tdscen.simulators.opendss.engine import Engine, command

if TYPE_CHECKING:
    from tdscen.simulators.adapters import Complexes

STIFF_DROP_PU = 1e-10
"""Voltage drop of the stiff source at the feeder's apparent power."""

SOURCE = "Vsource.source"
"""OpenDSS's name of the source that `New Circuit` makes."""


@dataclass(frozen=True, slots=True)
class Branch:
    """An element at the source bus: its full name, and where each of its conductors there stands in `Powers`.

    `conductors` are pairs (position in the element's vector of complex powers, phase 0 to 2).
    """

    element: str
    conductors: tuple[tuple[int, int], ...]


def source_bus(engine: Engine, name: str) -> str:
    """The bus of the circuit's voltage source. Raises `SimulationError` for a source that is not one to ground."""
    circuit = engine.ActiveCircuit
    if circuit.SetActiveElement(SOURCE) < 0 or not circuit.ActiveCktElement.Enabled:
        raise SimulationError(f"{name} has no enabled voltage source {SOURCE}")
    first, *second = circuit.ActiveCktElement.BusNames
    if second and any(node != "0" for node in second[0].split(".")[1:]):
        raise SimulationError(f"the voltage source of {name} is not connected to ground (bus2={second[0]})")
    return str(first).split(".")[0].lower()


def branches(engine: Engine, name: str) -> tuple[Branch, ...]:
    """Every element at the source bus except voltage sources. Raises `SimulationError` if there is none."""
    circuit = engine.ActiveCircuit
    bus = source_bus(engine, name)
    circuit.SetActiveBus(bus)
    elements = [*circuit.ActiveBus.AllPDEatBus, *circuit.ActiveBus.AllPCEatBus]
    # dss-python pads these lists with "" and "None".
    found = [_branch(engine, e, bus) for e in elements if "." in e and not e.lower().startswith("vsource.")]
    if not found:
        raise SimulationError(f"nothing is connected to the source bus {bus} of {name}")
    return tuple(found)


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
    return Branch(element, tuple(conductors))


def phase_power_kva(engine: Engine, at_source: tuple[Branch, ...]) -> Complexes:
    """Power into the feeder in kW + j kvar by phase a, b, c in the last solution (3)."""
    circuit = engine.ActiveCircuit
    total = np.zeros(3, np.complex128)
    for branch in at_source:
        circuit.SetActiveElement(branch.element)
        powers = circuit.ActiveCktElement.Powers
        for position, phase in branch.conductors:
            total[phase] += complex(powers[2 * position], powers[2 * position + 1])
    return total


def set_voltage(engine: Engine, voltage_pu: complex) -> None:
    """Apply the phasor as the balanced voltage of the source."""
    sources = engine.ActiveCircuit.Vsources
    sources.Name = "source"
    sources.pu = abs(voltage_pu)
    sources.AngleDeg = math.degrees(cmath.phase(voltage_pu))


def stiffen(engine: Engine, name: str, power_kva: complex) -> None:
    """Replace the source's impedance by one that drops `STIFF_DROP_PU` at `power_kva`."""
    sources = engine.ActiveCircuit.Vsources
    sources.Name = "source"
    z_ohm = STIFF_DROP_PU * sources.BasekV**2 * 1000 / max(abs(power_kva), 1.0)
    z = f"({z_ohm / 10:.17g}, {z_ohm:.17g})"
    command(engine, name, f"edit {SOURCE} model=thevenin z1={z} z0={z} z2={z}")
