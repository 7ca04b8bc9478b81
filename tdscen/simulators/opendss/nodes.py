"""The nodes of a solved feeder, in the order in which OpenDSS lists voltages."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tdscen.simulators.opendss.engine import Engine

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]

DEAD_PU, DEAD_VOLT = 1e-3, 1.0
"""A phase below this voltage is not connected to the source (in volt where it has no base voltage)."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """`names` such as `890.1` and, for each: base voltage phase to neutral (0: none), whether it is a phase (node 1 to
    3, not a neutral conductor), whether it carried voltage in the solution that was current when this was made.
    """

    names: tuple[str, ...]
    base_kv: NDArray[np.float64]
    phase: Flags
    energised: Flags

    @property
    def rated(self) -> Flags:
        """Phases with a base voltage that the source feeds: those that a lowest or highest voltage is about."""
        return np.asarray(self.phase & self.energised & (self.base_kv > 0))

    @property
    def dead(self) -> tuple[str, ...]:
        """Phases that nothing feeds."""
        return tuple(self.names[i] for i in np.flatnonzero(self.phase & ~self.energised))


def nodes(engine: Engine) -> Nodes:
    """The nodes of the engine's circuit, judged by its last solution."""
    circuit = engine.ActiveCircuit
    base_kv = base_voltages_kv(engine)
    names = tuple(str(name).lower() for name in circuit.AllNodeNames)
    base = np.array([base_kv[name.rsplit(".", 1)[0]] for name in names], np.float64)
    numbers = np.array([int(name.rsplit(".", 1)[1]) for name in names], np.intp)
    v_volt = np.asarray(circuit.AllBusVmag, np.float64)
    energised = v_volt > np.where(base > 0, DEAD_PU * base * 1000, DEAD_VOLT)
    return Nodes(names, base, (numbers >= 1) & (numbers <= 3), energised)


def base_voltages_kv(engine: Engine) -> dict[str, float]:
    """Base voltage of every bus in kV phase to neutral, 0 where the model gives none."""
    circuit = engine.ActiveCircuit
    buses = (circuit.Buses(i) for i in range(circuit.NumBuses))
    return {str(bus.Name).lower(): float(bus.kVBase) for bus in buses}


def line_to_line_kv(phase_to_neutral_kv: float) -> float:
    """kV line to line, without the noise of the square root."""
    return round(phase_to_neutral_kv * math.sqrt(3), 6)
