"""The lock of a study: what it holds, what it lets pass, and that `--locked` refuses everything else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import tdscen.lock
from tdscen.cli import main
from tdscen.lock import LockError, lock_path, read_lock

ROOT = Path(__file__).resolve().parents[1]
TABLE = "time_s,load\n0,1.0\n15,1.1\n"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """The shipped study with a load from a table, in a folder of its own."""
    shutil.copytree(ROOT / "scenarios" / "feeders" / "ieee34", tmp_path / "feeders" / "ieee34")
    text = (ROOT / "scenarios" / "ieee14_ieee34.tds").read_text(encoding="utf-8")
    text = text.replace("profile wobble = ", 'profile day = csv("day.csv", "load", "time_s")\nprofile wobble = day * ')
    (tmp_path / "day.csv").write_text(TABLE, encoding="utf-8")
    path = tmp_path / "study.tds"
    path.write_text(text, encoding="utf-8")
    return path


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_a_lock_holds_what_the_study_rests_on_and_no_path_of_the_machine(study: Path) -> None:
    done = call("lock", study)
    assert done.exit_code == 0, done.output
    text = lock_path(study).read_text(encoding="utf-8")
    assert str(study.parent) not in text
    assert str(Path(sys.prefix)) not in text
    lock = json.loads(text)
    assert sorted(lock["files"]) == ["andes:ieee14/ieee14_full.xlsx", "day.csv", "feeders/ieee34/ieee34.dss"]
    assert lock["seeds"] == {"bus4": [981]}
    assert lock["scales"]["bus4"]["p_factor"] == pytest.approx(23.3, rel=0.05)
    assert {"andes", "dss-python", "helics", "numpy", "python", "tdscen"} == set(lock["versions"])
    again = call("lock", study)
    assert again.exit_code == 0
    assert lock_path(study).read_text(encoding="utf-8") == text


def test_words_and_layout_may_change(study: Path) -> None:
    assert call("lock", study).exit_code == 0
    text = study.read_text(encoding="utf-8")
    study.write_text("# another remark\n" + text.replace("step = 1 s", "step   =   1000 ms"), encoding="utf-8")
    held = call("lock", "--check", study)
    assert held.exit_code == 0, held.output
    assert held.output.strip() == f"{lock_path(study).as_posix()} holds"


def edit(name: str, old: str, new: str) -> Callable[[Path, pytest.MonkeyPatch], None]:
    def change(folder: Path, _: pytest.MonkeyPatch) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def another_version(_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = tdscen.lock.version_of
    monkeypatch.setattr("tdscen.lock.version_of", lambda p, m: "9.9" if p == "andes" else real(p, m))


def another_scale(folder: Path, _: pytest.MonkeyPatch) -> None:
    path = lock_path(folder / "study.tds")
    data = json.loads(path.read_text(encoding="utf-8"))
    data["scales"]["bus4"]["p_factor"] *= 1 + 1e-6
    path.write_text(json.dumps(data), encoding="utf-8")


CHANGES: dict[str, tuple[Callable[[Path, pytest.MonkeyPatch], None], str]] = {
    "a model": (
        edit("feeders/ieee34/ieee34.dss", "vreg=122", "vreg=121.9"),
        "file feeders/ieee34/ieee34.dss is sha256",
    ),
    "a table": (edit("day.csv", "1.1", "1.2"), "file day.csv is sha256"),
    "a seed": (edit("study.tds", "seed = 981", "seed = 982"), "seeds of bus4 is [982], locked is [981]"),
    "the step": (edit("study.tds", "step = 1 s", "step = 0.5 s"), "what the scenario says (`tdscen diff` shows it) is"),
    "a version": (another_version, "version of andes is 9.9, locked is 2."),
    "a scale": (another_scale, "scale of bus4, p_factor is 2"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_locked_compilation_refuses_what_differs_and_writes_nothing(
    study: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(study.parent)
    assert call("lock", study).exit_code == 0
    change, sentence = CHANGES[what]
    change(study.parent, monkeypatch)
    for words in (("lock", "--check", study), ("compile", "--locked", study), ("run", "--locked", study)):
        refused = call(*words)
        assert refused.exit_code == 1, refused.output
        assert sentence in refused.output
        assert "not as study.tds.lock says" in refused.output
    assert not (study.parent / "generated").exists()


def test_what_is_locked_compiles_as_without_a_lock(study: Path) -> None:
    assert call("lock", study).exit_code == 0
    folders = [study.parent / name for name in ("locked", "plain")]
    assert call("compile", "--locked", study, "-o", folders[0]).exit_code == 0
    assert call("compile", study, "-o", folders[1]).exit_code == 0
    assert (folders[0] / "manifest.json").read_bytes() == (folders[1] / "manifest.json").read_bytes()
    refused = call("compile", "--locked", "--set", "x=1", study)
    assert refused.exit_code == 2
    assert "without --set" in refused.output


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "there is no"),
        ("{", "is no lock that can be read"),
        ("[]", "another format"),
        ('{"format": 2}', "another format"),
        ('{"format": 1, "files": {}, "scales": {}, "seeds": {}, "versions": {}}', "has no study"),
        ('{"format": 1, "files": {"a": 1}, "scales": {}}', "files is not as it should be"),
        ("[" * 100_000, "is no lock that can be read"),
    ],
)
def test_a_lock_that_is_none_is_said(tmp_path: Path, content: Any, sentence: str) -> None:
    path = tmp_path / "study.tds.lock"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(LockError, match=sentence):
        read_lock(path)


def test_a_locked_study_of_a_clone_in_another_folder_holds(study: Path, tmp_path: Path) -> None:
    """By a process of its own, from another working folder."""
    assert call("lock", study).exit_code == 0
    clone = tmp_path / "elsewhere" / "ünd weiter"
    clone.mkdir(parents=True)
    for name in ("study.tds", "study.tds.lock", "day.csv"):
        shutil.copy(study.parent / name, clone / name)
    shutil.copytree(study.parent / "feeders", clone / "feeders")
    command = [Path(sys.executable).parent / "tdscen", "lock", "--check", "study.tds"]
    done = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "study.tds.lock holds"), done.stderr
