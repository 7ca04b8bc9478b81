"""One cell: make the run, let it fail, look at how it ended and at what is left."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
from federations import TESTS, compiled
from plans import demo_plan

from faults.cells import BROKER, LAUNCHER, TIMEOUT_S, Cell
from tdscen.plan import FeederFederate, Plan, Simulation
from tdscen.results import open_run
from tdscen.results.errors import ResultsError
from tdscen.runtime.folder import latest_run
from tdscen.runtime.progress import progress

LAUNCHERS = ("tdscen", "helics")
PATIENCE_S = 90.0

_FAULTY = {
    "tdscen.simulators.andes.runtime import": "faults.adapters import FaultyTransmission as",
    "tdscen.simulators.opendss.runtime import": "faults.adapters import FaultyFeeder as",
}

_LAUNCH = """
import sys
from pathlib import Path
from tdscen.runtime.launch import Launch
with Launch(Path(sys.argv[1])) as launch:
    try:
        status = launch.finish()
    except KeyboardInterrupt:
        launch.stop()
        status = launch.finish()
    print(launch.said())
sys.exit(status)
"""
"""What `tdscen run` does with a generated folder."""

_SIGNALS = {
    "kill": signal.SIGKILL,
    "stop": signal.SIGSTOP,
    "interrupt": signal.SIGINT,
    "terminate": signal.SIGTERM,
    "hang up": signal.SIGHUP,
}


@dataclass(frozen=True)
class Outcome:
    """What came of a cell. `wrong`: everything that is not as expected, in words; empty: all is well."""

    cell: Cell
    launcher: str
    cause: str | None
    status: int
    ends_after_s: float
    wrong: tuple[str, ...]


def plan(cell: Cell) -> Plan:
    """Two feeders in a federate each, five steps of a second."""
    made = demo_plan()
    (first,) = made.interfaces
    second = replace(first, name="bus5", bus=5, load="PQ_4")
    tolerance_pu, most = (1e-8, 20) if cell.coupling == "iterative" else (None, None)
    return replace(
        made,
        interfaces=(first, second),
        feeder_federates=(FeederFederate("one", ("bus4",)), FeederFederate("other", ("bus5",))),
        simulation=Simulation(1.0, 5.0, 5, cell.coupling, tolerance_pu=tolerance_pu, max_exchanges=most),
        federation=replace(made.federation, timeout_s=TIMEOUT_S),
    )


def prepared(cell: Cell, folder: Path) -> Path:
    """The generated folder of a cell, with simulators that fail."""
    compiled(folder, plan(cell))
    for script in (folder / "federates").iterdir():
        text = script.read_text()
        for real, faulty in _FAULTY.items():
            text = text.replace(real, faulty)
        script.write_text(text)
    return folder


def run(cell: Cell, launcher: str, place: Path) -> Outcome:
    """Run a cell below `place` and judge it."""
    folder, stamp = prepared(cell, place / "study"), place / "fault"
    process = _start(cell, launcher, folder, stamp)
    if cell.process in (BROKER, LAUNCHER):
        _from_outside(cell, process, folder, stamp)
    try:
        said, _ = process.communicate(timeout=PATIENCE_S)
        hung = False
    except subprocess.TimeoutExpired:
        hung, said = True, ""
    left = _wait_for(folder, within_s=5.0 if not hung else 0.0)
    ended = time.time()
    for survivor in left:
        survivor.kill()
    if hung:
        process.kill()
        said, _ = process.communicate()
    happened = float(stamp.read_text()) if stamp.exists() else None
    wrong = [*(["it hung"] if hung else []), *(f"{_name(survivor)} was left behind" for survivor in left)]
    if happened is None:
        wrong.append("the fault did not happen")
    cause, judged = _judge(cell, launcher, folder, process.returncode, said)
    after_s = ended - (happened or ended)
    waited = re.search(r"for (\d+) s", cause or "")  # on a busy machine ten times the slowest step so far
    allowed_s = 5.0 + (float(waited[1]) + 1.0 if waited else 0.0)
    if after_s > allowed_s and cell.when != "before join":
        wrong.append(f"it took {after_s:.1f} s to end")
    return Outcome(cell, launcher, cause, process.returncode, after_s, (*wrong, *judged))


def _start(cell: Cell, launcher: str, folder: Path, stamp: Path) -> subprocess.Popen[str]:
    scripts = Path(sys.executable).parent
    env = {
        **os.environ,
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "TDSCEN_FAULT": cell.name,
        "TDSCEN_FAULT_AT": str(stamp),
        "FAKE_SLEEP_S": "0.3" if cell.process in (BROKER, LAUNCHER) else "0",  # time for a signal from outside
    }
    commands = {
        "tdscen": [sys.executable, "-c", _LAUNCH, str(folder)],
        "helics": [str(scripts / "helics"), "run", f"--path={folder / 'runner.json'}"],
    }
    return subprocess.Popen(
        commands[launcher],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=_hear_signals,  # noqa: PLW1509 - it calls nothing that takes a lock
    )


def _hear_signals() -> None:
    """As in a terminal: what is started in the background of a shell ignores some."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def _from_outside(cell: Cell, launcher: subprocess.Popen[str], folder: Path, stamp: Path) -> None:
    """Send the signal when the run has come so far."""
    give_up = time.monotonic() + 30.0
    while time.monotonic() < give_up and not _reached(cell.when, launcher, folder):
        time.sleep(0.002)
    number = _SIGNALS[cell.how]
    stamp.write_text(repr(time.time()))
    if cell.process == LAUNCHER and cell.how in ("interrupt", "hang up"):
        os.killpg(launcher.pid, number)  # as a terminal does
    elif cell.process == LAUNCHER:
        launcher.send_signal(number)
    else:
        for process in psutil.Process(launcher.pid).children(recursive=True):
            if _name(process) == "broker.py":
                process.send_signal(number)


def _reached(when: str, launcher: subprocess.Popen[str], folder: Path) -> bool:
    if when == "before join":
        return len(psutil.Process(launcher.pid).children(recursive=True)) >= 4
    run_folder = latest_run(folder)
    if run_folder is None or not (run_folder / "plan.json").exists():
        return False
    try:
        seen = progress(run_folder)
    except ValueError:
        return False
    if when == "loading":
        return any(federate.state != "starting" for federate in seen)
    return all(federate.time_s is not None and federate.time_s >= 1.0 for federate in seen)


def _wait_for(folder: Path, within_s: float) -> list[psutil.Process]:
    """The processes of the run that are still there after so long."""
    give_up = time.monotonic() + within_s
    while (left := list(_family(folder))) and time.monotonic() < give_up:
        time.sleep(0.02)
    return left


def _family(folder: Path) -> Iterator[psutil.Process]:
    """Processes that work in the folder."""
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()) == folder.resolve():
                yield process
        except (psutil.Error, OSError):
            continue


def _name(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline()[-1:])
    except psutil.Error:
        return f"process {process.pid}"


def _judge(cell: Cell, launcher: str, folder: Path, status: int, said: str) -> tuple[str | None, list[str]]:
    wrong = []
    if status == 0:
        wrong.append("the launcher's exit status is 0")
    if "Traceback" in said and cell.when != "before join":
        wrong.append("a traceback on the screen")
    run_folder = latest_run(folder)
    if run_folder is None:
        return None, wrong if cell.when == "before join" else [*wrong, "there is no run"]
    info: dict[str, Any] = json.loads((run_folder / "run.json").read_text())
    cause = info["cause"]
    if info["state"] != "failed" or not re.search(cell.sentence, cause or ""):
        wrong.append(f"state {info['state']}, cause {cause!r}")
    if info["federate"] != cell.federate:
        wrong.append(f"{info['federate']} is blamed")
    if cell.process not in (LAUNCHER,) and info["exit_status"] != cell.status:
        wrong.append(f"exit status {info['exit_status']} in run.json instead of {cell.status}")
    if launcher == "tdscen" and cell.process not in (LAUNCHER, BROKER) and status != cell.status:
        wrong.append(f"exit status {status} instead of {cell.status}")
    if cell.process not in (LAUNCHER, BROKER) and cause and cause not in said:
        wrong.append("the cause is not on the screen")
    try:
        opened = open_run(run_folder)
        if opened.complete:
            wrong.append("the run reads as complete")
    except ResultsError as error:
        wrong.append(f"it cannot be read: {error}")
    return cause, wrong
