"""A generated folder that is still what its scenario compiles to is not compiled again; anything else is."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from tdscen import compiler
from tdscen.cli import main

STUDY = """scenario "compiled once"
transmission ieee14 { case = "ieee14/ieee14_full.xlsx" }
distribution feeder { model = "small.dss" }
interface bus4 { transmission = ieee14.bus[4]; distribution = feeder; scale = 10; load = constant(1) }
simulation { step = 1 s; stop = 5 s }
"""


def compile_(scenario: Path) -> str:
    done = CliRunner().invoke(main, ["compile", str(scenario), "-o", str(scenario.parent / "out")])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def study(tmp_path: Path) -> Path:
    shutil.copy(Path(__file__).parent / "corpus/invalid/models/small.dss", tmp_path / "small.dss")
    (tmp_path / "study.tds").write_text(STUDY)
    return tmp_path / "study.tds"


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The scenarios that were really compiled."""
    found: list[Path] = []
    whole = compiler.compile_file

    def counted(path: Path, settings: tuple[str, ...] = ()) -> compiler.Compiled:
        found.append(path)
        return whole(path, settings)

    monkeypatch.setattr(compiler, "compile_file", counted)
    return found


def test_the_second_time_nothing_is_compiled_and_the_same_is_said(study: Path, compiled: list[Path]) -> None:
    first, second = compile_(study), compile_(study)
    assert first == second
    assert "bus4: feeder x" in first
    assert compiled == [study]


CHANGES: dict[str, Callable[[Path], object]] = {
    "the scenario": lambda folder: (folder / "study.tds").write_text(STUDY + "\n"),
    "the feeder": lambda folder: (folder / "small.dss").write_text((folder / "small.dss").read_text() + "\n! more\n"),
    "a script": lambda folder: (folder / "out" / "federates" / "ieee14.py").write_text("print('mine')\n"),
    "a missing plan": lambda folder: (folder / "out" / "plan.json").unlink(),
    "the manifest": lambda folder: (folder / "out" / "manifest.json").unlink(),
    "a model in the folder": lambda folder: next((folder / "out" / "models").rglob("*.dss")).write_text("clear\n"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_of_anything_is_compiled(study: Path, compiled: list[Path], what: str) -> None:
    compile_(study)
    CHANGES[what](study.parent)
    if what == "the manifest":  # a folder with other files and no manifest is refused
        done = CliRunner().invoke(main, ["compile", str(study), "-o", str(study.parent / "out")])
        assert done.exit_code == 1
    else:
        said = compile_(study)
        assert ("kept your changed federates/ieee14.py" in said) == (what == "a script")
    assert compiled == [study, study]
