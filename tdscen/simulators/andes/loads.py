"""The case's static loads while dynamics run: what each draws as a function of its bus's voltage.

ANDES's `PQ` draws `p2p Ppf + p2i Ipeq v + p2z Req v**2`, and its weights belong to the model, not to a load. With all
weights 1 the three coefficients of each load are free: S(v) = a + b v + c v**2.

A constant-power load has no solution below some voltage. Below its own limit (`vmin` of the case, where ANDES's power
flow changes it too) it is the impedance that draws its power at that limit. Which side of the limit a load is on is
part of a step's solution, see `agree`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tdscen.plan import LoadModel
from tdscen.simulators.andes.loading import System

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Complexes = NDArray[np.complex128]
    Flags = NDArray[np.bool_]

WEIGHTS = ("p2p", "p2i", "p2z", "q2q", "q2i", "q2z")

LIMIT_PU = 1e-7
"""A voltage this close to a load's limit is on either side of it: there both forms draw the same."""


class Loads:
    """All n static loads of a system whose dynamics are initialised; powers in pu of the base power."""

    def __init__(self, system: System, interfaces: NDArray[np.intp], others: LoadModel) -> None:
        """`interfaces`: places of the loads that feeders take the place of; `others`: what the rest are."""
        self._pq = pq = system.PQ
        self._power = np.asarray(pq.Ppf.v + 1j * pq.Qpf.v)
        self._slope = np.zeros(pq.n, np.complex128)
        self._limit_pu = np.maximum(np.asarray(pq.vmin.v, np.float64), 0.0)
        self._fixed = np.zeros(pq.n, np.bool_)
        if others == "constant_impedance":
            self._fixed[:] = True
            self._fixed[interfaces] = False
        self._impedance = self._power / np.asarray(pq.v.v) ** 2
        self._low = np.zeros(pq.n, np.bool_)
        self._told = np.zeros(pq.n, np.bool_)
        for weight in WEIGHTS:
            setattr(pq.config, weight, 1.0)
        pq.refresh_inputs()
        pq.refresh_inputs_arg()
        self._apply()

    def hold(self, at: NDArray[np.intp], power: Complexes, slope: Complexes, answered_pu: Complexes) -> None:
        """The loads `at` draw `power` at the voltages `answered_pu`, and `slope` more for each pu above them.

        Below the limit they are the impedance that draws this power at that voltage.
        """
        v_pu, limit_pu = np.abs(answered_pu), self._limit_pu[at]
        below = v_pu < limit_pu
        # What was answered at a low voltage is an impedance's power; above the limit it would be so much.
        at_limit = power * np.where(below & (v_pu > 0), (limit_pu / np.maximum(v_pu, 1e-9)) ** 2, 1.0)
        self._slope[at] = np.where(below, 0.0, slope)
        self._power[at] = at_limit - self._slope[at] * np.where(below, 0.0, v_pu)
        self._apply()

    def change(self, at: int, *, p_pu: float | None = None, q_pu: float | None = None) -> None:
        """Set the power of one of the case's own loads; an impedance keeps drawing its new power at 1 pu."""
        before = self._impedance[at] if self._fixed[at] else self._power[at]
        power = complex(before.real if p_pu is None else p_pu, before.imag if q_pu is None else q_pu)
        self._power[at], self._impedance[at] = power, power
        self._apply()

    def agree(self) -> bool:
        """Whether every load of the last solution is on the side of its limit that it was solved on.

        Where not, the sides are changed for another solution.
        """
        v_pu = np.asarray(self._pq.v.v)
        low = np.where(np.abs(v_pu - self._limit_pu) < LIMIT_PU, self._low, v_pu < self._limit_pu)
        if (low == self._low).all():
            return True
        self._low = low
        self._apply()
        return False

    def all_low(self) -> bool:
        """Make every load an impedance, with which a solution exists; False where they are already."""
        if self._low.all():
            return False
        self._low = np.ones_like(self._low)
        self._apply()
        return True

    @property
    def sides(self) -> Flags:
        """Which loads are below their limit (n); for `restore`."""
        return self._low.copy()

    def restore(self, sides: Flags) -> None:
        """Put the loads back on these sides of their limits."""
        if (sides != self._low).any():
            self._low = sides.copy()
            self._apply()

    def newly_low(self) -> tuple[str, ...]:
        """Names of the loads that are below their limit and were not when this was asked before."""
        new = np.flatnonzero(self._low & ~self._fixed & ~self._told)
        self._told[new] = True
        return tuple(str(self._pq.idx.v[uid]) for uid in new)

    def _apply(self) -> None:
        pq, low, fixed = self._pq, self._low, self._fixed
        limit_pu = np.where(self._limit_pu > 0, self._limit_pu, 1.0)
        at_limit = self._power + self._slope * limit_pu
        c = np.where(fixed, self._impedance, np.where(low, at_limit / limit_pu**2, 0.0))
        a = np.where(fixed | low, 0.0, self._power)
        b = np.where(fixed | low, 0.0, self._slope)
        # In place: ANDES's evaluators keep the arrays they were given.
        for values, p, q in ((a, pq.Ppf, pq.Qpf), (b, pq.Ipeq, pq.Iqeq), (c, pq.Req, pq.Xeq)):
            p.v[:], q.v[:] = values.real, values.imag


class Secant:
    """What feeders' powers do when their voltages change: dS/dv, from two answers at one time (n)."""

    LEAST_PU = 1e-7
    """Voltages that differ by less say nothing of a slope but noise."""

    STEEPEST = 10.0
    """A feeder's power goes with the square of its voltage at most, but for controls that act: no more than this times
    its own power for each pu."""

    def __init__(self, n: int) -> None:
        self.slope = np.zeros(n, np.complex128)
        self._last: tuple[Complexes, NDArray[np.float64]] | None = None

    def learn(self, power: Sequence[complex] | Complexes, answered_pu: Complexes) -> None:
        """Another answer at the same time as the last one."""
        s, v_pu = np.array(power, np.complex128), np.abs(answered_pu)
        if self._last is not None:
            moved_pu = v_pu - self._last[1]
            told = np.abs(moved_pu) > self.LEAST_PU
            slope = (s - self._last[0]) / np.where(told, moved_pu, 1.0)
            told &= np.abs(slope) <= self.STEEPEST * np.abs(s)
            self.slope = np.where(told, slope, self.slope)
        self._last = (s, v_pu)

    def forget(self) -> None:
        """What follows is another time: the next answer is not to be compared with the last one."""
        self._last = None
