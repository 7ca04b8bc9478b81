"""What an opened switch leaves without supply: nodes, loads, and controls that then must not act."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tdscen.simulators.opendss.elements import names
from tdscen.simulators.opendss.engine import Engine
from tdscen.simulators.opendss.nodes import DEAD_PU, DEAD_VOLT, base_voltages_kv

if TYPE_CHECKING:
    from tdscen.simulators.adapters import Floats
    from tdscen.simulators.opendss.nodes import Flags

HEAD_PU = 0.05
"""With less at the head (a fault at the bus that feeds) nothing can be said about what is connected to it."""


class Supply:
    """Which nodes and loads the source reaches, by the voltages of the present solution."""

    def __init__(self, engine: Engine, feeder: str, head_bus: str) -> None:
        self._circuit, self._feeder = engine.ActiveCircuit, feeder
        self._names = [str(name).lower() for name in self._circuit.AllNodeNames]
        base = base_voltages_kv(engine)
        base_kv = np.array([base[name.rsplit(".", 1)[0]] for name in self._names], np.float64)
        self._least_v = np.where(base_kv > 0, DEAD_PU * base_kv * 1000, DEAD_VOLT)
        self._head = [i for i, name in enumerate(self._names) if name.rsplit(".", 1)[0] == head_bus]
        self._loads = names(self._circuit.Loads)
        self._dark: frozenset[str] = frozenset(self._without_supply())
        self._controlled = _controlled(engine)

    def look(self, time_s: float) -> tuple[Flags, tuple[str, ...]] | None:
        """Which nodes carry voltage, and sentences on loads that have lost or regained it.

        None where the head itself has no voltage worth the name: ask again at the next solution.
        """
        v_volt = self._volts()
        if v_volt[self._head].max(initial=0.0) < HEAD_PU / DEAD_PU * self._least_v[self._head].max(initial=0.0):
            return None
        dark = frozenset(self._without_supply())
        notes = [
            f"{_some(loads)} of {self._feeder} {what} at t = {time_s:.6g} s"
            for loads, what in ((dark - self._dark, "lost supply"), (self._dark - dark, "got supply back"))
            if loads
        ]
        self._dark = dark
        return v_volt > self._least_v, tuple(notes)

    def hold_dead_controls(self) -> None:
        """A regulator or capacitor control without voltage does not act: it is out of service as long as that lasts.

        OpenDSS itself would take 0 V for a reason to move a regulator to its highest tap.
        """
        for control, element in self._controlled:
            self._circuit.SetActiveElement(element)
            alive = self._alive()
            self._circuit.SetActiveElement(control)
            active = self._circuit.ActiveCktElement
            if bool(active.Enabled) != alive:
                active.Enabled = alive

    def _volts(self) -> Floats:
        """Voltage of every node in V; what OpenDSS has no number for (a line open at both ends) has none."""
        return np.nan_to_num(np.asarray(self._circuit.AllBusVmag, np.float64), nan=0.0, posinf=0.0)

    def _without_supply(self) -> list[str]:
        found = []
        for load in self._loads:
            self._circuit.SetActiveElement(f"Load.{load}")
            if not self._alive():
                found.append(load)
        return found

    def _alive(self) -> bool:
        """Whether any terminal of the active element carries voltage."""
        magnitudes = np.asarray(self._circuit.ActiveCktElement.VoltagesMagAng, np.float64)[::2]
        return bool(np.nan_to_num(magnitudes).max(initial=0.0) > DEAD_VOLT)


def _controlled(engine: Engine) -> tuple[tuple[str, str], ...]:
    """Controls in service, with the transformer or capacitor whose voltage they look at."""
    circuit = engine.ActiveCircuit
    pairs = [(f"RegControl.{r.Name}", f"Transformer.{r.Transformer}") for r in circuit.RegControls]
    pairs += [(f"CapControl.{c.Name}", f"Capacitor.{c.Capacitor}") for c in circuit.CapControls]
    return tuple(pairs)


def _some(loads: frozenset[str], most: int = 5) -> str:
    """`load a`, `3 loads (a, b, c)`."""
    listed = sorted(loads)
    if len(listed) == 1:
        return f"load {listed[0]}"
    return f"{len(listed)} loads ({', '.join(listed[:most])}{', ...' if len(listed) > most else ''})"
