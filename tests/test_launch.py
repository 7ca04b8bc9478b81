"""Runs without `helics run`: the same processes, none left behind, each run its own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from federations import faked, long_plan, until
from plans import demo_plan

from tdscen.plan import Simulation
from tdscen.results import open_run
from tdscen.runtime.errors import NotStarted
from tdscen.runtime.launch import Launch
from tdscen.runtime.progress import progress


@pytest.fixture(autouse=True)
def fakes_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=":")


def short(folder: Path) -> Path:
    return faked(folder, replace(demo_plan(), simulation=Simulation(1.0, 5.0, 5, "serial")))


def children() -> list[str]:
    return [" ".join(child.cmdline()) for child in psutil.Process().children() if child.status() != "zombie"]


def test_two_runs_of_one_process_in_one_folder_are_two_runs(tmp_path: Path) -> None:
    study = short(tmp_path / "study")
    with Launch(study) as first, Launch(study) as second:
        assert (first.finish(), second.finish()) == (0, 0)
        runs = {first.run, second.run}
    assert {run.name for run in runs if run} == {"0001", "0002"}
    one, other = (open_run(run).table for run in runs if run)
    assert one.equals(other)
    assert len(one) == 6
    assert not children()


def test_a_federate_that_fails_ends_the_run_with_its_status(tmp_path: Path) -> None:
    broken = {"ieee14": {"system.start(federate.receive())": "raise ValueError('a slip in the script')"}}
    study = faked(tmp_path / "study", demo_plan(), broken)
    with Launch(study) as launch:
        assert launch.finish() == 3
        assert launch.run is not None
        assert "a slip in the script" in json.loads((launch.run / "run.json").read_text())["cause"]
        assert "a slip in the script" in launch.said()
    assert not children()


def test_a_run_that_is_left_or_stopped_leaves_no_process(tmp_path: Path) -> None:
    study = faked(tmp_path / "study", long_plan())
    with Launch(study) as left:
        until(lambda: left.run, "a run")
        assert children()
    assert not children()
    with Launch(study) as stopped:
        until(lambda: stopped.run and all(f.state == "running" for f in progress(stopped.run)), "a run on its way")
        stopped.stop()
        assert stopped.finish() == 130
    assert not children()


def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotStarted, match=r"runner\.json cannot be read .* compile the scenario again"):
        Launch(tmp_path)
