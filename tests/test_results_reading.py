"""Opening runs: whole, cut off by a kill, damaged, absent."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from run_folders import constant_plan, cut, make_journals, make_plan, write_journal, write_run

import tdscen
from tdscen.results import finish, open_run
from tdscen.results.errors import RunDamaged, RunNotFound, UnknownQuantity
from tdscen.results.export import csv_text, export_table
from tdscen.results.recording import unit_of

FIRST = ["time_s", "interface", "v_pu", "angle_rad", "p_mw", "q_mvar", "drawn_p_mw", "drawn_q_mvar"]
THEN = ["multiplier", "exchanges", "mismatch_pu", "p_kw", "q_kvar", "p_a_kw", "q_a_kvar", "p_b_kw", "q_b_kvar"]
PHASES = ["p_c_kw", "q_c_kvar", "p1_kw", "q1_kvar", "i_a_a", "i_b_a", "i_c_a", "i_a_rad", "i_b_rad", "i_c_rad"]
LAST = [*PHASES, "i0_a", "i1_a", "i2_a", "unbalance", "unbalance_0", "fed_v_pu", "fed_angle_rad", "taps_moved"]


def test_table_holds_every_number_of_both_journals(tmp_path: Path) -> None:
    plan = make_plan()
    journals = make_journals(plan)
    run = open_run(write_run(tmp_path / "0001", plan))
    assert run.plan == plan
    assert run.table.columns[0] == "time_s"
    assert set(run.names) == (set(journals["ieee14"]) | set(journals["ieee34"])) - {"time_s"}
    for columns in journals.values():
        for name, values in columns.items():
            np.testing.assert_array_equal(run.table[name].to_numpy(), values)


def test_interfaces_are_ordered_by_time_then_by_plan(tmp_path: Path) -> None:
    plan = make_plan(interfaces=3, steps=4)
    frame = open_run(write_run(tmp_path / "0001", plan)).interfaces
    assert list(frame.columns) == FIRST + THEN + LAST
    assert list(frame["interface"]) == ["bus4", "bus5", "bus6"] * 5
    assert list(frame["time_s"]) == [t for t in (0.0, 1.0, 2.0, 3.0, 4.0) for _ in range(3)]
    t_side = make_journals(plan)["ieee14"]
    np.testing.assert_array_equal(frame[frame["interface"] == "bus5"]["v_pu"], t_side["bus5/v_pu"])
    assert float(frame.iloc[5]["v_pu"]) == t_side["bus6/v_pu"][1]


def test_a_quantity_that_was_not_recorded_is_nan_in_the_interfaces(tmp_path: Path) -> None:
    plan = make_plan()
    journals = make_journals(plan)
    del journals["ieee34"]["bus4/taps_moved"]
    frame = open_run(write_run(tmp_path / "0001", plan, journals)).interfaces
    assert frame["taps_moved"].isna().all()
    assert not frame.drop(columns="taps_moved").isna().any().any()


def test_series_is_indexed_by_time(tmp_path: Path) -> None:
    plan = make_plan()
    series = open_run(write_run(tmp_path / "0001", plan)).series("ieee14/bus[4]/v_pu")
    assert series.name == "ieee14/bus[4]/v_pu"
    assert series.index.name == "time_s"
    assert series.loc[7.0] == make_journals(plan)["ieee14"]["bus4/v_pu"][7]


def test_unknown_series_offers_near_names(tmp_path: Path) -> None:
    run = open_run(write_run(tmp_path / "0001", make_plan()))
    with pytest.raises(
        UnknownQuantity, match=r"^0001 did not record ieee14/bus\[4\]/v; did you mean ieee14/bus\[4\]/v_pu"
    ):
        run.series("ieee14/bus[4]/v")
    with pytest.raises(KeyError):
        run.series("nothing of the kind")


def test_parquet_is_read_by_pandas_in_one_line_and_by_open_run(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "0001", make_plan(interfaces=2))
    from_journals = open_run(folder).table
    finish(folder)
    assert pd.read_parquet(folder / "results.parquet").equals(from_journals)
    (folder / "journal" / "ieee14.f64").unlink()
    assert open_run(folder).table.equals(from_journals)


def numbers_of(text: str) -> list[list[float | str]]:
    def cell(text: str) -> float | str:
        return text if text.startswith("bus") else float(text)

    return [[cell(text) for text in row] for row in list(csv.reader(io.StringIO(text)))[1:]]


def test_csv_reads_back_as_the_same_numbers(tmp_path: Path) -> None:
    run = open_run(write_run(tmp_path / "0001", make_plan(interfaces=2)))
    assert numbers_of(csv_text(run)) == run.interfaces.to_numpy().tolist()
    assert csv_text(run).splitlines()[0] == ",".join(FIRST + THEN + LAST)
    export_table(run, tmp_path / "wide.csv")
    assert numbers_of((tmp_path / "wide.csv").read_text(encoding="utf-8")) == run.table.to_numpy().tolist()


def test_killed_run_keeps_the_steps_that_both_journals_have(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "0001", make_plan(), state="running")
    cut(folder, "ieee14", rows=9)
    cut(folder, "ieee34", rows=7, extra_bytes=11)
    run = open_run(folder)
    assert list(run.table["time_s"]) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert not run.complete
    assert run.cause == "the run has not ended, or was killed together with its broker; 6 of 15 steps are recorded"


def test_failed_run_says_why(tmp_path: Path) -> None:
    cause = "ieee34 was killed (no last words) at t = 6 s"
    folder = write_run(tmp_path / "0001", make_plan(), state="failed", cause=cause, exit_status=3)
    run = open_run(folder)
    assert not run.complete
    assert run.cause == cause


def test_a_run_that_only_says_it_is_complete_is_not(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "0001", make_plan())
    assert open_run(folder).complete
    cut(folder, "ieee34", rows=15)
    run = open_run(folder)
    assert not run.complete
    assert run.cause == "the run calls itself complete, but 14 of 15 steps are recorded"


@pytest.mark.parametrize("absent", ["ieee34.f64", "ieee34.json"])
def test_a_missing_journal_leaves_no_completed_step(tmp_path: Path, absent: str) -> None:
    folder = write_run(tmp_path / "0001", make_plan(), state="running")
    (folder / "journal" / absent).unlink()
    run = open_run(folder)
    assert run.names == ()
    assert len(run.table) == 0
    assert len(run.interfaces) == 0
    assert list(run.interfaces.columns) == FIRST + THEN + LAST


def test_generated_folder_opens_its_latest_run(tmp_path: Path) -> None:
    for number in ("0001", "0002", "0010"):
        write_run(tmp_path / "runs" / number, make_plan())
    assert open_run(tmp_path).folder.name == "0010"
    assert tdscen.open_run(str(tmp_path / "runs" / "0002")).folder.name == "0002"


def test_where_there_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunNotFound, match="holds no run; start one with `tdscen run`"):
        open_run(tmp_path)
    with pytest.raises(RunNotFound, match="is not a folder"):
        open_run(tmp_path / "absent")
    folder = write_run(tmp_path / "0001", make_plan())
    (folder / "plan.json").unlink()
    with pytest.raises(RunNotFound, match=r"it has no plan\.json"):
        open_run(folder)


def test_journals_that_contradict_the_plan_or_each_other(tmp_path: Path) -> None:
    plan = make_plan()
    folder = write_run(tmp_path / "late", plan)
    journals = make_journals(plan)
    journals["ieee34"]["time_s"] = journals["ieee34"]["time_s"] + np.where(np.arange(16) == 5, 1e-6, 0)
    write_journal(folder, "ieee34", journals["ieee34"])
    with pytest.raises(RunDamaged, match=r"journal of ieee34 has t = 5\.000001 s in row 5"):
        open_run(folder)

    folder = write_run(tmp_path / "twice", plan)
    write_journal(folder, "ieee34", make_journals(plan)["ieee34"] | {"bus4/v_pu": np.ones(16)})
    with pytest.raises(RunDamaged, match="bus4/v_pu stands in the journals of both ieee14 and ieee34"):
        open_run(folder)

    folder = write_run(tmp_path / "header", plan)
    (folder / "journal" / "ieee14.json").write_text("{", encoding="utf-8")
    with pytest.raises(RunDamaged, match=r"journal/ieee14\.json does not name the journal's columns"):
        open_run(folder)


def test_other_versions_are_refused(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "plan", replace(make_plan(), format=99))
    with pytest.raises(RunDamaged, match="plan format 99"):
        open_run(folder)
    folder = write_run(tmp_path / "run", make_plan(), format=2)
    with pytest.raises(RunDamaged, match="format 2"):
        open_run(folder)
    folder = write_run(tmp_path / "table", make_plan())
    pd.DataFrame({"time_s": [0.0]}).to_parquet(folder / "results.parquet")
    with pytest.raises(RunDamaged, match="results format none"):
        open_run(folder)


def test_info_is_run_json(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "0001", constant_plan())
    assert open_run(folder).info == json.loads((folder / "run.json").read_text())


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("time_s", "s"),
        ("bus4/v_pu", "pu"),
        ("bus4/drawn_q_mvar", "MVAr"),
        ("bus4/p_a_kw", "kW"),
        ("bus4/i_a_a", "A"),
        ("bus4/i_a_rad", "rad"),
        ("bus4/i2_a", "A"),
        ("bus4/unbalance_0", ""),
        ("each[3]/fed_angle_rad", "rad"),
        ("bus4/multiplier", ""),
        ("bus4/taps_moved", ""),
        ("bus4/ieee34/regulator[reg1a]/tap", ""),
    ],
)
def test_units_stand_in_the_names(name: str, unit: str) -> None:
    assert unit_of(name) == unit
