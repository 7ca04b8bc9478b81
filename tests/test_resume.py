"""Interrupted runs taken up again: equal to the last bit to runs that nobody interrupted."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cosimulations import SCRIPTS, compiled, scenario
from federations import faked
from interruptions import info, journals, killed, resumed, whole
from plans import demo_plan

from tdscen.plan import Coupling, FeederFederate, Plan, Simulation
from tdscen.profiles import RandomWalk
from tdscen.results import open_run
from tdscen.results.profile import run_time
from tdscen.runtime import folder, heard, resuming
from tdscen.runtime.errors import NotStarted, RunError
from tdscen.runtime.heard import Heard
from tdscen.runtime.heartbeat import HeartbeatFile
from tdscen.runtime.launch import Launch
from tdscen.runtime.replay import Replay

STEPS = 60


@pytest.fixture(autouse=True)
def slow_fakes_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=":")
    monkeypatch.setenv("FAKE_SLEEP_S", "0.005")


def plan(coupling: Coupling) -> Plan:
    """Two feeders in two federates."""
    demo = demo_plan()
    first = demo.interfaces[0]
    return replace(
        demo,
        interfaces=(first, replace(first, name="east", bus=9, profile=RandomWalk(1.0, 0.02, 0.1, 7))),
        feeder_federates=(FeederFederate("one", ("bus4",)), FeederFederate("other", ("east",))),
        simulation=Simulation(0.1, STEPS * 0.1, STEPS, coupling, tolerance_pu=1e-9, max_exchanges=30),
    )


def test_a_run_that_was_killed_twice_is_joined_without_a_seam(tmp_path: Path) -> None:
    study = faked(tmp_path / "study", plan("iterative"))
    expected = journals(whole(study))
    run = killed(study, 1.5)
    opened = open_run(run)
    assert 1.4 <= (opened.reached_s or 0.0) < 5.0
    assert "killed together with its broker" in (opened.cause or "")
    assert killed(study, 3.5, run) == run
    (run / ".results.parquet.4711").touch()  # its writer was killed
    with (run / "journal" / "one.f64").open("ab") as journal:
        journal.write(b"half a row")
    (run / "run.json").unlink()  # lost with the power, say
    command = [SCRIPTS / "tdscen", "run", "--resume", str(study.parent / "study")]
    assert (open_run(run).cause or "").startswith("the record of the run (run.json) is lost; 3")
    (study / "runs" / "0001").rename(tmp_path / "whole")
    said = subprocess.run(command, check=False, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    assert "run 0002: resumed at t = " in said.stdout
    assert journals(run) == expected
    assert not list(run.glob(".*"))
    again = info(run)["resumed"]
    assert again[-1]["at_s"] >= 3.4
    assert again[-1]["row"] == round(again[-1]["at_s"] / 0.1)
    opened = open_run(study)
    assert opened.complete
    assert opened.table.equals(open_run(tmp_path / "whole").table)
    with pytest.raises(NotStarted, match="run 0002 is complete: there is nothing to resume"):
        resuming.look(study, run)


def test_what_cannot_be_resumed_is_said(tmp_path: Path) -> None:
    study = faked(tmp_path / "study", plan("serial"))
    run = folder.next_run_folder(study)
    with pytest.raises(NotStarted, match=r"plan\.json cannot be read"):
        resuming.look(study, run)
    text = (study / "plan.json").read_text()
    (run / "plan.json").write_text(text)
    with pytest.raises(NotStarted, match="run 0001 has not recorded t = 0 in every journal: start a new run"):
        resuming.look(study, run)
    other = json.loads(text)
    other["federation"]["timeout_s"] = 5.0  # how a run is watched may change
    (run / "plan.json").write_text(json.dumps(other))
    with pytest.raises(NotStarted, match="has not recorded"):
        resuming.look(study, run)
    other["simulation"]["step_s"] = 0.2
    (run / "plan.json").write_text(json.dumps(other))
    with pytest.raises(NotStarted, match=r"run 0001 is of another plan than .*: compile the scenario as it was then"):
        resuming.look(study, run)
    living = HeartbeatFile(folder.status_file(run, folder.BROKER))
    with pytest.raises(NotStarted, match="run 0001 is going on"):
        resuming.look(study, run)
    living.close()


@pytest.mark.slow
def test_a_script_that_was_changed_in_between_is_noticed(tmp_path: Path) -> None:
    study = faked(tmp_path / "study", plan("parallel"))
    run = killed(study, 1.0)
    before = journals(run)
    script = study / "federates" / "one.py"
    text = script.read_text()
    script.write_text(
        text.replace("power_kva = feeder.solve(voltage_pu, ", "power_kva = 1.001 * feeder.solve(voltage_pu, ")
    )
    with Launch(study, run) as launch:
        assert launch.finish() == 3
    assert "the run cannot be resumed: bus4/q_mvar at t = 0.1 s was 10." in info(run)["cause"]
    assert "scripts, models, simulators must be those of the first part" in info(run)["cause"]
    script.write_text(text)
    assert resumed(study, run)["state"] == "complete"
    assert all(content.startswith(before[name][:80]) for name, content in journals(run).items())


def test_what_was_heard_is_read_back_as_far_as_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "one.heard"
    kept = Heard(path)
    for time_s, numbers in ((0.0, [1.0, 2.0, 3.0]), (0.5, []), (1.0, [np.nextafter(1, 2)])):
        kept.add(numbers)
        kept.close_row(time_s)
    kept.close()
    whole_bytes = path.read_bytes()
    assert heard.count(path, (0.0, 0.5, 1.0, 1.5)) == 3
    assert heard.count(path, (0.0, 0.6, 1.0)) == 1
    assert [record.tolist()[2:] for record in heard.records(path)] == [[1.0, 2.0, 3.0], [], [np.nextafter(1, 2)]]
    path.write_bytes(whole_bytes[:-1])
    assert heard.count(path, (0.0, 0.5, 1.0)) == 2
    heard.cut(path, 1)
    assert path.read_bytes() == whole_bytes[:40]
    assert heard.count(tmp_path / "none", (0.0,)) == 0
    for odd in (np.nan, -1.0, 1e300, np.inf):
        path.write_bytes(whole_bytes[:40] + np.array([0.5, odd, 1.0]).tobytes())
        assert heard.count(path, (0.0, 0.5, 1.0)) == 1


def test_a_replay_tells_what_was_heard_and_no_more(tmp_path: Path) -> None:
    run = folder.next_run_folder(tmp_path)
    kept = Heard(folder.heard_rows(run, "one"))
    for time_s in (0.0, 1.0):
        kept.add([1.0, 0.25, -0.5])
        kept.close_row(time_s)
    folder.journal_rows(run, "one").write_bytes(np.array([0.0, 7.0, 1.0, 8.0]).tobytes())
    replay = Replay(run, "one", ("time_s", "a"), 2, 1)
    assert replay.updated(0)
    assert replay.receive(0, ("x",), "", "", "").tolist() == [0.25 - 0.5j]
    with pytest.raises(RunError, match="its script asks for more than it heard"):
        replay.updated(0)
    replay.compare(0.0, np.array([7.0 + 5e-9]))
    assert replay.deviation == pytest.approx(5e-9 / 7)
    with pytest.raises(RunError, match=r"a at t = 1 s was 8, is now 8\.00000001;"):
        replay.compare(1.0, np.array([8 + 1e-8]))
    with pytest.raises(RunError, match="does not ask for all that it heard at t = 1 s"):
        replay.compare(1.0, np.array([8.0]))


def test_checkpoints_have_the_disk_hold_the_rows(tmp_path: Path) -> None:
    """Counted in the federate's own process; three of them and one at the end."""
    counting = "import os\nsyncs, sync = [], os.fsync\nos.fsync = lambda file: (syncs.append(file), sync(file))\n"
    edits = {"one": {"import sys\n": f"import sys\n{counting}"}}
    short = replace(plan("serial"), simulation=Simulation(0.1, 2.5, 25, "serial", checkpoint_s=1.0))
    study = faked(tmp_path / "study", short, edits)
    script = study / "federates" / "one.py"
    script.write_text(f"{script.read_text()}\nprint('syncs:', len(syncs))\n")
    run = whole(study)
    assert "syncs: 8" in (run / "logs" / "one.log").read_text()


def test_a_run_of_the_real_simulators_is_resumed_to_the_last_bit(tmp_path: Path) -> None:
    study = compiled(tmp_path, scenario(stop="4 s\n  checkpoint = 1 s", step="0.25 s"))
    expected = journals(whole(study))
    run = killed(study, 1.5)
    record = resumed(study, run)
    assert journals(run) == expected
    assert record["state"] == "complete"
    assert [again["interrupted"] for again in record["resumed"]] == [
        "the run and its broker were killed (no last words)"
    ]
    assert all(timings["replay_s"] > 0 for timings in record["timings"]["federates"].values())
    profiled = run_time(open_run(run))
    assert open_run(run).plan.simulation.checkpoint_s == 1.0
    assert profiled.steps == 16 - record["resumed"][0]["row"]
