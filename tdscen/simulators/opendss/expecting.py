"""Where the next solution of a feeder is to be expected, from those before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tdscen.simulators.adapters import Complexes

STILL = 1e-9
"""Moves that are shorter (in pu, and parts of the load) tell of nothing but the last digits of two solutions."""


LEAP = 30.0
"""A derivative foresees moves up to so many times as long as the one that it was learned from: where a load changes its
nature at some voltage, a short move may have told of a step instead of a slope."""


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
        self._reach = [0.0, 0.0]
        self._expected: Complexes | None = None

    def interrupted(self) -> None:
        """Something else changes: what the next solution is off by is not the moves' doing."""
        self._expected = None

    def next(self, state: Complexes, v_pu: float, multiplier: float) -> Complexes:
        """What to expect at a source of `v_pu` with this multiplier, `state` being the last solution's (n).

        It is compared with the `state` of the next call, unless `interrupted` comes before that.
        """
        before = self._at or (v_pu, multiplier)
        moves = (v_pu - before[0], multiplier - before[1])
        if self._expected is not None and self._tells_of(moves):
            self._learn(state - self._expected)
        expected = state
        for move, slope, reach in zip(moves, self._slopes, self._reach, strict=True):
            if move and abs(move) <= reach:
                expected = expected + move * slope
        self._at, self._moves, self._expected = (v_pu, multiplier), moves, expected
        return expected

    def _tells_of(self, moves: tuple[float, float]) -> bool:
        """Whether the last moves were long enough to say something about these; else what is known stays."""
        long = all(abs(new) <= LEAP * abs(move) for new, move in zip(moves, self._moves, strict=True) if move)
        return long and max(map(abs, self._moves)) > STILL

    def _learn(self, off: Complexes) -> None:
        """The last solution was off by so much after the last moves."""
        square = sum(move * move for move in self._moves)
        for i, move in enumerate(self._moves):
            if move:
                self._slopes[i] = self._slopes[i] + (move / square) * off
                self._reach[i] = LEAP * abs(move)
