"""The account of a run's time adds up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from federations import faked, run
from plans import demo_plan

from tdscen.plan import Simulation
from tdscen.results import open_run
from tdscen.results.errors import ResultsError
from tdscen.results.profile import run_time


def test_what_each_federate_did_adds_up_to_less_than_the_run(tmp_path: Path) -> None:
    study = faked(tmp_path / "study", replace(demo_plan(), simulation=Simulation(0.5, 10.0, 20, "serial")))
    assert run(study, FAKE_SLEEP_S="0.01").status == 0
    opened = open_run(study)
    found = run_time(opened)
    transmission, feeders = found.federates
    assert (transmission.name, feeders.name, found.steps) == ("ieee14", "ieee34_bus4", 20)
    assert transmission.solving_s >= 20 * 0.01  # what its solver slept
    assert feeders.waiting_s >= 20 * 0.01
    for federate in found.federates:
        timings = opened.info["timings"]["federates"][federate.name]
        assert federate.loop_s == pytest.approx(timings["loop_s"])
        assert 0 < federate.recording_s < federate.loop_s
        assert federate.equilibrium_s + federate.loop_s < found.wall_s
    assert 0 <= found.exchange_s <= transmission.waiting_s


def test_a_run_that_failed_has_no_account(tmp_path: Path) -> None:
    broken = {"ieee14": {"system.start(federate.receive())": "raise ValueError('a slip')"}}
    study = faked(tmp_path / "study", demo_plan(), broken)
    assert run(study).status != 0
    with pytest.raises(ResultsError, match="did not come to its end"):
        run_time(open_run(study))
