"""Load profiles as data: dimensionless multipliers over time, and their numbers at given times.

A profile is a small expression tree. The front end builds it, the plan carries it, the federates evaluate it with
`sample`; nothing here executes text. All randomness comes from seeds written in the tree.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Values = NDArray[np.float64]

SLACK = 1e-9
"""Fraction of an interval by which a time may fall short of its border and still count as on it."""


@dataclass(frozen=True, slots=True)
class Constant:
    """The same value at all times."""

    value: float
    kind: ClassVar[str] = "constant"


@dataclass(frozen=True, slots=True)
class Normal:
    """Independent draws `mean + std * randn`, the k-th held from `k * every_s` (numpy's RandomState(seed))."""

    mean: float
    std: float
    every_s: float
    seed: int
    independent: bool = False
    kind: ClassVar[str] = "normal"


@dataclass(frozen=True, slots=True)
class RandomWalk:
    """`start` plus the running sum of draws `std * randn`; the value is `start` until `every_s`."""

    start: float
    std: float
    every_s: float
    seed: int
    independent: bool = False
    kind: ClassVar[str] = "random_walk"


@dataclass(frozen=True, slots=True)
class Step:
    """`before` until `at_s`, `to` from then on."""

    at_s: float
    to: float
    before: float = 1.0
    kind: ClassVar[str] = "step"


@dataclass(frozen=True, slots=True)
class Ramp:
    """`from_value` until `start_s`, `to` from `stop_s`, linear between."""

    from_value: float
    to: float
    start_s: float
    stop_s: float
    kind: ClassVar[str] = "ramp"


@dataclass(frozen=True, slots=True)
class Sinusoid:
    """`mean + amplitude * sin(2 pi t / period_s + phase_rad)`."""

    amplitude: float
    period_s: float
    phase_rad: float = 0.0
    mean: float = 1.0
    kind: ClassVar[str] = "sinusoid"


@dataclass(frozen=True, slots=True)
class Pulse:
    """`to` from `start_s` until `stop_s`, `base` outside."""

    start_s: float
    stop_s: float
    to: float
    base: float = 1.0
    kind: ClassVar[str] = "pulse"


@dataclass(frozen=True, slots=True)
class Table:
    """Values at times read from a CSV file at compile time, `linear` between them or the `previous` one held."""

    times_s: tuple[float, ...]
    values: tuple[float, ...]
    interpolation: Literal["linear", "previous"]
    source: str
    kind: ClassVar[str] = "table"


@dataclass(frozen=True, slots=True)
class Combine:
    """Two profiles under one arithmetic operator."""

    operator: Literal["+", "-", "*", "/"]
    left: Profile
    right: Profile
    kind: ClassVar[str] = "combine"


Profile = Constant | Normal | RandomWalk | Step | Ramp | Sinusoid | Pulse | Table | Combine


def sample(profile: Profile, times_s: ArrayLike) -> Values:
    """Values of `profile` at `times_s` (any ascending sequence of times in s), a float array of the same length."""
    import numpy as np

    return _sample(profile, np.asarray(times_s, dtype=float))


def _sample(profile: Profile, t: Values) -> Values:
    import numpy as np

    match profile:
        case Constant(value):
            return np.full_like(t, value)
        case Normal(mean, std, every_s, seed):
            k = _interval(t, every_s)
            return np.asarray(mean + std * np.random.RandomState(seed).randn(int(k.max(initial=0)) + 1)[k])
        case RandomWalk(start, std, every_s, seed):
            k = _interval(t, every_s)
            draws = std * np.random.RandomState(seed).randn(int(k.max(initial=0)))
            return np.asarray(start + np.concatenate(([0.0], np.cumsum(draws)))[k])
        case Step(at_s, to, before):
            return np.where(_reached(t, at_s), to, before)
        case Ramp(from_value, to, start_s, stop_s):
            return np.interp(t, (start_s, stop_s), (from_value, to))
        case Sinusoid(amplitude, period_s, phase_rad, mean):
            return np.asarray(mean + amplitude * np.sin(2 * np.pi * t / period_s + phase_rad))
        case Pulse(start_s, stop_s, to, base):
            return np.where(_reached(t, start_s) & ~_reached(t, stop_s), to, base)
        case Table(times_s, values, "linear"):
            return np.interp(t, times_s, values)
        case Table(times_s, values):
            known = np.asarray(times_s)
            at = np.searchsorted(known, t + SLACK * np.maximum(1.0, t), side="right") - 1
            return np.asarray(values)[np.maximum(at, 0)]
        case Combine(operator, left, right):
            a, b = _sample(left, t), _sample(right, t)
            return {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}[operator](a, b)
    raise TypeError(f"{type(profile).__name__} is not a profile")


def _interval(t: Values, every_s: float) -> NDArray[np.intp]:
    """Index k of the interval `[k * every_s, (k + 1) * every_s)` that each time falls in."""
    import numpy as np

    return np.floor(t / every_s + SLACK).astype(np.intp)


def _reached(t: Values, at_s: float) -> NDArray[np.bool_]:
    """Which times are at or after `at_s`, with the slack that repeated additions of a step need."""
    import numpy as np

    return np.asarray(t >= at_s - SLACK * max(1.0, abs(at_s)))


def seeds(profile: Profile) -> tuple[int, ...]:
    """The random seeds that the profile uses, in reading order."""
    match profile:
        case Normal() | RandomWalk():
            return (profile.seed,)
        case Combine():
            return seeds(profile.left) + seeds(profile.right)
    return ()


def shortest_draw_s(profile: Profile) -> float | None:
    """The shortest time between two draws of the profile (None: it draws nothing)."""
    match profile:
        case Normal() | RandomWalk():
            return profile.every_s
        case Combine():
            found = [s for s in (shortest_draw_s(profile.left), shortest_draw_s(profile.right)) if s is not None]
            return min(found, default=None)
    return None


def end_s(profile: Profile) -> float | None:
    """The last time for which the profile has data (None: it never ends); the shortest table decides."""
    match profile:
        case Table():
            return profile.times_s[-1]
        case Combine():
            ends = [end for end in (end_s(profile.left), end_s(profile.right)) if end is not None]
            return min(ends, default=None)
    return None


def for_interface(profile: Profile, interface: str) -> Profile:
    """The profile as one interface sees it: every `independent` draw gets a seed of its own.

    The stream is derived from the written seed and the interface's name (SHA-256, 32 bits), so that adding an
    interface changes no other.
    """
    match profile:
        case Normal(independent=True) | RandomWalk(independent=True):
            digest = hashlib.sha256(f"{profile.seed}/{interface}".encode()).digest()
            return replace(profile, seed=int.from_bytes(digest[:4], "big"), independent=False)
        case Combine():
            return replace(
                profile,
                left=for_interface(profile.left, interface),
                right=for_interface(profile.right, interface),
            )
    return profile
