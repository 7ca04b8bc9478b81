"""The node voltages of the last solution, where OpenDSS keeps them: read without a copy, moved without a solution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tdscen.simulators.opendss.engine import Engine

if TYPE_CHECKING:
    from tdscen.simulators.adapters import Complexes
    from tdscen.simulators.opendss.nodes import Flags, Nodes

FAR = 2.0
"""A source that moves by a larger factor than this leaves a state that says nothing about the next one."""

STILL_PU = 1e-9
"""The source has to have moved by more than this if the solutions are to tell what moving it does."""


class NodeVoltages:
    """Voltages to ground of all nodes of the engine's circuit, V."""

    def __init__(self, engine: Engine) -> None:
        self._circuit, self._matrix = engine.ActiveCircuit, engine.YMatrix
        self._buffer = engine._api_util.ffi.buffer
        self._source_pu = 0j
        self._before: tuple[float, Complexes] | None = None
        self._disturbed = False
        self._bytes: int | None = None

    def now(self) -> Complexes:
        """A view of what OpenDSS has in memory (nodes + 1; ground first), good until the next call to the engine."""
        if self._bytes is None:
            self._bytes = 16 * (int(self._circuit.NumNodes) + 1)
        return np.frombuffer(self._buffer(self._matrix.GetVPointer(), self._bytes), np.complex128)

    def places(self, names: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        """Where the nodes of these names (`890.1`) stand in `now`."""
        order = {str(name).lower(): place for place, name in enumerate(self._circuit.YNodeOrder, start=1)}
        return np.array([order[name] for name in names], np.intp)

    def follow(self, source_pu: complex) -> None:
        """Begin the next solution where it is to be expected: what is solved, and how exactly, stays the same.

        OpenDSS iterates from the voltages that it has. They are turned and scaled as the source is; that is the
        solution where all loads are constant impedances. What they were off by when the source moved the last time
        they will be off by again, in proportion. With the steps of a dynamic study this saves half of the iterations:
        3.5 instead of 7.9 on IEEE 123, 4.3 instead of 10.1 on IEEE 34 (1/120 s).
        """
        last, before, disturbed = self._source_pu, self._before, self._disturbed
        self._source_pu, self._disturbed = source_pu, False
        if not last or not 1 / FAR < abs(source_pu / last) < FAR:
            self._before = None
            return
        if source_pu == last:
            self._before = None if disturbed else before
            return
        now = self.now()
        of_source = now / last
        size_pu = abs(last)
        self._before = None if disturbed else (size_pu, of_source)
        if not disturbed and before is not None and before[1].size == of_source.size:
            moved_pu = size_pu - before[0]
            step = abs(source_pu) - size_pu
            if abs(moved_pu) > STILL_PU and abs(step) < FAR * abs(moved_pu):
                of_source = of_source + (of_source - before[1]) * (step / moved_pu)
        np.multiply(of_source, source_pu, out=now)

    def disturbed(self) -> None:
        """Something else than the source changes before the next solution: what it will be off by is not known."""
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
        self.phasors[:] = self._voltages.now()[self._places]

    def leave_out_dead(self, energised: Flags) -> None:
        """From now on extremes are those of the rated nodes that the source feeds (`energised`: n)."""
        self.alive[:] = np.where(energised[self._all_rated], 1.0, np.nan)
