"""`tdscen verify`: a real run comes out the same to the last bit, a touched one is found out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from run_folders import make_plan, write_run

from tdscen.cli import main
from tdscen.results import open_run
from tdscen.results.store import write_parquet

SCENARIO = Path(__file__).parent.parent / "scenarios" / "ieee14_ieee34.tds"


def verify(folder: Path) -> Result:
    return CliRunner().invoke(main, ["verify", str(folder)])


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verify") / "study"
    done = CliRunner().invoke(main, ["run", str(SCENARIO), "-o", str(folder), "-q"])
    assert done.exit_code == 0, done.output
    return folder


def test_a_run_comes_out_the_same_and_leaves_no_second_one(study: Path) -> None:
    done = verify(study)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("identical: ")
    assert "not as it was compiled" not in done.stdout
    assert [run.name for run in (study / "runs").iterdir() if run.name.isdigit()] == ["0001"]


def test_one_bit_and_another_version_are_found(study: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(study, tmp_path / "elsewhere")
    run = open_run(moved)
    place = run.recording.names.index("bus4/v_pu")
    values = run.recording.values.copy()
    values.view("u8")[7, place] ^= 1
    (run.folder / "results.parquet").unlink()
    write_parquet(run.folder / "results.parquet", type(run.recording)(run.recording.names, values))
    info = json.loads((run.folder / "run.json").read_text())
    info["versions"]["andes"] = "1.0.0"
    (run.folder / "run.json").write_text(json.dumps(info))
    script = moved / "federates" / "ieee34.py"
    script.write_text(script.read_text() + "# a remark\n")
    done = verify(moved)
    assert done.exit_code == 1, done.output
    assert "bus4/v_pu" in done.stdout
    assert "andes: 1.0.0 then, " in done.stdout
    assert "federates/ieee34.py is not as it was compiled" in done.stdout


def test_another_study_in_the_folder_is_refused(study: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(study, tmp_path / "elsewhere")
    (moved / "plan.json").write_bytes((moved / "plan.json").read_bytes() + b"\n")
    done = verify(moved)
    assert (done.exit_code, "another study" in done.stderr) == (2, True)


def test_another_model_is_refused(study: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(study, tmp_path / "elsewhere")
    model = moved / "models" / "ieee34" / "ieee34.dss"
    model.write_text(model.read_text() + "! a remark\n")
    done = verify(moved)
    assert (done.exit_code, "differs from the model" in done.stderr) == (2, True), done.output


def test_what_cannot_be_run_again(tmp_path: Path) -> None:
    whole = write_run(tmp_path / "0001", make_plan())
    failed = write_run(tmp_path / "0002", make_plan(), state="failed", cause="ieee34 died")
    for folder, why in ((whole, "in no generated folder"), (failed, "incomplete"), (tmp_path / "x", "not a folder")):
        done = verify(folder)
        assert (done.exit_code, why in done.stderr) == (2, True), done.output
