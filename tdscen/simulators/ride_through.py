"""Trip, momentary cessation and return to service of one resource, by the voltages of the communication times.

Knows nothing of a simulator: `observe` gets time and voltages of a step that both sides have agreed on, `share` says
what part of its power the resource may deliver. Between two times the voltage is not known, so a timer runs from the
first time at which a voltage is beyond a setting, and acts at the first time at which its delay is over: steps longer
than a clearing time trip late, never early.
"""

from __future__ import annotations

from typing import Literal

from tdscen.simulators.ieee1547 import CESSATION, ENTER_SERVICE, TRIPS, Trip

State = Literal["in_service", "ceased", "tripped"]

SLACK_S = 1e-9
"""Sums of steps that fall short of a delay by less than this have reached it."""


class RideThrough:
    """A state and its timers. `category` None: it trips only by `trip`."""

    def __init__(self, category: str | None) -> None:
        self.state: State = "in_service"
        self.cause = ""
        self._trips = TRIPS[category] if category else ()
        self._cessation = CESSATION.get(category or "")
        self._beyond_since: dict[str, float] = {}
        self._ceasing_since: float | None = None
        self._back_since: float | None = None
        self._ramp_from: float | None = None
        self._for_good = False

    def share(self, time_s: float) -> float:
        """The part of its power that the resource may deliver at this time: 0 out of service, a ramp on return."""
        if self.state != "in_service":
            return 0.0
        if self._ramp_from is None:
            return 1.0
        return min(1.0, max(0.0, (time_s - self._ramp_from) / ENTER_SERVICE.ramp_s))

    def trip(self, cause: str) -> None:
        """Out of service for good: what an event does."""
        self.state, self.cause, self._for_good = "tripped", cause, True

    def observe(self, time_s: float, low_pu: float, high_pu: float) -> None:
        """The lowest and the highest voltage at the terminals at this time; later times only."""
        if self._for_good or not self._trips:
            return
        if self.state == "tripped":
            self._wait_for_return(time_s, low_pu, high_pu)
            return
        due = [trip for trip in self._trips if self._due(trip, time_s, low_pu, high_pu)]
        if due:
            self.state, self.cause = "tripped", due[0].name
            self._beyond_since.clear()
            self._ceasing_since = self._back_since = self._ramp_from = None
            return
        self._cease(time_s, low_pu, high_pu)

    def _due(self, trip: Trip, time_s: float, low_pu: float, high_pu: float) -> bool:
        if not trip.beyond(low_pu, high_pu):
            self._beyond_since.pop(trip.name, None)
            return False
        return time_s - self._beyond_since.setdefault(trip.name, time_s) >= trip.clearing_s - SLACK_S

    def _cease(self, time_s: float, low_pu: float, high_pu: float) -> None:
        cessation = self._cessation
        if cessation is None:
            return
        if low_pu < cessation.low_pu or high_pu > cessation.high_pu:
            self._back_since = None
            if self._ceasing_since is None:
                self._ceasing_since = time_s
            if time_s - self._ceasing_since >= cessation.response_s - SLACK_S:
                self.state, self.cause = "ceased", "momentary cessation"
            return
        self._ceasing_since = None
        if self.state == "ceased":
            if self._back_since is None:
                self._back_since = time_s
            if time_s - self._back_since >= cessation.restore_s - SLACK_S:
                self.state, self.cause, self._back_since = "in_service", "", None

    def _wait_for_return(self, time_s: float, low_pu: float, high_pu: float) -> None:
        if low_pu < ENTER_SERVICE.low_pu or high_pu > ENTER_SERVICE.high_pu:
            self._back_since = None
            return
        if self._back_since is None:
            self._back_since = time_s
        if time_s - self._back_since >= ENTER_SERVICE.delay_s - SLACK_S:
            self.state, self.cause = "in_service", ""
            self._back_since, self._ramp_from = None, time_s
