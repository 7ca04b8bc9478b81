"""What two runs recorded, quantity by quantity, and by how much it differs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tdscen.profiles import SLACK
from tdscen.results.errors import ResultsError
from tdscen.results.recording import TIME, Recording, Values, unit_of

Rows = NDArray[np.intp]

TURN_RAD = 2 * np.pi
COUNTING_TURNS = "/delta_rad"
"""Rotor angles: a machine that slipped a pole is a turn away. A phasor a turn away is the same phasor."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Two values agree that differ by no more than `absolute` (in the quantity's unit) plus `relative` times the
    largest magnitude that the quantity has in either run."""

    absolute: float = 0.0
    relative: float = 0.0


@dataclass(frozen=True, slots=True)
class Difference:
    """How far a quantity of the second run is from that of the first; `largest` is met first at `time_s`.

    `first` and `second` are the values there. `allowed` is the tolerance in the quantity's unit.
    """

    name: str
    unit: str
    largest: float
    time_s: float
    rms: float
    first: float
    second: float
    allowed: float

    @property
    def agrees(self) -> bool:
        """Whether it is within the tolerance. What is no number in one run alone never is."""
        return self.largest <= self.allowed


@dataclass(frozen=True, slots=True)
class Differences:
    """All quantities that both runs recorded, the worst first: by how many times its tolerance, then by its largest.

    `times` is how many communication times both have; `only_first`, `only_second`: what one alone recorded, quantities
    and times.
    """

    quantities: tuple[Difference, ...]
    times: int
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    times_only_first: int
    times_only_second: int

    @property
    def agree(self) -> bool:
        """Whether the runs recorded the same quantities at the same times, all within the tolerance."""
        missing = (self.only_first, self.only_second, self.times_only_first, self.times_only_second)
        return not any(missing) and all(quantity.agrees for quantity in self.quantities)


def differences(first: Recording, second: Recording, tolerance: Tolerance) -> Differences:
    """Compare at the communication times that both runs have. Raises `ResultsError` where there is none."""
    rows, others = _common(first, second)
    if not len(rows):
        raise ResultsError("the runs have no communication time in common: there is nothing to compare")
    shared = [name for name in first.names[1:] if name in second]
    time_s = first.time_s[rows]
    found = [
        _difference(name, time_s, first.column(name)[rows], second.column(name)[others], tolerance) for name in shared
    ]
    found.sort(key=lambda each: (-_severity(each), -each.largest, each.name))
    return Differences(
        quantities=tuple(found),
        times=len(rows),
        only_first=tuple(name for name in first.names[1:] if name not in second),
        only_second=tuple(name for name in second.names[1:] if name not in first),
        times_only_first=first.rows - len(rows),
        times_only_second=second.rows - len(rows),
    )


def _common(first: Recording, second: Recording) -> tuple[Rows, Rows]:
    """The rows of each in which both have the same time."""
    if first.rows == 0 or second.rows == 0:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    a, b = first.column(TIME), second.column(TIME)
    nearest = np.clip(np.searchsorted(b, a - SLACK * np.maximum(a, 1.0)), 0, len(b) - 1)
    same = np.abs(b[nearest] - a) <= SLACK * np.maximum(a, 1.0)
    return np.flatnonzero(same), nearest[same]


def _difference(name: str, time_s: Values, first: Values, second: Values, tolerance: Tolerance) -> Difference:
    apart = np.abs(second - first)
    if unit_of(name) == "rad" and not name.endswith(COUNTING_TURNS):
        around = np.abs(apart - TURN_RAD * np.round(apart / TURN_RAD))
        apart = np.where(apart > 0, np.maximum(around, np.finfo(float).tiny), apart)  # a turn: other bits
    apart[np.isnan(first) & np.isnan(second)] = 0.0
    apart[np.isnan(apart)] = np.inf  # a number in one run alone
    place = int(apart.argmax())
    magnitude = max((float(np.abs(v[np.isfinite(v)]).max(initial=0.0)) for v in (first, second)), default=0.0)
    return Difference(
        name=name,
        unit=unit_of(name),
        largest=float(apart[place]),
        time_s=float(time_s[place]),
        rms=float(np.sqrt(np.mean(apart**2))),
        first=float(first[place]),
        second=float(second[place]),
        allowed=tolerance.absolute + tolerance.relative * magnitude,
    )


def _severity(difference: Difference) -> float:
    """By how many times its tolerance it is off; without one, relative to its own size."""
    if difference.largest == 0.0:
        return 0.0
    size = difference.allowed or max(abs(difference.first), abs(difference.second))
    return difference.largest / size if size > 0 else np.inf
