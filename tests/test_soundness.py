"""A sound scenario is remembered, and forgotten as soon as anything that the finding rests on changes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tdscen import soundness

ROOT = Path(__file__).resolve().parents[1]

STUDY = """include "shared.tds"
interface bus4 {
  transmission = ieee14.bus[4]
  distribution = feeder
  scale        = k
  load         = day
}
simulation {
  step = 1 s
  stop = 5 s
}
scenario "remembered"
"""
SHARED = """transmission ieee14 {
  case = "ieee14/ieee14_full.xlsx"
}
distribution feeder {
  model = "small.dss"
}
profile day = csv("day.csv")
parameter k = 10
"""


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sound study in a cache of its own that holds the facts already."""
    shutil.copy(ROOT / "tests/corpus/invalid/models/small.dss", tmp_path / "small.dss")
    (tmp_path / "day.csv").write_text("time_s,load\n0,1\n5,1.1\n")
    (tmp_path / "shared.tds").write_text(SHARED)
    (tmp_path / "study.tds").write_text(STUDY)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "study.tds"


def check(path: Path, *options: str) -> tuple[int, str]:
    command = [Path(sys.executable).parent / "tdscen", "check", path.name, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=path.parent)
    return done.returncode, done.stdout


def test_what_is_sound_is_remembered_with_its_words(study: Path) -> None:
    assert soundness.recall(study, ()) is None
    first = check(study)
    assert first == (0, "study.tds: no problems, 1 interface\n")
    assert soundness.recall(study, ()) == "no problems, 1 interface"
    assert check(study) == first
    assert check(study, "--format", "json") == (0, "[]\n")
    assert soundness.recall(study, ("k=11",)) is None


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("study.tds", "stop = 5 s", "stop = 6 s"),
        ("shared.tds", 'csv("day.csv")', 'csv("night.csv")'),
        ("day.csv", "5,1.1", "4,1.1"),
        ("small.dss", "kW=3000", "kW=900000"),
    ],
)
def test_any_change_is_seen(study: Path, name: str, before: str, after: str) -> None:
    assert check(study)[0] == 0
    path = study.parent / name
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    assert soundness.recall(study, ()) is None
    assert check(study)[0] == 1
    path.write_text(text)
    assert check(study)[0] == 0


def test_a_file_that_takes_the_place_of_a_built_in_case_is_seen(study: Path) -> None:
    assert check(study)[0] == 0
    (study.parent / "ieee14").mkdir()
    (study.parent / "ieee14" / "ieee14_full.xlsx").write_text("no workbook")
    assert soundness.recall(study, ()) is None
    assert check(study)[0] == 1


def test_a_scenario_with_a_warning_is_not_remembered(study: Path) -> None:
    study.write_text(STUDY + "profile unused = constant(1)\n")
    assert check(study)[0] == 0
    assert soundness.recall(study, ()) is None


def test_new_code_or_another_simulator_checks_anew(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check(study)[0] == 0
    assert soundness.recall(study, ()) is not None
    with monkeypatch.context() as patch:
        patch.setattr(soundness, "version_of", lambda package, module: "0.0")
        assert soundness.recall(study, ()) is None
    with monkeypatch.context() as patch:
        patch.setattr(soundness, "_code", lambda: "other code")
        assert soundness.recall(study, ()) is None
    assert soundness.recall(study, ()) is not None


def test_a_damaged_record_is_no_record(study: Path) -> None:
    assert check(study)[0] == 0
    record = soundness._record(study, ())
    record.write_text(record.read_text()[:40])
    assert soundness.recall(study, ()) is None
    assert os.path.exists(record)
