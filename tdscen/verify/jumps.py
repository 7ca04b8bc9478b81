"""When a load profile jumps: there every coupling that lags is late by the whole jump, however short its step."""

from __future__ import annotations

from math import floor

from tdscen.profiles import SLACK, Combine, Normal, Profile, Pulse, RandomWalk, Step, Table


def jumps_s(profile: Profile, stop_s: float) -> tuple[float, ...]:
    """Times behind 0 and up to `stop_s` at which the profile may change at once, ascending, in s."""
    return tuple(sorted({t for t in _jumps(profile, stop_s) if 0.0 < t <= stop_s * (1 + SLACK)}))


def _jumps(profile: Profile, stop_s: float) -> tuple[float, ...]:
    match profile:
        case Normal(std=std, every_s=every_s) | RandomWalk(std=std, every_s=every_s) if std != 0:
            return tuple(k * every_s for k in range(1, floor(stop_s / every_s + SLACK) + 1))
        case Step(at_s, to, before) if to != before:
            return (at_s,)
        case Pulse(start_s, end_s, to, base) if to != base:
            return (start_s, end_s)
        case Table(times_s, values, "previous"):
            changes = zip(times_s[1:], values, values[1:], strict=False)
            return tuple(t for t, before, after in changes if before != after)
        case Combine(_, left, right):
            return (*_jumps(left, stop_s), *_jumps(right, stop_s))
    return ()
