"""A run as seen from outside while it is going on; needs neither HELICS nor a simulator."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tdscen.runtime import folder, heartbeat, locks, record

RECENT = 50
"""How many runs are looked at to find one, newest first."""


@dataclass(frozen=True, slots=True)
class FederateProgress:
    """What a federate has reached.

    `state` is `starting` before it has joined, then `joined`, `loading`, `equilibrium`, `running`, `finished` or
    `failed`, or `gone` where its process ended without a word. `time_s` None: before t = 0. `wall_s` since its start.
    """

    name: str
    state: str
    time_s: float | None
    exchanges: int
    wall_s: float
    waiting: bool = False
    """It waits for another federate."""


def find_run(generated: Path, runner_pid: int) -> Path | None:
    """The newest run that the process `runner_pid` started, None where none has begun (yet)."""
    for run in reversed(folder.run_folders(generated)[-RECENT:]):
        if _entry(run, "launcher") == runner_pid:
            return run
    return None


def find_launched(generated: Path, launch: str, others: Collection[str] = ()) -> Path | None:
    """The run whose processes were given this token (`rendezvous.LAUNCH`), None where it has not begun (yet).

    `others` are names of runs that need not be looked at.
    """
    for run in reversed(folder.run_folders(generated)):
        if run.name not in others and was_launched(run, launch):
            return run
    return None


def was_launched(run: Path, launch: str) -> bool:
    """Whether the processes that work on a run were given this token."""
    return bool(_entry(run, "launch") == launch)


def _entry(run: Path, name: str) -> Any:
    """What the record of a run says, None where there is none (yet) or a damaged one."""
    try:
        return record.read(run).get(name)
    except (OSError, ValueError):
        return None


def progress(run: Path) -> tuple[FederateProgress, ...]:
    """Every federate of the run, the transmission system first."""
    plan = json.loads((run / folder.PLAN).read_text(encoding="utf-8"))
    names = [plan["transmission"]["name"], *(federate["name"] for federate in plan["feeder_federates"])]
    return tuple(_progress(name, folder.status_file(run, name)) for name in names)


def under_way(run: Path) -> bool:
    """Whether all federates of the run have loaded their models."""
    return all(federate.state in ("equilibrium", "running", "finished") for federate in progress(run))


def is_running(run: Path) -> bool:
    """Whether the broker of the run lives. A record that says `running` without one is of a run that was killed."""
    return locks.is_held(folder.status_file(run, folder.BROKER))


def interrupt(run: Path) -> bool:
    """Ask the broker of a run to end it, as Ctrl-C does; False where none lives any more."""
    path = folder.status_file(run, folder.BROKER)
    beat = heartbeat.read(path)
    if beat is None or not locks.is_held(path):
        return False
    os.kill(beat.pid, signal.SIGINT)
    return True


def _progress(name: str, path: Path) -> FederateProgress:
    beat, gone = heartbeat.look(path)
    if beat is None:
        return FederateProgress(name, "starting", None, 0, 0.0)
    return FederateProgress(
        name, "gone" if gone else beat.state, beat.time_s, beat.exchanges, beat.wall_s, beat.waiting
    )
