"""The end of a run: the table, the judgement, the exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from run_folders import ASKED, cut, make_journals, make_plan, write_journal, write_run

from tdscen.results import finish, open_run
from tdscen.results.errors import RunNotFound
from tdscen.runtime.status import ExitStatus


def info_of(folder: Path) -> dict[str, Any]:
    info: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return info


@pytest.mark.parametrize("state", ["running", "complete"])
def test_a_run_with_all_steps_is_complete(tmp_path: Path, state: str) -> None:
    folder = write_run(tmp_path / "0001", make_plan(), state=state)
    assert finish(folder) is ExitStatus.COMPLETE
    info = info_of(folder)
    assert (info["state"], info["cause"], info["exit_status"], info["steps_done"]) == ("complete", None, 0, 15)
    assert info["results"] == "results.parquet"
    assert [entry["holds"] for entry in info["requirements"]] == [True]
    assert [entry["name"] for entry in info["checks"]] == ["balance", "scaling", "causality"]
    assert open_run(folder).complete


def test_a_violated_requirement_sets_the_status_and_keeps_the_run_complete(tmp_path: Path) -> None:
    plan = make_plan(requirements=(replace(ASKED, maximum=1.012),))
    folder = write_run(tmp_path / "0001", plan)
    assert finish(folder) is ExitStatus.REQUIREMENT_VIOLATED
    info = info_of(folder)
    assert (info["state"], info["exit_status"]) == ("complete", 4)
    assert info["requirements"][0]["holds"] is False


def test_a_broken_check_that_nobody_required_is_told_and_does_not_fail_the_run(tmp_path: Path) -> None:
    plan = make_plan()
    journals = make_journals(plan)
    journals["ieee14"]["bus4/drawn_p_mw"] = journals["ieee14"]["bus4/drawn_p_mw"] + 0.5
    folder = write_run(tmp_path / "0001", plan, journals)
    assert finish(folder) is ExitStatus.COMPLETE
    balance = next(entry for entry in info_of(folder)["checks"] if entry["name"] == "balance")
    assert balance["holds"] is False
    assert balance["measured"] == pytest.approx(500)


@pytest.mark.parametrize("status", [3, 5, 130])
def test_a_failed_run_keeps_its_cause_and_status(tmp_path: Path, status: int) -> None:
    plan = make_plan(requirements=(replace(ASKED, maximum=1.012),))
    folder = write_run(tmp_path / "0001", plan, state="failed", cause="ieee34 was killed", exit_status=status)
    cut(folder, "ieee34", rows=7, extra_bytes=3)
    assert finish(folder) == status
    info = info_of(folder)
    assert (info["state"], info["cause"], info["exit_status"]) == ("failed", "ieee34 was killed", status)
    assert pq.read_table(folder / "results.parquet").num_rows == 7


def test_a_run_that_stopped_without_a_word_has_failed(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "0001", make_plan(), state="complete")
    cut(folder, "ieee14", rows=4)
    assert finish(folder) is ExitStatus.FEDERATE_FAILED
    info = info_of(folder)
    assert (info["state"], info["exit_status"], info["steps_done"]) == ("failed", 3, 3)
    assert info["cause"] == "the run ended after 3 of 15 steps and left no cause"


@pytest.mark.parametrize("left", ["nothing", "one journal", "empty journals"])
def test_a_run_that_failed_before_its_first_step_has_no_table(tmp_path: Path, left: str) -> None:
    folder = write_run(tmp_path / "0001", make_plan(), state="failed", cause="no free port", exit_status=5)
    for federate in {"nothing": ("ieee14", "ieee34"), "one journal": ("ieee34",), "empty journals": ()}[left]:
        (folder / "journal" / f"{federate}.f64").unlink()
        (folder / "journal" / f"{federate}.json").unlink()
    if left == "empty journals":
        cut(folder, "ieee14", rows=0)
        cut(folder, "ieee34", rows=0, extra_bytes=5)
    assert finish(folder) is ExitStatus.NOT_STARTED
    assert not (folder / "results.parquet").exists()
    info = info_of(folder)
    assert info["results"] is None
    assert info["cause"] == "no free port"
    assert info["requirements"][0]["holds"] is False
    assert "the run has no completed step" in info["requirements"][0]["sentence"]


def test_damaged_journals_fail_the_run_in_one_sentence(tmp_path: Path) -> None:
    plan = make_plan()
    folder = write_run(tmp_path / "0001", plan)
    columns = make_journals(plan)["ieee34"]
    write_journal(folder, "ieee34", columns | {"time_s": columns["time_s"] * 2})
    assert finish(folder) is ExitStatus.FEDERATE_FAILED
    info = info_of(folder)
    assert (info["state"], info["results"]) == ("failed", None)
    assert info["cause"].startswith("the journal of ieee34 has t = 2 s in row 1")


def test_finishing_twice_changes_nothing(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "0001", make_plan(requirements=(replace(ASKED, maximum=1.012),)))
    first = finish(folder)
    before = [(folder / name).read_bytes() for name in ("run.json", "results.parquet")]
    assert finish(folder) is first
    assert [(folder / name).read_bytes() for name in ("run.json", "results.parquet")] == before
    assert sorted(entry.name for entry in folder.iterdir()) == ["journal", "plan.json", "results.parquet", "run.json"]


def test_parquet_carries_units_and_version(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "0001", make_plan())
    finish(folder)
    schema = pq.read_schema(folder / "results.parquet")
    assert schema.names[0] == "time_s"
    assert {str(kind) for kind in schema.types} == {"double"}
    assert schema.metadata[b"tdscen.format"] == b"1"
    assert json.loads(schema.metadata[b"tdscen.units"])["bus4/drawn_p_mw"] == "MW"
    assert schema.field("bus4/p_a_kw").metadata == {b"unit": b"kW"}
    np.testing.assert_array_equal(pq.read_table(folder / "results.parquet")["time_s"].to_numpy(), np.arange(16.0))


def test_no_run_no_finish(tmp_path: Path) -> None:
    with pytest.raises(RunNotFound):
        finish(tmp_path)


def test_finishing_waits_for_no_heavy_import(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "0001", make_plan())
    code = f"""
import sys
from pathlib import Path
from tdscen.results.finishing import finish
before = set(sys.modules)
finish(Path({str(folder)!r}))
print(*(m for m in ("pandas", "matplotlib", "rich", "pyarrow") if m in sys.modules and m not in before))
print(*(m for m in ("pandas", "matplotlib", "rich") if m in sys.modules))
"""
    spoken = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert spoken.split() == []


def test_a_long_run_is_written_and_read_block_by_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_run(tmp_path / "0001", make_plan(interfaces=2))
    at_once = open_run(folder).recording
    monkeypatch.setattr("tdscen.results.journal._BLOCK_BYTES", 3000)
    monkeypatch.setattr("tdscen.results.store._GROUP_BYTES", 3000)
    assert finish(folder) is ExitStatus.COMPLETE
    assert pq.ParquetFile(folder / "results.parquet").num_row_groups == 4
    written = open_run(folder).recording
    assert written.names == at_once.names
    np.testing.assert_array_equal(written.values, at_once.values)
