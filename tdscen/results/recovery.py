"""How long a voltage takes to come back after events, as criteria for delayed recovery (FIDVR) ask.

WECC's planning criterion TPL-001-WECC-CRT-3.2, for one, wants load buses above 80 % within 20 s. The clock of an event
starts when it is over: at a fault's clearing, else when it happens. It stops at the first recorded time from which
on the voltage stays above the level until the next event, or the end of the run. An event that comes before the
voltage is back does not start the clock of the one before anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tdscen.plan import Plan, Requirement
from tdscen.results.recording import Recording
from tdscen.results.traces import NotMeasured, Trace, Values, column
from tdscen.times import SAME_S


@dataclass(frozen=True, slots=True)
class Recovery:
    """After the event that is over at `since_s` it takes `duration_s` until the voltage is back, at `back_s`.

    0: it was not below. `back_s` None: it is not back when the recording ends, `duration_s` after the event.
    """

    since_s: float
    duration_s: float
    back_s: float | None

    def note(self, level_pu: float) -> str:
        """In words, when the voltage was back."""
        if self.back_s is None:
            return f"not back above {level_pu:g} pu when the recording ends"
        return (
            f"above {level_pu:g} pu from t = {self.back_s:g} s on"
            if self.duration_s
            else f"never below {level_pu:g} pu"
        )


@dataclass(frozen=True, slots=True)
class Happenings:
    """When events begin, and when they are over (s, ascending)."""

    begin_s: tuple[float, ...]
    over_s: tuple[float, ...]


def happenings(plan: Plan) -> Happenings:
    """Those of the scenario and those kept of the case; an instant that is none of these begins and is over."""
    begin = {event.at_s for event in plan.events} | {event.at_s for event in plan.kept_events}
    over = {event.at_s + (event.clear_after_s or 0.0) for event in plan.events}
    over |= {event.at_s if event.until_s is None else event.until_s for event in plan.kept_events}
    own = begin | over
    kept = {t for t in plan.simulation.instants_s if all(abs(t - known) > SAME_S for known in own)}
    return Happenings(tuple(sorted(begin | kept)), tuple(sorted(over | kept)))


def recoveries(time_s: Values, v_pu: Values, level_pu: float, when: Happenings) -> tuple[Recovery, ...]:
    """One for every event that is over before the recording ends. Row k holds the voltage before what happens then."""
    found = []
    for since in when.over_s:
        first = int(np.searchsorted(time_s, since + SAME_S, side="right"))
        if first == len(time_s):
            continue
        begins = [t for t in when.begin_s if t > since + SAME_S]
        ends = [int(np.searchsorted(time_s, t + SAME_S, side="right")) for t in begins] + [len(time_s)]
        found.append(_recovery(time_s, v_pu < level_pu, since, first, ends))
    return tuple(found)


def _recovery(time_s: Values, low: np.ndarray, since: float, first: int, ends: list[int]) -> Recovery:
    """`ends`: the rows behind those in which the next events begin, and behind the last row."""
    for end in ends:
        below = np.flatnonzero(low[first:end])
        if not len(below):
            return Recovery(since, 0.0, float(time_s[first]))
        back = first + int(below[-1]) + 1
        if back < end:
            return Recovery(since, float(time_s[back]) - since, float(time_s[back]))
    return Recovery(since, float(time_s[-1]) - since, None)


def recovery(plan: Plan, recording: Recording, requirement: Requirement) -> tuple[Trace, ...]:
    """Time in s until the voltage stays above the level, for every interface and event."""
    level = requirement.level_pu
    if level is None:
        raise NotMeasured("it states no level that the voltage has to recover to", violated=True)
    when, allowed_s = happenings(plan), requirement.maximum if requirement.maximum is not None else np.inf
    traces, open_ = [], []
    for interface in plan.interfaces:
        v_pu = column(recording, f"{interface.name}/v_pu")
        for found in recoveries(recording.time_s, v_pu, level, when):
            note = found.note(level)
            values, since_s = np.array([found.duration_s]), np.array([found.since_s])
            traces.append(Trace(interface.name, values, since_s, note))
            if found.back_s is None and found.duration_s <= allowed_s:
                open_.append(f"V at {interface.name} is {note}, {found.duration_s:g} s after t = {found.since_s:g} s")
    if not traces:
        raise NotMeasured("no event is over before the recording ends", violated=True)
    if open_ and all(trace.values[0] <= allowed_s for trace in traces):
        raise NotMeasured(f"{open_[0]}: a longer run would tell", violated=True)
    return tuple(traces)
