"""A handful of the table of faults (`make faults` has all of it): each ends as expected, by either launcher."""

from __future__ import annotations

from pathlib import Path

import pytest
from faults.cells import Cell, cells, short
from faults.running import LAUNCHERS, run


@pytest.mark.parametrize(("number", "cell"), list(enumerate(short())), ids=lambda value: getattr(value, "name", ""))
def test_a_fault_ends_the_run_as_expected(number: int, cell: Cell, tmp_path: Path) -> None:
    outcome = run(cell, LAUNCHERS[number % len(LAUNCHERS)], tmp_path)
    assert not outcome.wrong, outcome


def test_no_cell_stands_twice_in_the_table() -> None:
    names = [cell.name for cell in cells()]
    assert len(names) == len(set(names)) > 200
