"""Two runs compared: which quantities differ, where and by how much, and what the exit status says of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from run_folders import make_journals, make_plan, write_run

from tdscen.cli import main
from tdscen.results.differences import Tolerance, differences
from tdscen.results.errors import ResultsError
from tdscen.results.recording import EMPTY, Recording


def recording(**columns: list[float]) -> Recording:
    time_s = np.arange(len(next(iter(columns.values()))), dtype=float)
    return Recording(("time_s", *columns), np.column_stack([time_s, *columns.values()]))


def test_the_same_recording_agrees_with_itself() -> None:
    same = recording(v_pu=[1.0, np.nan, 1.02])
    found = differences(same, same, Tolerance())
    assert found.agree
    assert [(d.largest, d.rms, d.allowed) for d in found.quantities] == [(0.0, 0.0, 0.0)]


def test_the_largest_difference_its_time_and_the_rms() -> None:
    first, second = recording(v_pu=[1.0, 1.0, 1.0, 1.0]), recording(v_pu=[1.0, 1.3, 1.0, 0.6])
    (found,) = differences(first, second, Tolerance()).quantities
    assert (found.time_s, found.first, found.second, found.unit) == (3.0, 1.0, 0.6, "pu")
    assert found.largest == pytest.approx(0.4, abs=1e-15)
    assert found.rms == pytest.approx(0.25, abs=1e-15)  # sqrt((0.3² + 0.4²) / 4)


def test_angles_are_compared_around_the_circle_but_rotor_angles_by_turns() -> None:
    names = ("time_s", "bus4/angle_rad", "ieee14/generator[G1]/delta_rad", "bus4/i_a_rad")
    first = Recording(names, np.array([[0.0, -3.1, -3.1, np.pi], [1.0, 0.5, 0.5, np.nan]]))
    second = Recording(names, np.array([[0.0, 3.1, 3.1, -np.pi], [1.0, 0.5, 0.5, np.nan]]))
    found = {each.name: each for each in differences(first, second, Tolerance()).quantities}
    assert found["bus4/angle_rad"].largest == pytest.approx(2 * np.pi - 6.2, abs=1e-15)
    assert found["ieee14/generator[G1]/delta_rad"].largest == pytest.approx(6.2, abs=1e-15)
    assert 0 < found["bus4/i_a_rad"].largest < 1e-300  # other bits, the same angle


@pytest.mark.parametrize(
    ("tolerance", "agrees"),
    [
        (Tolerance(absolute=0.4), True),
        (Tolerance(absolute=0.3), False),
        (Tolerance(relative=0.1), True),
        (Tolerance(relative=0.09), False),
        (Tolerance(absolute=0.2, relative=0.05), True),
    ],
)
def test_tolerances_add_up(tolerance: Tolerance, agrees: bool) -> None:
    first, second = recording(p_mw=[1.0, 4.0]), recording(p_mw=[1.25, 3.625])
    found = differences(first, second, tolerance)
    assert found.agree is agrees
    assert found.quantities[0].largest == 0.375


def test_what_is_no_number_in_one_run_alone_never_agrees() -> None:
    found = differences(recording(v_pu=[1.0, np.nan]), recording(v_pu=[1.0, 1.0]), Tolerance(absolute=1e9))
    assert not found.agree
    assert found.quantities[0].largest == np.inf


def test_the_worst_comes_first() -> None:
    first = recording(a_mw=[100.0, 100.0], b_pu=[1.0, 1.0], c_pu=[1.0, 1.0])
    second = recording(a_mw=[100.0, 101.0], b_pu=[1.0, 1.5], c_pu=[1.0, 1.0])
    assert [d.name for d in differences(first, second, Tolerance()).quantities] == ["b_pu", "a_mw", "c_pu"]


def test_only_times_that_both_have_are_compared_and_the_others_counted() -> None:
    fine = Recording(("time_s", "v_pu"), np.array([[0.0, 1.0], [0.5, 9.0], [1.0, 1.1], [1.0001, 9.0]]))
    coarse = Recording(("time_s", "v_pu"), np.array([[0.0, 1.0], [1.0 + 1e-12, 1.1], [2.0, 1.2]]))
    found = differences(fine, coarse, Tolerance())
    assert (found.times, found.times_only_first, found.times_only_second) == (2, 2, 1)
    assert found.quantities[0].largest == 0.0
    assert not found.agree


def test_runs_without_a_common_time_are_refused() -> None:
    with pytest.raises(ResultsError, match="no communication time in common"):
        differences(recording(v_pu=[1.0]), EMPTY, Tolerance())


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    """Two runs that differ in the voltage at one time by 1e-4 pu, the second with a quantity of its own."""
    plan = make_plan(steps=5)
    journals = make_journals(plan)
    first = write_run(tmp_path / "0001", plan, journals)
    changed = {name: dict(columns) for name, columns in journals.items()}
    changed["ieee14"]["bus4/v_pu"] = changed["ieee14"]["bus4/v_pu"] + np.array([0, 0, 0, 1e-4, 0, 0])
    changed["ieee14"]["ieee14/bus[9]/v_pu"] = np.ones(6)
    return first, write_run(tmp_path / "0002", replace(plan, title="changed"), changed)


def compare(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["compare", *map(str, arguments)])
    return done.exit_code, done.output


def test_the_command_names_quantity_place_and_size(runs: tuple[Path, Path]) -> None:
    status, said = compare(*runs)
    assert status == 1
    line = next(line for line in said.splitlines() if line.startswith("bus4/v_pu"))
    assert line.split()[1:4] == ["0.0001", "pu", "3"]
    assert "only in the second run: ieee14/bus[9]/v_pu" in said
    assert "1 differ" in said.splitlines()[-1]
    assert compare(runs[0], runs[0]) == (0, compare(runs[0], runs[0])[1])


def test_the_command_as_json(runs: tuple[Path, Path]) -> None:
    status, said = compare(*runs, "--absolute", "2e-4", "--format", "json")
    found = json.loads(said)
    assert status == 1  # within the tolerance, but for the quantity that one alone has
    assert found["agree"] is False
    assert found["only_second"] == ["ieee14/bus[9]/v_pu"]
    worst = found["quantities"][0]
    assert (worst["name"], worst["time_s"]) == ("bus4/v_pu", 3.0)
    assert worst["largest"] == pytest.approx(1e-4, rel=1e-9)


def test_what_is_no_run_is_told_apart_from_a_difference(runs: tuple[Path, Path], tmp_path: Path) -> None:
    status, said = compare(runs[0], tmp_path / "nothing")
    assert status == 2
    assert "is not a folder" in said
