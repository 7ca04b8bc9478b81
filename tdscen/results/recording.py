"""A run's numbers as one wide table, without pandas: what the journals and `results.parquet` hold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

TIME = "time_s"

HOURS_FROM_S = 3 * 3600.0
"""Runs from this length on are drawn over hours."""

_UNITS = {
    "s": "s",
    "pu": "pu",
    "rad": "rad",
    "kw": "kW",
    "kvar": "kvar",
    "mw": "MW",
    "mvar": "MVAr",
    "kwh": "kWh",
    "a": "A",
}


@dataclass(frozen=True, eq=False)
class Recording:
    """Row k belongs to communication time k; `values[k, i]` is the quantity `names[i]`; `names[0]` is `time_s`."""

    names: tuple[str, ...]
    values: Values

    @property
    def rows(self) -> int:
        """How many communication times there are, t = 0 included."""
        return int(self.values.shape[0])

    @property
    def time_s(self) -> Values:
        """The communication times in s."""
        return self.column(TIME)

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def column(self, name: str) -> Values:
        """The values of one quantity over time. Raises `KeyError` where it was not recorded."""
        return self.values[:, self._places[name]]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.names)}


EMPTY = Recording((TIME,), np.empty((0, 1)))
"""What a run has recorded before its first row."""


def unit_of(name: str) -> str:
    """The unit that a quantity's name ends in (`bus4/drawn_p_mw`: MW); "" for counts, taps and multipliers."""
    return _UNITS.get(name.rpartition("/")[2].rpartition("_")[2], "")
