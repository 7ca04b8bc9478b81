"""Which points a sweep has, what makes two of them the same, and the table that is made of them."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from plans import demo_plan, with_simulation
from run_folders import make_journals, make_plan, write_run

from tdscen.plan import Axis, Event, Sweep, Target
from tdscen.results import open_run
from tdscen.results.run import Run
from tdscen.studies.figures import draw
from tdscen.studies.identity import identity
from tdscen.studies.measures import measures
from tdscen.studies.point import Done
from tdscen.studies.points import points, scale
from tdscen.studies.running import Row
from tdscen.studies.table import CSV, PARQUET, table, write_table

GRID = Sweep("all", (Axis("std", ("1 %", "5 %")), Axis("bus", ("3", "4", "5"))), "grid")


def test_a_grid_has_every_value_with_every_other_the_last_axis_fastest() -> None:
    found = points(GRID)
    assert [p.number for p in found] == [1, 2, 3, 4, 5, 6]
    assert [dict(p.values)["bus"] for p in found] == ["3", "4", "5"] * 2
    assert found[3].settings == ("std=5 %", "bus=3")
    assert str(found[3]) == "std = 5 %, bus = 3"


def test_zip_takes_values_together() -> None:
    found = points(Sweep("both", (Axis("a", ("1", "2")), Axis("b", ("x", "y"))), "zip"))
    assert [p.settings for p in found] == [("a=1", "b=x"), ("a=2", "b=y")]


def test_a_latin_hypercube_has_one_point_in_every_part_of_every_range() -> None:
    axes = (Axis("k", (), 5.0, 15.0, ""), Axis("t", (), -1.0, 1.0, "s"))
    sweep = Sweep("spread", axes, "latin_hypercube", 20, 3)
    found = points(sweep)
    assert found == points(sweep)
    assert found != points(replace(sweep, seed=4))
    for axis, low, width in (("k", 5.0, 0.5), ("t", -1.0, 0.1)):
        texts = [dict(p.values)[axis] for p in found]
        numbers = scale(texts)
        assert numbers is not None
        assert numbers.unit == ("s" if axis == "t" else "")
        parts = np.floor((np.array(numbers.numbers) - low) / width + 1e-9)
        assert sorted(parts) == list(range(20))


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["1 %", "2.5%"], (0.01, 0.025)),
        (["500 ms", "1 s"], (0.5, 1.0)),
        (["-3", "4e2"], (-3.0, 400.0)),
    ],
)
def test_values_of_one_dimension_are_numbers(texts: list[str], numbers: tuple[float, ...]) -> None:
    found = scale(texts)
    assert found is not None
    assert found.numbers == pytest.approx(numbers)


@pytest.mark.parametrize("texts", [["1 s", "2 MW"], ["random", "ramped"], ["1 s", "3"]])
def test_other_values_are_words(texts: list[str]) -> None:
    assert scale(texts) is None


def test_the_same_computation_is_the_same_whatever_it_is_called() -> None:
    plan = demo_plan()
    renamed = replace(plan, name="x", title="y", source="z", source_sha256="1" * 64, parameters=(("a", "1"),))
    assert identity(renamed) == identity(replace(renamed, sweeps=(GRID,))) == identity(plan)
    assert identity(with_simulation(plan, stop_s=10.0, steps=10)) != identity(plan)


def rows() -> list[Row]:
    """A grid of which one point failed, one does not compile, and one is not run yet."""
    found = [
        Row(p, f"k{p.number}", Done(None, "runs/0001", 1.0, (("v_min_pu", 0.1 + p.number), ("holds", p.number > 1))))
        for p in points(GRID)
    ]
    found[2] = Row(found[2].point, "k3", Done("a slip", "runs/0001", 1.0))
    found[3] = Row(found[3].point, None, None, reason="it does not compile: no bus")
    found[4] = Row(found[4].point, "k5", None)
    return found


def test_the_table_has_every_point_every_digit_and_every_reason(tmp_path: Path) -> None:
    write_table(tmp_path, table(GRID, rows()))
    with (tmp_path / CSV).open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert list(lines[0]) == ["point", "std", "bus", "state", "v_min_pu", "holds", "reason", "run"]
    assert [line["state"] for line in lines] == ["complete", "complete", "failed", "failed", "waiting", "complete"]
    assert float(lines[5]["v_min_pu"]) == 6.1
    assert [line["bus"] for line in lines] == ["3", "4", "5"] * 2
    assert (lines[0]["std"], lines[0]["holds"], lines[0]["run"]) == ("0.01", "false", "points/k1/runs/0001")
    assert (lines[2]["v_min_pu"], lines[2]["reason"]) == ("", "a slip")
    assert lines[3]["reason"] == "it does not compile: no bus"
    frame = pd.read_parquet(tmp_path / PARQUET)
    assert frame["v_min_pu"].tolist()[:2] == [1.1, 2.1]
    assert frame["v_min_pu"].isna().tolist() == [False, False, True, True, True, False]


def test_a_parameter_that_is_called_like_a_column_does_not_replace_it() -> None:
    sweep = Sweep("s", (Axis("state", ("1", "2")), Axis("v_min_pu", ("1",))), "grid")
    made = table(sweep, [Row(p, "k", Done(None, "r", 1.0, (("v_min_pu", 0.9),))) for p in points(sweep)])
    assert made.columns["parameter.state"] == [1, 2]
    assert made.columns["state"] == ["complete"] * 2
    assert (made.columns["parameter.v_min_pu"], made.columns["v_min_pu"]) == ([1, 1], [0.9, 0.9])


def test_figures_are_drawn_of_what_there_is(tmp_path: Path) -> None:
    made = table(GRID, rows())
    found = draw(tmp_path, GRID, made, ["v_min_pu"])
    assert [path.name for path in found] == ["lines_v_min_pu.png", "heat_v_min_pu.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in found)
    unmeasured = [replace(row, done=None) for row in rows()]
    assert table(GRID, unmeasured).figures == ()


def with_dip(folder: Path, until: int) -> Run:
    """A fault of 1 s at t = 3 s; V is at 0.7 pu from the row behind it on, and back in row `until`."""
    fault = Event("dip", 3.0, "fault", Target("ieee14", "bus", 4), 1.0, None, 0.3)
    plan = replace(make_plan(), events=(fault,))
    journals = make_journals(plan)
    journals["ieee14"]["bus4/v_pu"][4:until] = 0.7
    return open_run(write_run(folder, plan, journals))


def test_recovery_is_a_figure_of_runs_with_events(tmp_path: Path) -> None:
    assert measures(with_dip(tmp_path / "back", 7))["recovery_s"] == 3.0  # cleared at 4 s, back at 7 s
    assert measures(with_dip(tmp_path / "never", 16))["recovery_s"] is None
    assert measures(with_dip(tmp_path / "unharmed", 4))["recovery_s"] == 0.0
    assert "recovery_s" not in measures(open_run(write_run(tmp_path / "calm", make_plan())))


def test_the_nadir_is_that_of_the_rotors_and_of_their_centre_of_inertia(tmp_path: Path) -> None:
    plan = make_plan()
    journals = make_journals(plan)
    assert "coi_min_hz" not in measures(open_run(write_run(tmp_path / "without", plan)))
    journals["ieee14"]["ieee14/coi/omega_pu"] = np.linspace(1.001, 0.998, 16)
    found = measures(open_run(write_run(tmp_path / "with", plan, journals)))
    assert (found["coi_min_hz"], found["coi_max_hz"]) == (60 * 0.998, 60 * 1.001)
    speeds = journals["ieee14"]["ieee14/generator[GENROU_2]/omega_pu"]
    assert found["frequency_min_hz"] == 60 * speeds.min()
