"""Where the next solution of a feeder is to be expected, from those before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tdscen.simulators.adapters import Complexes

STILL = 1e-9
"""Moves that are shorter (in pu, and parts of the load) tell of nothing but the last digits of two solutions."""


class Expectation:
    """A feeder's voltages over that of its source (n), as a function of the source's size and the load multiplier.

    The derivatives are not known. Every solution tells something of them: what it was off by was in proportion to the
    moves that led to it (Broyden's update: C. G. Broyden, Math. Comp. 19 (1965), 577-593).
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """What was seen says nothing about what follows."""
        self._at: tuple[float, float] | None = None
        self._moves = (0.0, 0.0)
        self._slopes: list[Complexes | float] = [0.0, 0.0]
        self._expected: Complexes | None = None

    def interrupted(self) -> None:
        """Something else changes: what the next solution is off by is not the moves' doing."""
        self._expected = None

    def next(self, state: Complexes, v_pu: float, multiplier: float) -> Complexes:
        """What to expect at a source of `v_pu` with this multiplier, `state` being the last solution's (n).

        It is compared with the `state` of the next call, unless `interrupted` comes before that.
        """
        if self._expected is not None:
            self._learn(state, self._expected)
        before = self._at or (v_pu, multiplier)
        self._at = (v_pu, multiplier)
        self._moves = (v_pu - before[0], multiplier - before[1])
        expected = state
        for move, slope in zip(self._moves, self._slopes, strict=True):
            if move:
                expected = expected + move * slope
        self._expected = expected
        return expected

    def _learn(self, state: Complexes, expected: Complexes) -> None:
        square = sum(move * move for move in self._moves)
        if square < STILL**2:
            return
        off = state - expected
        self._slopes = [
            slope + (move / square) * off if move else slope
            for move, slope in zip(self._moves, self._slopes, strict=True)
        ]
