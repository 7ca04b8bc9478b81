"""Feeders on workers: complete, balanced, the same everywhere."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from tdscen.packing import cost, pack


def test_equal_feeders_are_shared_out_evenly() -> None:
    groups = pack({f"bus{i}": 95.0 for i in range(10)}, 3)
    assert sorted(len(group) for group in groups) == [3, 3, 4]
    assert groups[0][:2] == ("bus0", "bus3")


def test_a_large_feeder_gets_a_worker_of_its_own() -> None:
    assert pack({"a": 10, "big": 8500, "b": 10, "c": 10}, 2) == (("big",), ("a", "b", "c"))


def test_many_small_feeders_cost_more_than_a_large_one_with_as_many_nodes() -> None:
    """IEEE 123 (278 nodes, 84 us a step) beside IEEE 13 (41 nodes, 41 us): two of the latter do as much, not seven."""
    costs = {"large": cost(278)} | {f"small{i}": cost(41) for i in range(6)}
    (with_large,) = [group for group in pack(costs, 2) if "large" in group]
    assert len(with_large) == 3


def test_more_workers_than_feeders_are_not_used() -> None:
    assert pack({"a": 1, "b": 1}, 8) == (("a",), ("b",))


@settings(max_examples=200, deadline=None)
@given(costs=st.lists(st.integers(1, 50), min_size=1, max_size=7), workers=st.integers(1, 3))
def test_no_worker_has_more_than_four_thirds_of_the_best_division(costs: list[int], workers: int) -> None:
    named = {f"f{i}": float(cost) for i, cost in enumerate(costs)}
    groups = pack(named, workers)
    assert sorted(name for group in groups for name in group) == sorted(named)
    assert all(groups)
    best = min(
        max(sum(c for c, w in zip(costs, choice, strict=True) if w == worker) for worker in range(workers))
        for choice in product(range(workers), repeat=len(costs))
    )
    assert max(sum(named[name] for name in group) for group in groups) <= 4 / 3 * best + 1e-9
