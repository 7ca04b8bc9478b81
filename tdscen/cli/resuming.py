"""The first part of `tdscen run --resume RUN`: which run, and whether there is anything left to compute."""

from __future__ import annotations

from pathlib import Path

import click

from tdscen.runtime import opening
from tdscen.runtime.errors import NotStarted
from tdscen.runtime.folder import RUNNER, find_run
from tdscen.runtime.resuming import Resumption, look


def interrupted(path: Path, *, spoken: bool = True) -> Resumption:
    """The run to go on with, when it is clear that it can be. Raises `NotStarted`."""
    run = find_run(path.resolve())
    if run is None or not (run.parent.parent / RUNNER).is_file():
        raise NotStarted(f"{path} is no run of a generated folder: give generated/NAME/runs/0001, or generated/NAME")
    found = look(run.parent.parent, run)
    plan = found.plan
    if spoken:
        click.echo(f"{plan.name}, run {run.name}: resumed at t = {found.at_s:g} s of {plan.simulation.stop_s:g} s")
    return found


def only_results_missing(found: Resumption) -> bool:
    """Whether every step is recorded (a full disk at the very end, say): then the run is finished from its journals."""
    if found.rows <= found.plan.steps:
        return False
    from tdscen.results import finish

    opening.reopen(found.run, found.plan, found.plan.federation.port or 0, found.rows - 1, found.at_s)
    finish(found.run)
    return True
