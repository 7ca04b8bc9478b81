"""What every node's voltage was at the start and at last, and between which values it stayed; two vectors in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tdscen.simulators.adapters import Floats


class Envelope:
    """Takes the voltages of the watched nodes whenever they are read anyway: two comparisons of vectors a reading.

    `readings`: how many there were.
    """

    def __init__(self, nodes: int) -> None:
        self._first, self._last = np.full(nodes, np.nan), np.full(nodes, np.nan)
        self._lowest, self._highest = np.full(nodes, np.inf), np.full(nodes, -np.inf)
        self._watched: NDArray[np.intp] | None = None
        self._now: Floats | None = None
        self.readings = 0

    def watch(self, places: NDArray[np.intp]) -> None:
        """From now on vectors hold the voltages of these nodes; others (which no source feeds any more) have none."""
        self._fold()
        self._watched = places
        self._last[:] = np.nan
        self._low = self._lowest[places]
        self._high = self._highest[places]
        self._now = None

    def take(self, v_pu: Floats) -> None:
        """A reading of the watched nodes in pu; the vector is kept."""
        np.minimum(self._low, v_pu, out=self._low)
        np.maximum(self._high, v_pu, out=self._high)
        self._now = v_pu
        if self.readings == 0:
            self._first[self._watched] = v_pu
        self.readings += 1

    def read(self) -> Floats:
        """First, lowest, highest and last voltage of all nodes in pu (4, n); NaN where there was none."""
        self._fold()
        found = np.array([self._first, self._lowest, self._highest, self._last])
        found[~np.isfinite(found)] = np.nan
        return found

    def _fold(self) -> None:
        if self._watched is None or self._now is None:
            return
        self._lowest[self._watched], self._highest[self._watched] = self._low, self._high
        self._last[self._watched] = self._now
