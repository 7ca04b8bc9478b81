"""How far the numbers of one run lie from those of another, at the times that both recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tdscen.results.recording import Recording, Values
from tdscen.times import SAME_S, SWITCH_S

QUANTITIES = ("v_pu", "p_mw", "q_mvar", "drawn_p_mw")
"""Compared at each interface: voltage, what D delivers, what T drew."""

SPEED = "/omega_pu"
"""What the columns of rotor speeds end in."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Of one quantity: the largest difference, when and where it is met, and the root of the mean square (where it is
    largest)."""

    largest: float
    rms: float
    at_s: float
    where: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """One run against another. `quantities`: for each of `QUANTITIES` one difference an interface, in their order.

    `between_jumps_v_pu`: the voltage where no load has jumped since the last communication time (None: there is no
    such time). `speed_pu`: the rotor speed that differs most (None: none was recorded). `times`: how many were
    compared; `left_out`: how many common times are not compared, because they end the 0.1 ms step behind a switching;
    `taps_apart`: at how many of those compared the two runs have not moved as many taps (and capacitor steps).
    """

    times: int
    left_out: int
    taps_apart: int
    quantities: dict[str, tuple[Difference, ...]]
    between_jumps_v_pu: Difference | None
    speed_pu: Difference | None

    def worst(self, quantity: str) -> Difference:
        """The largest difference and the largest RMS of any interface."""
        return worst(self.quantities[quantity])


def worst(differences: Iterable[Difference]) -> Difference:
    """The largest difference, with the largest RMS, which may be met elsewhere."""
    found = tuple(differences)
    top = max(found, key=lambda difference: difference.largest)
    return Difference(top.largest, max(difference.rms for difference in found), top.at_s, top.where)


def compare(
    found: Recording,
    reference: Recording,
    interfaces: Sequence[str],
    *,
    instants_s: Sequence[float] = (),
    jumps_s: Sequence[float] = (),
) -> Comparison:
    """`found` against `reference` at their common times behind 0.

    `instants_s`: when something switches; the rows 0.1 ms later are left out, because a coupling that lags still shows
    there what was before. `jumps_s`: when a load jumps. Raises `ValueError` where no time is common.
    """
    rows, its_rows = common(found.time_s, reference.time_s)
    behind = found.time_s[rows] > SAME_S
    switching = _near(found.time_s[rows], np.asarray(instants_s) + SWITCH_S)
    chosen = behind & ~switching
    if not chosen.any():
        raise ValueError("the runs have no communication time in common")
    rows, its_rows = rows[chosen], its_rows[chosen]
    times_s = found.time_s[rows]

    def difference(column: str, where: str, only: NDArray[np.bool_] | None = None) -> Difference:
        apart = np.abs(found.column(column)[rows] - reference.column(column)[its_rows])
        if only is None:
            return _difference(apart, times_s, where)
        return _difference(apart[only], times_s[only], where)

    quiet = ~_just_jumped(found.time_s, jumps_s)[rows]
    speeds = [name for name in reference.names if name.endswith(SPEED) and name in found]
    return Comparison(
        times=len(rows),
        left_out=int((behind & switching).sum()),
        taps_apart=int(_taps_apart(found, reference, interfaces, rows, its_rows).sum()),
        quantities={q: tuple(difference(f"{i}/{q}", i) for i in interfaces) for q in QUANTITIES},
        between_jumps_v_pu=worst(difference(f"{i}/v_pu", i, quiet) for i in interfaces) if quiet.any() else None,
        speed_pu=worst(difference(name, name.removesuffix(SPEED)) for name in speeds) if speeds else None,
    )


def common(times_s: Values, others_s: Values) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows of the one and of the other at which their times are the same."""
    at = np.clip(np.searchsorted(others_s, times_s - SAME_S), 0, max(len(others_s) - 1, 0))
    rows = np.flatnonzero(np.abs(others_s[at] - times_s) <= SAME_S) if len(others_s) else np.zeros(0, np.intp)
    return rows, at[rows]


def _difference(apart: Values, times_s: Values, where: str) -> Difference:
    top = int(apart.argmax())
    return Difference(float(apart[top]), float(np.sqrt(np.mean(apart**2))), float(times_s[top]), where)


def _near(times_s: Values, others_s: Values) -> NDArray[np.bool_]:
    return np.asarray((np.abs(times_s[:, None] - others_s[None, :]) <= SAME_S).any(axis=1))


def _taps_apart(
    found: Recording,
    reference: Recording,
    interfaces: Sequence[str],
    rows: NDArray[np.intp],
    its_rows: NDArray[np.intp],
) -> NDArray[np.bool_]:
    """For each compared time whether some feeder has moved another number of taps before it than in the reference."""
    apart = np.zeros(len(rows), np.bool_)
    for interface in interfaces:
        column = f"{interface}/taps_moved"  # after the solution of its time
        before, its_before = (np.cumsum(r.column(column)) - r.column(column) for r in (found, reference))
        apart |= before[rows] != its_before[its_rows]
    return apart


def _just_jumped(times_s: Values, jumps_s: Sequence[float]) -> NDArray[np.bool_]:
    """For each time whether a jump lies behind the time before and not behind this one."""
    seen = np.searchsorted(np.asarray(jumps_s), times_s + SAME_S, side="right")
    return np.asarray(np.diff(seen, prepend=0) > 0)
