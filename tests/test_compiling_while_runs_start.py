"""A generated folder is not changed while a run starts in it, and a run starts only what was compiled for it."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from federations import compiled, faked, until
from plans import demo_models, demo_plan

from tdscen.emit import WriteError, emit, write
from tdscen.plan import Plan, Simulation
from tdscen.runtime import locks
from tdscen.runtime.errors import NotStarted
from tdscen.runtime.launch import Launch


@pytest.fixture(autouse=True)
def fakes_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=":")
    monkeypatch.setenv("FAKE_SLEEP_S", "0")


def other_study() -> Plan:
    return replace(demo_plan(), simulation=Simulation(1.0, 5.0, 5, "serial"))


def test_a_compilation_waits_for_the_runs_that_start(tmp_path: Path) -> None:
    study = compiled(tmp_path / "study", demo_plan())
    before = (study / "plan.json").read_bytes()
    readers = [locks.Reading(study), locks.Reading(study)]
    compiling = threading.Thread(target=write, args=(emit(other_study(), demo_models()), study))
    compiling.start()
    readers[0].end()
    time.sleep(0.2)
    assert compiling.is_alive()
    assert (study / "plan.json").read_bytes() == before
    readers[1].end()
    compiling.join(10)
    assert (study / "plan.json").read_bytes() != before


def test_the_same_study_is_compiled_without_waiting(tmp_path: Path) -> None:
    study = compiled(tmp_path / "study", demo_plan())
    reader = locks.Reading(study)
    assert not write(emit(demo_plan(), demo_models()), study).changes
    reader.end()


def test_a_run_that_never_loads_its_models_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = compiled(tmp_path / "study", demo_plan())
    monkeypatch.setattr(locks.changing.__wrapped__, "__defaults__", (0.1,))  # type: ignore[attr-defined]
    reader = locks.Reading(study)
    with pytest.raises(WriteError, match="was not changed: a run that was started there"):
        write(emit(other_study(), demo_models()), study)
    reader.end()


def test_a_run_does_not_start_another_study_than_it_was_compiled_to(tmp_path: Path) -> None:
    study = faked(tmp_path / "study", demo_plan())
    made = sha256((study / "manifest.json").read_bytes()).hexdigest()
    faked(study, other_study())
    with pytest.raises(NotStarted, match="was compiled to another study at the same time"), Launch(study, None, made):
        pass
    assert not (study / "runs").exists()


def test_a_folder_is_compiled_while_a_run_of_it_goes_on(tmp_path: Path) -> None:
    study = faked(tmp_path / "study", replace(demo_plan(), simulation=Simulation(1.0, 600.0, 600, "serial")))
    with Launch(study) as launch:
        until(lambda: launch.run, "a run")
        write(emit(other_study(), demo_models()), study, force=True)  # comes back once the federates have loaded
        assert launch.finish() == 0, launch.said()
        assert launch.run is not None
        assert '"stop_s": 600.0' in (launch.run / "plan.json").read_text()
        assert (launch.run / "journal" / "ieee14.f64").stat().st_size > 601 * 8
    assert '"stop_s": 5.0' in (study / "plan.json").read_text()
