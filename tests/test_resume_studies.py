"""Whole studies of ANDES and OpenDSS, killed in the middle and taken up again: equal to the last bit.

What each has on both sides of the interruption: see the scenarios.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cosimulations import ROOT, compiled, scenario
from federations import faked, until
from interruptions import journals, killed, resumed, whole
from plans import demo_plan

from tdscen.compiler import compile_file
from tdscen.emit import write
from tdscen.plan import Simulation
from tdscen.results import open_run
from tdscen.runtime.launch import Launch
from tdscen.runtime.progress import progress

pytestmark = pytest.mark.slow

EVENTS = """
event fault {
  at          = 1 s
  fault       = ieee14.bus[9]
  reactance   = 0.05 pu
  clear_after = 0.1 s
}

event rise {
  at  = 3 s
  set = ieee34.load["s890"].kW
  to  = 900 kW
}
"""

STORAGE = """
profile out = step(at = 40 s, to = 0, before = 0.2)
profile in  = step(at = 45 s, to = 0.8)

der battery {
  kind       = storage
  at         = ieee34.bus["848"]
  rating     = 300 kVA
  energy     = 2 MWh
  efficiency = 90 %
  discharge  = out
  charge     = in
}
"""


def events(coupling: str) -> str:
    """A fault before and a load's rise after the interruption at 2 s."""
    text = scenario(stop="4 s", step="0.1 s", coupling=coupling)
    return text.replace("step = 0.1 s", "step = 0.1 s\n  transmission_step = 0.1 s") + EVENTS


def taps() -> str:
    """A load that jumps at 5 s; regulators wait for 30 s and are interrupted in that; a storage that discharges."""
    text = scenario(stop="80 s", step="1 s", coupling="parallel", load="step(at = 5 s, to = 1.25)")
    return text.replace("step = 1 s", "step = 1 s\n  transmission_step = 100 ms") + STORAGE


def interrupted(study: Path, *at_s: float) -> Path:
    """Killed at each of these times, resumed, and compared with a run that nobody interrupted."""
    expected = journals(whole(study))
    run = None
    for time_s in at_s:
        run = killed(study, time_s, run)
    assert run is not None
    assert len(resumed(study, run)["resumed"]) == len(at_s)
    assert journals(run) == expected
    assert open_run(run).complete
    return run


@pytest.mark.parametrize("coupling", ["serial", "parallel", "iterative(tolerance = 1e-8)"])
def test_between_two_events(tmp_path: Path, coupling: str) -> None:
    run = interrupted(compiled(tmp_path, events(coupling)), 2.0)
    assert 1.1 < open_run(run).info["resumed"][0]["at_s"] < 3


def test_while_regulators_wait(tmp_path: Path) -> None:
    run = interrupted(compiled(tmp_path, taps()), 15.0, 25.0)
    opened = open_run(run)
    moved = np.flatnonzero(opened.recording.column("bus4/taps_moved"))
    assert 5 < opened.info["resumed"][0]["row"] < moved[0]  # the second kill may come late on a busy machine


@pytest.mark.parametrize(("name", "at_s"), [("ieee14_ieee34", 7), ("pv_cloud", 60), ("day_quasi_static", 36_000)])
def test_the_shipped_studies(tmp_path: Path, name: str, at_s: float) -> None:
    compiled_study = compile_file(ROOT / "scenarios" / f"{name}.tds")
    write(compiled_study.artifacts, tmp_path / "study")
    interrupted(tmp_path / "study", at_s)


@pytest.fixture
def slow_fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=":")
    monkeypatch.setenv("FAKE_SLEEP_S", "0.01")


@pytest.mark.usefixtures("slow_fakes")
@pytest.mark.parametrize("victim", ["broker", "ieee14", "ieee34_bus4", "nobody"])
def test_whatever_interrupted_it(tmp_path: Path, victim: str) -> None:
    """One process is killed and the run ends by itself, or it is stopped as Ctrl-C does."""
    study = faked(tmp_path / "study", replace(demo_plan(), simulation=Simulation(0.05, 5.0, 100, "serial")))
    with Launch(study) as launch:
        until(lambda: launch.run and all((f.time_s or 0.0) >= 2.0 for f in progress(launch.run)), "t = 2 s")
        run = launch.run
        assert run is not None
        if victim == "nobody":
            launch.stop()
        else:
            launch._processes[victim].kill()
        launch.finish()
    cause = "the run was interrupted (SIGINT)" if victim == "nobody" else "was killed (no last words)"
    assert cause in resumed(study, run)["resumed"][0]["interrupted"]
    assert journals(run) == journals(whole(study))


@pytest.mark.usefixtures("slow_fakes")
def test_of_two_that_resume_a_run_at_once_one_does(tmp_path: Path) -> None:
    study = faked(tmp_path / "study", replace(demo_plan(), simulation=Simulation(0.05, 5.0, 100, "serial")))
    run = killed(study, 1.0)
    with Launch(study, run) as one, Launch(study, run) as other:
        statuses = {one.finish(), other.finish()}
        said = one.said() + other.said()
    assert statuses == {0, 5}
    assert "it works on this run" in said or "is going on" in said
    assert journals(run) == journals(whole(study))
