"""The node voltages of the last solution, where OpenDSS keeps them: read without a copy, moved without a solution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tdscen.simulators.opendss.engine import Engine

if TYPE_CHECKING:
    from tdscen.simulators.adapters import Complexes, Floats

FAR = 2.0
"""A source that moves by a larger factor than this leaves a state that says nothing about the next one."""


class NodeVoltages:
    """Voltages to ground of all nodes of the engine's circuit, V."""

    def __init__(self, engine: Engine) -> None:
        self._circuit, self._matrix = engine.ActiveCircuit, engine.YMatrix
        self._buffer = engine._api_util.ffi.buffer
        self._source_pu = 0j

    def now(self) -> Complexes:
        """A view of what OpenDSS has in memory (nodes + 1; ground first), good until the next call to the engine."""
        size = 16 * (int(self._circuit.NumNodes) + 1)
        return np.frombuffer(self._buffer(self._matrix.GetVPointer(), size), np.complex128)

    def places(self, names: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        """Where the nodes of these names (`890.1`) stand in `now`."""
        order = {str(name).lower(): place for place, name in enumerate(self._circuit.YNodeOrder, start=1)}
        return np.array([order[name] for name in names], np.intp)

    def follow(self, source_pu: complex) -> None:
        """Begin the next solution where the last one would be if all nodes moved as the source does.

        OpenDSS iterates from the voltages that it has. All constant-impedance loads would make this the solution; with
        others it saves one iteration of seven at the small steps of a dynamic study, most of them when only the angle
        of the source moves. What is solved, and how exactly, stays the same.
        """
        last, self._source_pu = self._source_pu, source_pu
        if last and source_pu != last and 1 / FAR < abs(source_pu / last) < FAR:
            self.now()[:] *= source_pu / last


class RatedVoltages:
    """Magnitudes in pu of the nodes with a base voltage, by one pass over what OpenDSS has in memory.

    `take` copies them right after a solution, `read` works on the copy: with a hundred feeders in a process the
    engine's memory is cold again when the recording asks for it, and every call to it costs three times as much.
    """

    def __init__(self, voltages: NodeVoltages, names: Sequence[str], base_kv: Floats) -> None:
        """`base_kv`: phase to neutral, for each of `names` (n); 0 where the model gives none, whose voltage is 0 pu."""
        self._voltages = voltages
        self._places = voltages.places(names)
        with np.errstate(divide="ignore"):
            self._per_volt = np.where(base_kv > 0, 1e-3 / base_kv, 0.0)
        self.take()

    def take(self) -> None:
        """Keep the voltages of the solution that was just made."""
        self._taken = self._voltages.now()[self._places]

    def read(self) -> Floats:
        """The magnitudes when they were taken, in the order of the names (n)."""
        v_pu = np.abs(self._taken) * self._per_volt
        if not v_pu.max(initial=0.0) < np.inf:
            v_pu = np.nan_to_num(v_pu, nan=0.0, posinf=0.0)
        return np.asarray(v_pu)
