"""Hostile input through the real command: one clear error, nothing changed, bounded time and memory (`hostile/`)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile.case import Case
from hostile.cases import ALL
from hostile.judge import outcome

QUICK = {
    "scenario: a device",
    "scenario: text that runs from right to left",
    "case: a zip bomb, 1 GB",
    "feeder: loads a library",
    "feeder: writes files",
}
"""One of each kind; all others are slow, because each starts the command anew."""


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=[] if case.name in QUICK else [pytest.mark.slow], id=case.name) for case in ALL],
)
def test_hostile_input_is_answered(case: Case, tmp_path: Path) -> None:
    found = outcome(case, tmp_path)
    assert found.wrong == (), found.said[-2000:]


def test_names_are_unique() -> None:
    names = [case.name for case in ALL]
    assert len({*names}) == len(names)
    assert {*names} >= QUICK
