"""Long runs on the page: fewer points than communication times, and no extreme lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

MOST_TIMES = 5000
"""So many communication times are drawn as they are: several for every pixel of a chart."""


@dataclass(frozen=True, slots=True, eq=False)
class Thinning:
    """Rows in groups of neighbours, of each of which a trace keeps its lowest and its highest value, in their order.

    `starts` (g): the first row of each group; groups follow each other without gaps. The first and the last row are
    groups of their own, so that a trace begins and ends where it does. None: nothing is thinned.
    """

    starts: NDArray[np.intp] | None
    rows: int

    @classmethod
    def of(cls, rows: int) -> Self:
        """Groups of equally many rows: where steps are refined behind an event, groups are shorter in time too."""
        if rows <= MOST_TIMES:
            return cls(None, rows)
        inner = np.linspace(1, rows - 1, MOST_TIMES // 2 - 1).astype(np.intp)[:-1]
        return cls(np.concatenate(([0], inner, [rows - 1])), rows)

    @property
    def times(self) -> int:
        """How many points a trace has."""
        return self.rows if self.starts is None else 2 * len(self.starts)

    def times_s(self, time_s: Values) -> Values:
        """The times of the points: of each group its first and its last."""
        if self.starts is None:
            return time_s
        ends = np.append(self.starts[1:], self.rows) - 1
        return np.column_stack([time_s[self.starts], time_s[ends]]).ravel()

    def values(self, values: Values) -> Values:
        """The points of traces (one a row of `values`, times across), NaN where a group has none."""
        if self.starts is None:
            return values
        groups = np.split(np.atleast_2d(values), self.starts[1:], axis=1)
        pairs = [_extremes(group) for group in groups]
        return np.concatenate(pairs, axis=1).reshape(*values.shape[:-1], -1)


def _extremes(group: Values) -> Values:
    """Lowest and highest of each row, the one that comes first first (m, 2)."""
    low = np.where(np.isnan(group), np.inf, group).argmin(axis=1)
    high = np.where(np.isnan(group), -np.inf, group).argmax(axis=1)
    each = np.arange(len(group))
    first, second = np.minimum(low, high), np.maximum(low, high)
    return np.column_stack([group[each, first], group[each, second]])
