"""Requirements of studies with events: recovery, and what balance and causality make of faults."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from run_folders import SLOPE_PU_PER_MW, make_journals, make_plan

from tdscen.plan import Event, Plan, Requirement, Target
from tdscen.results.causality import undisturbed
from tdscen.results.recording import Recording
from tdscen.results.recovery import Happenings, Recovery, happenings, recoveries
from tdscen.results.requirements import Outcome, judge_one

BUS = Target("ieee14", "bus", 5)
FAULT = Event("dip", 1.0, "fault", BUS, clear_after_s=0.1)
TRIP = Event("trip", 5.0, "trip", Target("ieee14", "generator", 2))
AFTER = 1e-4  # the row behind an event


def times(*instants: float) -> np.ndarray:
    regular = np.arange(0, 81) / 8
    return np.unique(np.concatenate([regular, *([t, t + AFTER] for t in instants)]))


def recovered(v_pu: object, when: Happenings, at: np.ndarray) -> tuple[Recovery, ...]:
    return recoveries(at, np.array([v_pu(t) for t in at]), 0.9, when)  # type: ignore[operator]


ONE = Happenings((1.0,), (1.1,))


def test_the_clock_starts_at_the_clearing_and_stops_where_the_voltage_stays() -> None:
    """Back at 2 s, below again from 2.5 s to 3.5 s: it stays above from 3.5 s on."""

    def v_pu(t: float) -> float:
        return 0.5 if 1.0 < t < 2.0 else 0.85 if 2.5 <= t < 3.5 else 1.0

    assert recovered(v_pu, ONE, times(1.0, 1.1)) == (Recovery(1.1, pytest.approx(2.4), 3.5),)


def test_the_row_of_the_clearing_is_still_the_fault() -> None:
    assert recovered(lambda t: 0.2 if 1.0 < t <= 1.1 else 1.0, ONE, times(1.0, 1.1)) == (
        Recovery(1.1, 0.0, 1.1 + AFTER),
    )


def test_a_voltage_that_never_comes_back_is_said() -> None:
    found = recovered(lambda t: 0.8 if t > 1.0 else 1.0, ONE, times(1.0, 1.1))
    assert found == (Recovery(1.1, pytest.approx(8.9), None),)


def test_the_dip_of_the_next_event_is_not_that_of_the_one_before() -> None:
    two = Happenings((1.0, 5.0), (1.1, 5.0))
    found = recovered(lambda t: 0.8 if 1.0 < t < 2.0 or 5.0 < t < 6.0 else 1.0, two, times(1.0, 1.1, 5.0))
    assert found == (Recovery(1.1, pytest.approx(0.9), 2.0), Recovery(5.0, pytest.approx(1.0), 6.0))


def test_an_event_before_the_voltage_is_back_does_not_start_the_clock_anew() -> None:
    two = Happenings((1.0, 2.0), (1.1, 2.0))
    found = recovered(lambda t: 0.8 if 1.0 < t < 3.0 else 1.0, two, times(1.0, 1.1, 2.0))
    assert found == (Recovery(1.1, pytest.approx(1.9), 3.0), Recovery(2.0, pytest.approx(1.0), 3.0))


def test_events_of_the_case_are_known_by_their_instants() -> None:
    plan = with_events(make_plan(), FAULT, instants=(1.0, 1.1, 4.0))
    assert happenings(plan) == Happenings((1.0, 4.0), (1.1, 4.0))


def with_events(plan: Plan, *events: Event, instants: tuple[float, ...]) -> Plan:
    return replace(plan, events=events, simulation=replace(plan.simulation, instants_s=instants))


def recording(plan: Plan, **changed: object) -> Recording:
    """A run with load factors that wobble until 1 s is over, a fault then, and a load that follows the voltage."""
    journals = make_journals(plan)
    columns = journals["ieee14"] | journals["ieee34"]
    return Recording(tuple(columns), np.column_stack(list(columns.values())))


def disturbed(back_s: float, instants: tuple[float, ...] = (6.0, 6.5), interfaces: int = 1) -> tuple[Plan, Recording]:
    plan = with_events(
        make_plan(interfaces=interfaces), Event("dip", 6.0, "fault", BUS, clear_after_s=0.5), instants=instants
    )
    found = recording(plan)
    values = found.values.copy()
    low = (found.time_s > 6.0) & (found.time_s < back_s)
    names = list(found.names)
    values[low, names.index("bus4/v_pu")] = 0.55
    values[low, names.index("bus4/drawn_p_mw")] = 20.0
    return plan, Recording(found.names, values)


def ask(within_s: float, level_pu: float | None = 0.9) -> Requirement:
    return Requirement("recovery", "recovery", None, within_s, "s", "as agreed", level_pu=level_pu)


def judged(within_s: float, back_s: float, interfaces: int = 1) -> Outcome:
    return judge_one(*disturbed(back_s, interfaces=interfaces), ask(within_s))


def test_recovery_within_the_time_states_figure_time_and_place() -> None:
    found = judged(4.0, 10.0, interfaces=2)
    assert (found.holds, found.measured, found.time_s, found.where) == (True, 3.5, 6.5, "bus4")
    assert found.sentence == (
        "the recovery time is 3.5 s at bus4, t = 6.5 s (above 0.9 pu from t = 10 s on), within the maximum of 4 s"
    )


def test_recovery_that_takes_too_long() -> None:
    found = judged(3.0, 10.0)
    assert found.holds is False
    assert "0.5 s beyond the maximum of 3 s (required: as agreed)" in found.sentence
    found = judged(3.0, 99.0)
    assert (found.holds, found.measured) == (False, 8.5)
    assert "(not back above 0.9 pu when the recording ends)" in found.sentence


def test_a_run_that_ends_before_the_time_has_passed_cannot_be_judged() -> None:
    found = judged(8.5, 99.0)
    assert (found.holds, found.measured) == (False, None)
    assert "V at bus4 is not back above 0.9 pu when the recording ends, 8.5 s after t = 6.5 s" in found.sentence


def test_recovery_without_an_event_or_a_level_is_no_pass() -> None:
    plan = make_plan()
    assert judge_one(plan, recording(plan), ask(2.0)).holds is False
    assert "states no level" in judge_one(*disturbed(10.0), ask(2.0, None)).sentence


def test_causality_is_judged_until_the_first_event() -> None:
    """A dip in which the load draws less has V and P fall together, whatever the feeder does."""
    plan, found = disturbed(10.0)
    asked = Requirement("causality", "causality", None, 0.0, "pu/MW", "")
    outcome = judge_one(plan, found, asked)
    assert outcome.holds is True
    assert outcome.measured == pytest.approx(SLOPE_PU_PER_MW, rel=1e-9)
    assert "over 7 points until the first event at t = 6 s" in outcome.sentence
    assert undisturbed(plan, found).rows == 7
    blind = replace(plan, simulation=replace(plan.simulation, instants_s=()))
    assert judge_one(blind, found, asked).holds is False


def test_balance_in_a_dip_tells_the_voltage() -> None:
    """With a lag, what T draws as an impedance is not what D delivered at another voltage: it is not hidden."""
    plan, found = disturbed(10.0)
    outcome = judge_one(plan, found, Requirement("balance", "balance", None, 1.0, "kW", ""))
    assert outcome.holds is False
    assert outcome.time_s in (7.0, 8.0, 9.0)
    assert "(with V = 0.55 pu)" in outcome.sentence
