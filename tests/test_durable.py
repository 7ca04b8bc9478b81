"""What was recorded stays: on a full disk, with torn files, without the run's record."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner
from federations import faked, long_plan, run, until
from interruptions import info, journals, resumed, whole
from plans import demo_plan
from run_folders import cut, make_plan, write_run

from tdscen import open_run
from tdscen.cli import main
from tdscen.plan import Simulation
from tdscen.results import finish
from tdscen.runtime import folder, heartbeat, record, service
from tdscen.runtime.heartbeat import Heartbeat, HeartbeatFile
from tdscen.runtime.launch import Launch
from tdscen.runtime.progress import progress
from tdscen.runtime.service import Service, Stopped
from tdscen.runtime.status import ExitStatus

FEEDER = "ieee34_bus4"
HALF = replace(demo_plan(), simulation=Simulation(0.05, 5.0, 100, "serial"))
linux = pytest.mark.skipif(sys.platform != "linux", reason="limits of another process and tmpfs are Linux's")


@pytest.fixture(autouse=True)
def slow_fakes_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=":")
    monkeypatch.setenv("FAKE_SLEEP_S", "0.01")


@linux
def test_a_feeder_without_room_for_its_journal_ends_the_run_which_goes_on_when_there_is(tmp_path: Path) -> None:
    study = faked(tmp_path / "study", HALF)
    with Launch(study) as launch:
        until(lambda: launch.run and all((f.time_s or 0.0) >= 0.5 for f in progress(launch.run)), "t = 0.5 s")
        found = launch.run
        assert found is not None
        rows = folder.journal_rows(found, FEEDER)
        limit = rows.stat().st_size + 1003  # some rows and a part of another
        psutil.Process(launch._processes[FEEDER].pid).rlimit(psutil.RLIMIT_FSIZE, (limit, limit))
        assert launch.finish() == 3
    failed = info(found)
    assert (failed["exit_status"], failed["federate"]) == (3, FEEDER)
    assert f"{FEEDER} failed at t = {failed['failed_at_s']:g} s: the journal could not be written" in failed["cause"]
    assert rows.stat().st_size == limit
    opened = open_run(found)
    assert 0.5 <= (opened.reached_s or 0.0) < failed["failed_at_s"]
    assert resumed(study, found)["state"] == "complete"
    assert journals(found) == journals(whole(study))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if sys.platform != "linux" or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small disk can be mounted by root on Linux only")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_ends_the_run_with_the_reason_and_the_rows(small_disk: Path) -> None:
    study = faked(small_disk / "study", long_plan())
    free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
    (small_disk / "others").write_bytes(bytes(free - 150_000))
    ended = run(study)
    assert ended.status == 1
    assert ended.info["exit_status"] == 3
    assert "the journal could not be written at t = " in ended.info["cause"]
    assert ended.info["cause"] in ended.said
    assert ended.run is not None
    opened = open_run(ended.run)
    assert opened.reached_s == pytest.approx(ended.info["failed_at_s"], abs=0.21)
    assert opened.cause == ended.info["cause"]
    left = {path.name for path in ended.run.rglob(".*")} | {path.name for path in (study / "runs").rglob("*.tmp")}
    assert not left


def test_results_that_find_no_room_are_made_when_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = faked(tmp_path / "study", replace(HALF, simulation=Simulation(1.0, 5.0, 5, "serial")))
    done = whole(study)
    table = (done / "results.parquet").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as changed:
        changed.setattr("tdscen.results.finishing.write_parquet", full)
        (done / "results.parquet").unlink()
        assert finish(done) is ExitStatus.FEDERATE_FAILED
    sentence = "results.parquet could not be written (No space left on device); the journals hold all rows"
    assert (info(done)["state"], info(done)["cause"], info(done)["results"]) == ("failed", sentence, None)
    opened = open_run(done)
    assert (opened.complete, opened.reached_s, opened.cause) == (False, 5.0, sentence)
    said = CliRunner().invoke(main, ["run", "--resume", str(done)])
    assert said.exit_code == 0, said.output
    assert "run 0001: complete, 5 of 5 steps" in said.output
    assert "interrupted and resumed at t = 5 s" in said.output
    assert (done / "results.parquet").read_bytes() == table
    assert info(done)["resumed"][0]["interrupted"] == sentence


@pytest.mark.parametrize("left", [None, "", '{"format": 1, "sta', "[]", "null"])
def test_a_run_without_its_record_is_read_from_its_journals(tmp_path: Path, left: str | None) -> None:
    found = write_run(tmp_path / "0001", make_plan())
    cut(found, "ieee34", rows=7, extra_bytes=11)
    if left is None:
        (found / "run.json").unlink()
    else:
        (found / "run.json").write_text(left)
    opened = open_run(found)
    assert (opened.complete, opened.steps_done, opened.reached_s) == (False, 6, 6.0)
    said = CliRunner().invoke(main, ["results", str(found)])
    assert said.exit_code == 0
    sentence = "the record of the run (run.json) is lost; 6 of 15 steps are recorded"
    assert f"incomplete: it reached t = 6 s of 15 s; {sentence}" in said.output
    record.close_abandoned(found)  # the next run starts all the same
    assert finish(found) is ExitStatus.FEDERATE_FAILED
    assert info(found)["cause"] == "the run ended after 6 of 15 steps and left no cause"


def test_a_partial_run_is_drawn_and_says_so(tmp_path: Path) -> None:
    found = write_run(tmp_path / "0001", make_plan(), state="running")
    cut(found, "ieee14", rows=9)
    said = CliRunner().invoke(main, ["plot", str(found)])
    assert said.exit_code == 0, said.output
    assert "incomplete: it reached t = 8 s of 15 s; the run has not ended, or was killed together with" in said.output
    assert (found / "plot.png").stat().st_size > 10_000


def test_an_interrupted_run_that_recorded_nothing_says_so(tmp_path: Path) -> None:
    found = write_run(tmp_path / "0001", make_plan(), {}, state="running")
    said = CliRunner().invoke(main, ["results", str(found)])
    assert said.exit_code == 0, said.output
    assert "incomplete: it has recorded nothing; the run has not ended" in said.output
    assert CliRunner().invoke(main, ["plot", str(found)]).exit_code == 1


@linux
def test_last_words_find_room_on_a_full_disk(small_disk: Path) -> None:
    path = small_disk / "feeder.json"
    file = HeartbeatFile(path)
    last = Heartbeat("feeder", 1, "failed", cause="no room", notes=("n" * 300,) * 40)
    (small_disk / "others").write_bytes(bytes(os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize))
    file.write(replace(last, state="running", notes=()))
    file.write(last)
    assert heartbeat.read(path) == replace(last, notes=())
    file.write(replace(last, notes=()))
    file.close()
    assert heartbeat.read(path) == replace(last, notes=())


def test_a_broker_that_is_stopped_while_it_starts_gives_the_reserve_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generated, reserved = faked(tmp_path / "study", demo_plan()), []

    def stopped(*_: object) -> None:
        reserved.extend(generated.rglob(folder.RESERVE))
        raise Stopped(15)

    monkeypatch.setattr(service, "_broker", stopped)
    with pytest.raises(Stopped):
        Service(generated, ["ieee14", "ieee34"])
    assert len(reserved) == 1
    assert not reserved[0].exists()


def test_what_resume_takes_is_said(tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["run", "--resume", str(tmp_path), "--set", "a=1"]).exit_code == 2
    assert CliRunner().invoke(main, ["run"]).exit_code == 2
    said = CliRunner().invoke(main, ["run", "--resume", str(tmp_path)])
    assert said.exit_code == 5
    assert "is no run of a generated folder: give generated/NAME/runs/0001, or generated/NAME" in said.output
