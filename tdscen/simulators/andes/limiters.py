"""The limiters of a system, looked at together: most are far from their limits most of the time.

A limiter strictly between its limits has the same flags whatever it limits does. Where it had them at its last look
already, there is nothing to do; otherwise ANDES's own look at it follows.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Part = Any
"""A discrete part of an ANDES model."""

_KINDS = ("Limiter", "HardLimiter", "AntiWindup")
"""Classes of ANDES's of which is known that nothing else than limits decides. By name: whoever imports ANDES here would
import it before `importing` has seen to what it does not need."""


class Limiters:
    """Those of a system's discrete parts that are limiters; the others are `others`."""

    def __init__(self, parts: Iterable[Part]) -> None:
        everything = list(parts)
        self._parts = [part for part in everything if _comparable(part)]
        self.others = [part for part in everything if not _comparable(part)]
        self._at_rest = [False] * len(self._parts)
        sizes = [part.u.v.size for part in self._parts]
        self._starts = list(accumulate(sizes[:-1], initial=0))
        infinite = [np.full(size, np.inf) for size in sizes]
        self._upper = [None if part.no_upper else part.upper for part in self._parts]
        self._lower = [None if part.no_lower else part.lower for part in self._parts]
        self._infinite = infinite
        self._minus_infinite = [-values for values in infinite]
        self._due: list[int] = []

    def look(self) -> None:
        """Find out which limiters have to be looked at, at the present values of what they limit."""
        if not self._parts:
            return
        value = np.concatenate([part.u.v for part in self._parts])
        upper = np.concatenate([i if p is None else p.v for p, i in zip(self._upper, self._infinite, strict=True)])
        lower = np.concatenate(
            [i if p is None else p.v for p, i in zip(self._lower, self._minus_infinite, strict=True)]
        )
        between = (value < upper) & (value > lower)
        if between.all() and all(self._at_rest):
            self._due = []
            return
        clear = np.logical_and.reduceat(between, self._starts).tolist()
        self._due = [i for i, is_clear in enumerate(clear) if not (is_clear and self._at_rest[i])]

    def check_variables(self) -> None:
        """As each one's `check_var`."""
        for i in self._due:
            part = self._parts[i]
            if part.has_check_var:
                part.check_var()
                self._at_rest[i] = _is_at_rest(part)

    def check_equations(self, niter: int) -> None:
        """As each one's `check_eq`."""
        for i in self._due:
            part = self._parts[i]
            if part.has_check_eq:
                part.check_eq(niter=niter)
                self._at_rest[i] = _is_at_rest(part)


def _comparable(part: Part) -> bool:
    """Whether a part is a limiter whose limits are numbers, one for each value."""
    if type(part).__name__ not in _KINDS or not part.enable or not part.u.v.size:
        return False
    limits = [limit for limit, absent in ((part.upper, part.no_upper), (part.lower, part.no_lower)) if not absent]
    plain = part.sign_upper.v == 1 and part.sign_lower.v == 1
    return plain and all(np.shape(limit.v) == part.u.v.shape for limit in limits)


def _is_at_rest(part: Part) -> bool:
    """Whether its flags are those of a value strictly between the limits."""
    return bool(part.zi.all() and not part.zu.any() and not part.zl.any())
