"""The node voltages of the last solution, where OpenDSS keeps them: read without a copy, moved without a solution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tdscen.simulators.opendss.engine import Engine
from tdscen.simulators.opendss.expecting import Expectation
from tdscen.simulators.opendss.native import Native

if TYPE_CHECKING:
    from tdscen.simulators.adapters import Complexes
    from tdscen.simulators.opendss.nodes import Flags, Nodes

FAR = 2.0
"""A source that moves by a larger factor than this leaves a state that says nothing about the next one."""


class NodeVoltages:
    """Voltages to ground of all nodes of the engine's circuit, V."""

    def __init__(self, engine: Engine) -> None:
        self._circuit, self._native = engine.ActiveCircuit, Native(engine)
        ffi = engine._api_util.ffi
        self._buffer, self._pointer = ffi.buffer, ffi.new("double**")
        self._source_pu, self._multiplier = 0j, 1.0
        self._expectation = Expectation()
        self._disturbed = False
        self._bytes: int | None = None

    def now(self) -> Complexes:
        """A view of what OpenDSS has in memory (nodes + 1; ground first), good until the next call to the engine."""
        if self._bytes is None:
            self._bytes = 16 * (int(self._circuit.NumNodes) + 1)
        self._native.voltage_pointer(self._pointer)
        return np.frombuffer(self._buffer(self._pointer[0], self._bytes), np.complex128)

    def places(self, names: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        """Where the nodes of these names (`890.1`) stand in `now`."""
        order = {str(name).lower(): place for place, name in enumerate(self._circuit.YNodeOrder, start=1)}
        return np.array([order[name] for name in names], np.intp)

    def follow(self, source_pu: complex, multiplier: float) -> None:
        """Begin the next solution where it is to be expected: what is solved, and how exactly, stays the same.

        OpenDSS iterates from the voltages that it has. They are turned and scaled as the source is; that is the
        solution where all loads are constant impedances. What is off by that is foreseen from the solutions before
        (`Expectation`). With steps of 1/30 s and loads that jump every second this saves more than half of the
        iterations.
        """
        last, disturbed = self._source_pu, self._disturbed
        same = source_pu == last and multiplier == self._multiplier
        self._source_pu, self._multiplier, self._disturbed = source_pu, multiplier, False
        if not last or not 1 / FAR < abs(source_pu / last) < FAR:
            self._expectation.forget()
            return
        if not same:
            now = self.now()
            expected = self._expectation.next(now / last, abs(source_pu), multiplier)
            np.multiply(expected, source_pu, out=now)
        if disturbed:
            self._expectation.interrupted()

    def disturbed(self) -> None:
        """Something else than source and multiplier changes before the next solution: its effect is not known."""
        self._disturbed, self._bytes = True, None


class Taken:
    """The voltages of one feeder after its last solution, and between which values they stayed.

    They are copied right after the solution: with a hundred feeders in a process the engine's memory is cold again when
    the recording asks for it, and every call to it costs three times as much. The arrays are views into those of
    whoever works on several feeders at once (`recorded`).

    `phasors`: of all nodes in V (n). `rated`: places of the phases that an extreme can be about (r). `alive`: 1 for
    those of them that the source feeds now, NaN for others (r). `envelope`: their first, lowest, highest and last
    voltage in pu at the recorded times, NaN where there was none (4, r).
    """

    def __init__(self, voltages: NodeVoltages, at: Nodes) -> None:
        self._voltages = voltages
        self._places = voltages.places(at.names)
        self._all_rated = at.rated
        with np.errstate(divide="ignore"):
            self.per_volt = np.where(at.base_kv > 0, 1e-3 / at.base_kv, 0.0)
        """What makes pu of volt (n); 0 where the model gives no base voltage."""
        self.rated = np.flatnonzero(at.rated)
        self.phasors = np.empty(len(at.names), np.complex128)
        self.alive = np.ones(self.rated.size)
        self.envelope = np.full((4, self.rated.size), np.nan)
        self.take()

    def take(self) -> None:
        """Keep the voltages of the solution that was just made."""
        np.take(self._voltages.now(), self._places, out=self.phasors, mode="clip")  # as fast as it gets; all fit

    def leave_out_dead(self, energised: Flags) -> None:
        """From now on extremes are those of the rated nodes that the source feeds (`energised`: n)."""
        self.alive[:] = np.where(energised[self._all_rated], 1.0, np.nan)
