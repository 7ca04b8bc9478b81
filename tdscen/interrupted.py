"""Interrupted runs, for those who start processes: which run is meant, and whether anything is left to compute."""

from __future__ import annotations

from pathlib import Path

from tdscen.runtime import opening
from tdscen.runtime.errors import NotStarted
from tdscen.runtime.folder import RUNNER, find_run
from tdscen.runtime.resuming import Resumption, look


def interrupted(path: Path) -> Resumption:
    """The run to go on with (a run folder, or the latest one of a generated folder), when it is clear that it can be.

    Raises `NotStarted`.
    """
    run = find_run(path.resolve())
    if run is None or not (run.parent.parent / RUNNER).is_file():
        raise NotStarted(f"{path} is no run of a generated folder: give generated/NAME/runs/0001, or generated/NAME")
    return look(run.parent.parent, run)


def only_results_missing(found: Resumption) -> bool:
    """Whether every step is recorded (a full disk at the very end, say): then the run is finished from its journals."""
    if found.rows <= found.plan.steps:
        return False
    from tdscen.results import finish

    opening.reopen(found.run, found.plan, found.plan.federation.port or 0, found.rows - 1, found.at_s)
    finish(found.run)
    return True
