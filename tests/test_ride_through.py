"""Trip, cessation and return by hand-made voltages, against the tables of IEEE 1547-2018 as they are written here."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tdscen.simulators.ride_through import RideThrough

STEP_S = 0.01


def run(
    unit: RideThrough, pieces: Iterable[tuple[float, float]], start_s: float = 0.0, step_s: float = STEP_S
) -> float:
    """Voltages on all phases alike, each from its moment for so long; returns the time behind the last."""
    time_s = start_s
    for seconds, v_pu in pieces:
        for k in range(round(seconds / step_s)):
            unit.observe(time_s + k * step_s, v_pu, v_pu)
        time_s += round(seconds / step_s) * step_s
    return time_s


def tripped_after(category: str, v_pu: float, step_s: float = STEP_S) -> float | None:
    """How long the voltage has lasted when the unit trips (at most 30 s)."""
    unit = RideThrough(category)
    unit.observe(0.0, 1.0, 1.0)
    for k in range(1, round(30 / step_s) + 2):
        unit.observe(k * step_s, v_pu, v_pu)
        if unit.state == "tripped":
            return (k - 1) * step_s
    return None


# Tables 11, 12 and 13, default settings: just beyond each threshold, and the clearing time.
@pytest.mark.parametrize(
    ("category", "v_pu", "clearing_s"),
    [
        ("category_i", 1.21, 0.16), ("category_i", 1.11, 2.0), ("category_i", 0.69, 2.0), ("category_i", 0.44, 0.16),
        ("category_ii", 1.21, 0.16), ("category_ii", 1.11, 2.0), ("category_ii", 0.69, 10.0),
        ("category_ii", 0.44, 0.16),
        ("category_iii", 1.21, 0.16), ("category_iii", 1.11, 13.0), ("category_iii", 0.87, 21.0),
        ("category_iii", 0.49, 2.0),
    ],
)  # fmt: skip
def test_a_voltage_beyond_a_setting_trips_at_its_clearing_time(category: str, v_pu: float, clearing_s: float) -> None:
    assert tripped_after(category, v_pu) == pytest.approx(clearing_s, abs=STEP_S / 2)


@pytest.mark.parametrize(
    ("category", "v_pu"),
    [("category_i", 0.71), ("category_i", 1.09), ("category_ii", 0.71), ("category_iii", 0.89), ("category_iii", 1.09)],
)
def test_a_voltage_within_all_settings_never_trips(category: str, v_pu: float) -> None:
    assert tripped_after(category, v_pu) is None


def test_any_phase_counts() -> None:
    low, high = RideThrough("category_i"), RideThrough("category_i")
    for k in range(20):
        low.observe(k * STEP_S, 0.40, 1.0)
        high.observe(k * STEP_S, 1.0, 1.25)
    assert (low.state, low.cause) == ("tripped", "UV2")
    assert (high.state, high.cause) == ("tripped", "OV2")


def test_a_recovery_sets_the_timer_back() -> None:
    unit = RideThrough("category_i")
    run(unit, [(1.9, 0.6), (0.02, 0.95), (1.9, 0.6)])
    assert unit.state == "in_service"
    run(unit, [(0.2, 0.6)], start_s=3.82)
    assert unit.state == "tripped"


def test_long_steps_trip_late_and_never_early() -> None:
    unit = RideThrough("category_i")
    unit.observe(0.0, 1.0, 1.0)
    unit.observe(10.0, 0.4, 0.4)
    assert unit.state == "in_service"  # nothing is known of the voltage before 10 s
    unit.observe(20.0, 0.4, 0.4)
    assert unit.state == "tripped"


def test_it_returns_after_300_s_of_good_voltage_and_ramps_for_300_s() -> None:
    unit = RideThrough("category_ii")
    run(unit, [(0.5, 0.3)])
    assert unit.share(0.5) == 0.0
    # Within 0.917 .. 1.05 from 10 s on, but for a moment at 200 s.
    for k in range(10, 900):
        unit.observe(float(k), 0.91 if k == 200 else 0.95, 1.0)
        expected = "tripped" if k < 501 else "in_service"
        assert unit.state == expected, k
    assert unit.share(501.0) == 0.0
    assert unit.share(651.0) == pytest.approx(0.5)
    assert unit.share(801.0) == unit.share(2000.0) == 1.0


def test_category_iii_ceases_below_half_voltage_and_restores_within_400_ms() -> None:
    unit = RideThrough("category_iii")
    end_s = run(unit, [(1.0, 1.0), (0.08, 0.3)])
    assert unit.share(end_s) == 1.0
    end_s = run(unit, [(0.5, 0.3)], end_s)
    assert (unit.state, unit.share(end_s)) == ("ceased", 0.0)
    end_s = run(unit, [(0.39, 0.9)], end_s)
    assert unit.share(end_s) == 0.0
    end_s = run(unit, [(0.05, 0.9)], end_s)
    assert unit.share(end_s) == 1.0


def test_categories_i_and_ii_go_on_until_they_trip() -> None:
    unit = RideThrough("category_ii")
    end_s = run(unit, [(0.15, 0.3)])
    assert unit.share(end_s) == 1.0


def test_an_event_trips_for_good_and_without_a_category_nothing_else_does() -> None:
    unit = RideThrough(None)
    run(unit, [(30.0, 0.1)])
    assert unit.share(30.0) == 1.0
    unit.trip("event")
    run(unit, [(700.0, 1.0)], start_s=30.0, step_s=1.0)
    assert unit.share(730.0) == 0.0
