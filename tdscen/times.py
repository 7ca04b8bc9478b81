"""When a study exchanges: the communication times, exact and the same for every federate.

Steps are counted from zero; an event ends a step and opens another, and `refine` puts a smaller step behind events.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

SWITCH_S = 1e-4
"""How long the step behind an event is. Voltages jump at an event: the row at its time shows what was before, the next
one what is after. ANDES's own integration takes a step of this length there too."""

SAME_S = 1e-9
"""Two times this close are one time: HELICS counts nanoseconds."""

ANSWER_OFFSET_S = 1e-6
"""With `serial` coupling feeders run this much later than the transmission system, so that they see its voltage of
the same step. Small against any step, large against HELICS's nanosecond; recorded times are without it."""

LEAST_OFFSET_S = 1e-8
"""Ten times the resolution of HELICS's clock."""


def exchange_offset_s(room_s: float, exchanges: int) -> float:
    """How far apart the time requests of so many exchanges may be so that all fit into a quarter of a step."""
    return min(ANSWER_OFFSET_S, room_s / (4 * (exchanges + 2)))


def communication_times_s(
    step_s: float,
    steps: int,
    instants_s: Sequence[float] = (),
    refine_step_s: float | None = None,
    refine_for_s: float = 0.0,
) -> tuple[float, ...]:
    """0, `step_s`, 2 `step_s`, ... (`steps` of them behind 0), and what events at `instants_s` add.

    Each instant t gives t itself and t + `SWITCH_S`; other times closer to it than that give way. With
    `refine_step_s` the times from an instant until `refine_for_s` later (or the next instant) are multiples of that
    step behind it, in place of the regular ones.
    """
    regular = [k * step_s for k in range(steps + 1)]
    stop_s = regular[-1]
    instants = sorted({t for t in instants_s if t < stop_s - SAME_S})
    if not instants:
        return tuple(regular)
    kept: set[float] = {0.0, stop_s}
    for i, begin in enumerate(instants):
        after = begin + SWITCH_S
        kept |= {begin, after} if after < stop_s - SWITCH_S / 2 else {begin}
        if refine_step_s is not None:
            following = instants[i + 1] if i + 1 < len(instants) else stop_s
            end = min(begin + refine_for_s + SAME_S, following - SWITCH_S / 2, stop_s - SWITCH_S / 2)
            kept |= set(_behind(begin, refine_step_s, end))
    special = sorted(kept)
    free = [t for t in regular if not _crowded(t, special, instants, refine_step_s, refine_for_s)]
    return tuple(sorted({*free, *special}))


def _behind(begin: float, step_s: float, end: float) -> Iterator[float]:
    """begin + step, begin + 2 step, ... up to `end`."""
    k = 1
    while begin + k * step_s <= end:
        if k * step_s > 1.5 * SWITCH_S:
            yield begin + k * step_s
        k += 1


def _crowded(
    t: float, special: Sequence[float], instants: Sequence[float], refine_step_s: float | None, refine_for_s: float
) -> bool:
    """Whether a regular time gives way: next to a special one, or in the refined time behind an instant."""
    at = bisect_left(special, t)
    near = min(abs(special[i] - t) for i in (at - 1, at) if 0 <= i < len(special))
    if near < SWITCH_S:
        return True
    before = bisect_right(instants, t) - 1
    if refine_step_s is None or before < 0:
        return False
    end = instants[before] + refine_for_s
    return t < end + min(SWITCH_S, refine_step_s / 2)
