"""Communication times: exact, complete, and events on their own times."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tdscen.times import SWITCH_S, communication_times_s


def test_without_events_they_are_multiples_of_the_step() -> None:
    assert communication_times_s(0.1, 1000) == tuple(k * 0.1 for k in range(1001))


def test_an_event_adds_its_time_and_the_moment_after() -> None:
    assert communication_times_s(0.5, 4, (1.0,)) == (0.0, 0.5, 1.0, 1.0 + SWITCH_S, 1.5, 2.0)
    assert communication_times_s(0.5, 4, (0.7,)) == (0.0, 0.5, 0.7, 0.7 + SWITCH_S, 1.0, 1.5, 2.0)


def test_an_event_at_the_start_happens_behind_the_start() -> None:
    assert communication_times_s(0.5, 2, (0.0,)) == (0.0, SWITCH_S, 0.5, 1.0)


def test_a_step_that_would_be_a_sliver_gives_way() -> None:
    assert communication_times_s(0.5, 2, (0.50005,)) == (0.0, 0.50005, 0.50005 + SWITCH_S, 1.0)


def test_refine_puts_small_steps_behind_every_instant() -> None:
    times = communication_times_s(0.02, 100, (1.0, 1.08), 0.005, 0.1)
    behind = [round(t - 1.08, 9) for t in times if 1.08 <= t <= 1.2]
    assert behind[:4] == [0.0, 0.0001, 0.005, 0.01]
    assert [round(t, 9) for t in times if 1.18 <= t <= 1.25] == [1.18, 1.2, 1.22, 1.24]
    during = [round(t, 9) for t in times if 1.0 <= t < 1.08]
    assert during == [1.0, 1.0001, *(round(1.0 + 0.005 * k, 9) for k in range(1, 16))]


@settings(max_examples=300, deadline=None)
@given(
    step_ms=st.integers(1, 2000),
    steps=st.integers(1, 60),
    instants=st.lists(st.floats(0, 50), max_size=5),
    refine_ms=st.none() | st.integers(1, 50),
    refine_for=st.floats(0, 3),
)
def test_times_ascend_by_no_less_than_half_a_switch(
    step_ms: int, steps: int, instants: list[float], refine_ms: int | None, refine_for: float
) -> None:
    step_s = step_ms / 1000
    stop_s = steps * step_s
    apart = [t for t in instants if stop_s - t > 2 * SWITCH_S]
    apart = [t for i, t in enumerate(apart) if all(abs(t - u) > 3 * SWITCH_S for u in (*apart[:i], 0.0, stop_s))]
    times = communication_times_s(step_s, steps, apart, refine_ms and refine_ms / 1000, refine_for)
    assert times[0] == 0.0
    assert times[-1] == stop_s
    assert set(apart) <= set(times)
    steps_s = np.diff(times)
    assert steps_s.min() > SWITCH_S / 3
    assert steps_s.max() < step_s + 2 * SWITCH_S + (refine_ms or 0) / 1000
