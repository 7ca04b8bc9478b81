"""Thinned traces: fewer points, every extreme, times that stay in order."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tdscen.results.report.thinning import MOST_TIMES, Thinning


def test_a_run_that_fits_is_not_touched() -> None:
    values = np.arange(float(MOST_TIMES))
    thinning = Thinning.of(MOST_TIMES)
    assert thinning.values(values) is values
    assert thinning.times_s(values) is values


@settings(max_examples=25, deadline=None)
@given(rows=st.integers(MOST_TIMES + 1, 60_000), seed=st.integers(0, 99))
def test_every_group_keeps_its_lowest_and_highest_in_their_order(rows: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    time_s, values = np.cumsum(random.random(rows)), random.standard_normal((2, rows))
    thinning = Thinning.of(rows)
    assert thinning.starts is not None
    drawn, times_s = thinning.values(values), thinning.times_s(time_s)
    assert drawn.shape == (2, thinning.times) == (2, len(times_s))
    assert thinning.times <= MOST_TIMES
    assert (np.diff(times_s) >= 0).all()
    assert (times_s[0], times_s[-1]) == (time_s[0], time_s[-1])
    np.testing.assert_array_equal(drawn[:, [0, -1]], values[:, [0, -1]])
    bounds = [*thinning.starts.tolist(), rows]
    for k in (0, 1, len(bounds) // 2, len(bounds) - 2):
        group = values[0, bounds[k] : bounds[k + 1]]
        assert {drawn[0, 2 * k], drawn[0, 2 * k + 1]} == {group.min(), group.max()}
        assert (drawn[0, 2 * k] == group.min()) == (group.argmin() <= group.argmax())


def test_missing_values_hide_no_extreme() -> None:
    values = np.full(MOST_TIMES + 1, np.nan)
    values[1234] = 5.0
    drawn = Thinning.of(len(values)).values(values)
    assert np.nanmax(drawn) == np.nanmin(drawn) == 5.0
