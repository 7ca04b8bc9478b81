"""What is fuzzed: each takes any text and raises only when something is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from test_front_end_fuzz import SEEDS, judge
from test_fuzz_data import a_plan_or_an_error, finite_rows_or_an_error, writes_nothing

ROOT = Path(__file__).resolve().parents[2]
NOWHERE = Path("/nonexistent")


def scenario(text: str) -> None:
    """Reading, checking and showing a scenario raises nothing; its layout is final."""
    judge(text.replace("\0", ""), NOWHERE)


def plan(text: str) -> None:
    """A plan's JSON is a plan or a `ValueError`."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):  # not ours
        return
    a_plan_or_an_error(data)


def _texts(*patterns: str) -> list[str]:
    return [path.read_text(encoding="utf-8") for pattern in patterns for path in sorted(ROOT.glob(pattern))]


TARGETS: dict[str, tuple[Callable[[str], None], Callable[[], list[str]]]] = {
    "scenario": (scenario, lambda: SEEDS),
    "plan": (plan, lambda: _texts("generated/*/plan.json")),
    "table": (finite_rows_or_an_error, lambda: ["time_s,load\n0,1\n60,1.25\n", 'time_s,"load"\r\n0,-1e3\r\n']),
    "dss": (writes_nothing, lambda: _texts("scenarios/feeders/*/*.dss")),
}
"""By name: what is done with a text, and the texts to begin with."""
