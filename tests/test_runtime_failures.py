"""Runs that go wrong: each ends by itself, says why, leaves what it had, and leaves nothing running."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from federations import Ended, faked, journal, long_plan, processes, run, start, until, until_time, wait
from plans import demo_plan

from tdscen import open_run
from tdscen.plan import Plan, Simulation
from tdscen.runtime.progress import is_running, progress

SLOW = {"FAKE_SLEEP_S": "0.005"}
ENDS_WITHIN_S = 5.0
ADVANCE = "        voltage_pu = system.advance("


def short_plan(**federation: Any) -> Plan:
    plan = demo_plan()
    simulation = Simulation(1.0, 5.0, 5, "serial")
    return replace(plan, simulation=simulation, federation=replace(plan.federation, **federation))


@pytest.mark.parametrize(
    ("victim", "named"),
    [
        ("ieee34_bus4", "ieee34_bus4 was killed (no last words) at t = "),
        ("ieee14", "ieee14 was killed (no last words) at t = "),
        ("broker", "the broker of the run was killed (no last words) at t = "),
    ],
)
def test_a_killed_process_ends_the_run_with_its_name(tmp_path: Path, victim: str, named: str) -> None:
    folder = faked(tmp_path / "study", long_plan())
    runner = start(folder, **SLOW)
    until_time(runner, folder, 0.5)
    family = processes(runner)
    assert set(family) == {"broker", "ieee14", "ieee34_bus4"}
    _away_from_the_runners_look(runner)
    killed_at = time.monotonic()
    family[victim].kill()
    ended = wait(runner, folder)
    assert ended.status == 1
    assert time.monotonic() - killed_at < ENDS_WITHIN_S
    assert named in ended.info["cause"]
    assert ended.info["federate"] == victim
    assert ended.info["failed_at_s"] >= 0.5
    assert named in ended.said
    _nothing_runs(family)
    _rows_are_readable(ended)


def test_a_killed_runner_leaves_no_process_and_readable_rows(tmp_path: Path) -> None:
    folder = faked(tmp_path / "study", long_plan())
    runner = start(folder, **SLOW)
    run_folder = until_time(runner, folder, 0.5)
    assert is_running(run_folder)
    family = processes(runner)
    runner.kill()
    runner.wait()
    until(lambda: not any(child.is_running() for child in family.values()), "all processes end")
    assert not is_running(run_folder)
    ended = Ended(-9, "", run_folder)
    assert ended.info["state"] == "failed"
    assert ended.info["cause"] == "the process that launched the run ended before the run did"
    _rows_are_readable(ended)


def test_ctrl_c_ends_everything_and_is_written_down(tmp_path: Path) -> None:
    folder = faked(tmp_path / "study", long_plan())
    runner = start(folder, **SLOW)
    until_time(runner, folder, 0.5)
    family = processes(runner)
    for process in family.values():  # a terminal signals the runner too, which kills what it finds and may then say 0
        process.send_signal(signal.SIGINT)
    ended = wait(runner, folder)
    assert ended.status == 1
    assert ended.info["state"] == "failed"
    assert ended.info["cause"] == "the run was interrupted (SIGINT)"
    assert ended.info["exit_status"] == 130
    _nothing_runs(family)


def test_a_run_without_results_is_a_failed_one(tmp_path: Path) -> None:
    folder = faked(tmp_path / "study", short_plan())
    broker = folder / "broker.py"
    full = """
import tdscen.results.finishing
def full(*_):
    raise OSError(28, "No space left")
tdscen.results.finishing.write_parquet = full
supervise(__file__"""
    broker.write_text(broker.read_text().replace("supervise(__file__", full))
    ended = run(folder)
    assert ended.status == 1
    assert ended.info["state"] == "failed"
    assert ended.info["cause"] == "results.parquet could not be written (No space left); the journals hold all rows"
    assert ended.info["cause"] in ended.said


def test_an_error_in_a_script_is_the_cause_and_the_next_run_works(tmp_path: Path) -> None:
    raising = '        if time_s > 2:\n            raise ValueError("no\\nvoltage")\n' + ADVANCE
    folder = faked(tmp_path / "study", short_plan(), {"ieee14": {ADVANCE: raising}})
    ended = run(folder)
    assert ended.status == 1
    assert ended.info["cause"] == "ieee14 failed at t = 3 s: ValueError: no voltage"
    assert ended.info["exit_status"] == 3
    assert ended.info["failed_at_s"] == 3.0
    assert "ieee14 failed at t = 3 s: ValueError: no voltage" in ended.said
    assert ended.run is not None
    assert "Traceback" in (ended.run / "logs" / "ieee14.log").read_text()
    opened = open_run(ended.run)
    assert not opened.complete
    assert opened.table["time_s"].tolist() == [0.0, 1.0, 2.0]

    script = folder / "federates" / "ieee14.py"
    script.write_text(script.read_text().replace(raising, ADVANCE))
    again = run(folder)
    assert again.status == 0, again.said
    assert again.run == folder / "runs" / "0002"


def test_an_error_while_a_model_loads_ends_the_run_before_time_starts(tmp_path: Path) -> None:
    broken = {"    feeders = [": '    raise RuntimeError("no such feeder")\n    feeders = ['}
    ended = run(faked(tmp_path / "study", short_plan(), {"ieee34_bus4": broken}))
    assert ended.status == 1
    assert ended.info["cause"] == "ieee34_bus4 failed before t = 0: RuntimeError: no such feeder"
    assert ended.info["failed_at_s"] is None
    assert ended.info["results"] is None


def test_a_value_that_is_no_number_names_its_sender(tmp_path: Path) -> None:
    poisoned = {"send(power_mva)\n        federate.r": "send(power_mva * np.nan)\n        federate.r"}
    ended = run(faked(tmp_path / "study", short_plan(), {"ieee34_bus4": poisoned}))
    assert ended.status == 1
    why = "the simulator gives no power for bus4: (nan+nanj) is not a number to compute with"
    cause = f"ieee34_bus4 failed at t = 1 s: {why}"
    assert ended.info["cause"] == cause
    assert ended.info["waiting"] == ["ieee14"]
    assert f"{cause} (ieee14 was waiting for it)" in ended.said


@pytest.mark.parametrize(
    ("late", "what"), [("federate.send(power_mva)", "sends"), ("federate.receive()", "reads")], ids=["send", "receive"]
)
def test_nothing_is_exchanged_behind_a_release(tmp_path: Path, late: str, what: str) -> None:
    edit = {"        measured = ": f"        {late}\n        measured = "}
    ended = run(faked(tmp_path / "study", short_plan(), {"ieee34_bus4": edit}))
    assert ended.status == 1
    assert f"a script {what} values behind its `release`" in ended.info["cause"]


def test_a_vector_of_the_wrong_length_names_its_sender(tmp_path: Path) -> None:
    longer = {"        federate.send(voltage_pu)\n": "        federate._link.publish(0, [*voltage_pu, 1.0])\n"}
    ended = run(faked(tmp_path / "study", short_plan(), {"ieee14": longer}))
    assert "ieee14 sent 2 numbers as voltage at t = 1 s where 1 are expected" in ended.info["cause"]


def test_sides_that_never_agree_are_told_so(tmp_path: Path) -> None:
    flip = "(1.0 + 0.01 * (federate._presence.beat.exchanges % 2) + 0j * federate.receive())"
    hunting = {"(system.power_flow(federate.receive()))": flip}
    ended = run(faked(tmp_path / "study", short_plan(), {"ieee14": hunting}))
    assert ended.status == 1
    assert "find no common start at bus4: after 200 exchanges its voltage still moves by 0.01 pu" in ended.info["cause"]


def test_a_federate_that_hangs_is_named(tmp_path: Path) -> None:
    hanging = "        __import__('time').sleep(1000 if time_s > 1 else 0)\n" + ADVANCE
    plan = short_plan(timeout_s=1.0)
    ended = run(faked(tmp_path / "study", plan, {"ieee14": {ADVANCE: hanging}}))
    assert ended.status == 1
    assert ended.info["federate"] == "ieee14"
    assert "ieee14 has not answered for 1 s at t = 2 s" in ended.info["cause"]


def test_a_federate_that_never_joins_is_named(tmp_path: Path) -> None:
    # Late enough for the broker to be there: `helics run` kills it within a second of the first bad end.
    late = "import sys, time\ntime.sleep(1.5)\nsys.exit(1)\n"
    folder = faked(tmp_path / "study", short_plan(), {"ieee14": {"import sys\n": late}})
    ended = run(folder)
    assert ended.status == 1
    assert ended.info["cause"] == "ieee14 ended before it joined the run: see ieee14.log"
    assert ended.info["exit_status"] == 5


def test_a_script_that_stops_early_is_an_error(tmp_path: Path) -> None:
    stopping = {"        federate.record(system)\n": "        federate.record(system)\n        break\n"}
    folder = faked(tmp_path / "study", short_plan())
    script = folder / "federates" / "ieee14.py"
    head, _, loop = script.read_text().rpartition("    for time_s")
    for old, new in stopping.items():
        loop = loop.replace(old, new)
    script.write_text(f"{head}    for time_s{loop}")
    ended = run(folder)
    assert ended.status == 1
    assert "the script of ieee14 ended with 1 of 5 steps recorded" in ended.info["cause"]


def test_another_python_is_told_what_is_missing(tmp_path: Path) -> None:
    other = tmp_path / "bin" / "python"
    other.parent.mkdir()
    other.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')  # -S: without installed packages
    other.chmod(0o755)
    folder = faked(tmp_path / "study", short_plan())
    ended = wait(start(folder, path=str(other.parent), PYTHONPATH=""), folder)
    assert ended.status == 1
    assert ended.run is None
    assert "cannot run this (No module named 'tdscen'): activate the environment that has tdscen" in ended.said


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        plan = short_plan(port=port)
        ended = run(faked(tmp_path / "study", plan))
    assert ended.status == 1
    assert f"the ports {port} to {port + 9}" in ended.said
    assert ended.info["exit_status"] == 5
    assert ended.info["cause"] in ended.said


def test_progress_shows_what_each_federate_has_reached(tmp_path: Path) -> None:
    folder = faked(tmp_path / "study", long_plan())
    runner = start(folder, **SLOW)
    run_folder = until_time(runner, folder, 0.3)
    shown = progress(run_folder)
    assert [(f.name, f.state) for f in shown] == [("ieee14", "running"), ("ieee34_bus4", "running")]
    assert all(f.exchanges > 3 and f.wall_s > 0 for f in shown)
    runner.terminate()
    runner.communicate()
    until(lambda: {f.state for f in progress(run_folder)} == {"gone"}, "both are seen to be gone")


def _away_from_the_runners_look(runner: subprocess.Popen[str]) -> None:
    """`helics run` kills everything behind a dead broker when it next looks, once a second since its start.

    A federate needs some milliseconds to say that the broker is gone; a kill right before that look would hide it.
    """
    children = psutil.Process(runner.pid).children()
    began = max(child.create_time() for child in children)
    time.sleep((began + 0.4 - time.time()) % 1.0)


def _nothing_runs(family: dict[str, psutil.Process]) -> None:
    assert [name for name, process in family.items() if process.is_running()] == []


def _rows_are_readable(ended: Ended) -> None:
    assert ended.run is not None
    opened = open_run(ended.run)
    assert not opened.complete
    assert opened.cause
    counts = [len(journal(ended.run, federate)[1]) for federate in ("ieee14", "ieee34_bus4")]
    assert min(counts) >= 6
    assert len(opened.table) == min(counts)
