"""Compiled studies in temporary folders, and the unmodified `helics run` on them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from plans import demo_models, demo_plan

from tdscen.emit import emit, write
from tdscen.plan import Plan
from tdscen.runtime.folder import latest_run
from tdscen.runtime.progress import find_run, progress

TESTS = Path(__file__).parent
PATIENCE_S = 30.0

FAKES = {
    "tdscen.simulators.andes.runtime import AndesTransmission": "fakes import FakeTransmission as AndesTransmission",
    "tdscen.simulators.opendss.runtime import OpenDssFeeder": "fakes import FakeFeeder as OpenDssFeeder",
}


def compiled(folder: Path, plan: Plan) -> Path:
    """The plan's folder with the real simulators."""
    write(emit(plan, demo_models()), folder)
    return folder


def faked(folder: Path, plan: Plan, edits: Mapping[str, Mapping[str, str]] | None = None) -> Path:
    """The plan's folder with fake simulators, and with `edits` {script: {old text: new text}} as a user makes them."""
    compiled(folder, plan)
    for script in (folder / "federates").iterdir():
        text = script.read_text()
        for old, new in FAKES.items():
            text = text.replace(old, new)
        for old, new in (edits or {}).get(script.stem, {}).items():
            assert old in text, f"{old!r} is not in {script.name}"
            text = text.replace(old, new)
        script.write_text(text)
    return folder


def long_plan(**federation: Any) -> Plan:
    """A plan that runs until somebody ends it."""
    plan = demo_plan()
    simulation = replace(plan.simulation, step_s=0.1, stop_s=10_000.0, steps=100_000)
    return replace(plan, simulation=simulation, federation=replace(plan.federation, **federation))


def start(folder: Path, *, path: str = "", **environment: str) -> subprocess.Popen[str]:
    """`helics run` on the folder; `path` goes first on PATH."""
    scripts = Path(sys.executable).parent
    paths = [path, str(scripts), os.environ["PATH"]] if path else [str(scripts), os.environ["PATH"]]
    modules = [str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]
    env = {**os.environ, "PATH": os.pathsep.join(paths), "PYTHONPATH": os.pathsep.join(modules), **environment}
    command = [str(scripts / "helics"), "run", f"--path={folder / 'runner.json'}"]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@dataclass(frozen=True)
class Ended:
    """How `helics run` ended."""

    status: int
    said: str
    run: Path | None

    @property
    def info(self) -> dict[str, Any]:
        assert self.run is not None
        info: dict[str, Any] = json.loads((self.run / "run.json").read_text())
        return info


def wait(runner: subprocess.Popen[str], folder: Path) -> Ended:
    said, _ = runner.communicate(timeout=PATIENCE_S)
    return Ended(runner.returncode, said, find_run(folder, runner.pid) or latest_run(folder))


def run(folder: Path, **environment: str) -> Ended:
    return wait(start(folder, **environment), folder)


def until(reached: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
    """Wait for something to become true; returns it."""
    give_up = time.monotonic() + patience_s
    while time.monotonic() < give_up:
        found = reached()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"{what} within {patience_s} s")


def until_time(runner: subprocess.Popen[str], folder: Path, time_s: float) -> Path:
    """Wait until every federate of the runner's run has reached `time_s`; returns the run."""

    def reached() -> Path | None:
        found = find_run(folder, runner.pid)
        if found and all(f.time_s is not None and f.time_s >= time_s for f in progress(found)):
            return found
        return None

    found: Path = until(reached, f"t = {time_s} s")
    return found


def processes(runner: subprocess.Popen[str]) -> dict[str, psutil.Process]:
    """The runner's children by the name of their script."""
    children = psutil.Process(runner.pid).children()
    return {Path(child.cmdline()[-1]).stem: child for child in children}


def journal(run_folder: Path, federate: str) -> tuple[list[str], np.ndarray[Any, np.dtype[np.float64]]]:
    """Columns and rows of a federate's journal."""
    columns = json.loads((run_folder / "journal" / f"{federate}.json").read_text())["columns"]
    rows = np.fromfile(run_folder / "journal" / f"{federate}.f64", "<f8")
    return columns, rows[: rows.size // len(columns) * len(columns)].reshape(-1, len(columns))
