"""A sweep as one call: which one is meant, one at a time in its folder, where its points run, what is written."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tdscen.plan import Plan, Sweep
from tdscen.runtime import locks
from tdscen.studies.executors import Told, has_dask, run_here, run_on_dask, untold
from tdscen.studies.running import Execute, Row
from tdscen.studies.table import Table, table, write_definition, write_table
from tdscen.suggest import did_you_mean, one_of


class NoSweep(Exception):  # noqa: N818 - the name says what is the matter
    """The sweep cannot be done; the text is one sentence."""


def chosen(plan: Plan, name: str | None, settings: Sequence[str]) -> Sweep:
    """The sweep that is meant (None: the only one). Raises `NoSweep` where that is not clear."""
    names = [sweep.name for sweep in plan.sweeps]
    if not names:
        raise NoSweep(f"{plan.name} has no sweep: add `sweep NAME {{ parameter = [values] }}`")
    if name is None and len(names) > 1:
        raise NoSweep(f"{plan.name} has several sweeps, name one: {one_of(names)}")
    found = next((sweep for sweep in plan.sweeps if name in (None, sweep.name)), None)
    if found is None:
        mend = did_you_mean(name or "", names) or f"there is {one_of(names)}"
        raise NoSweep(f"{plan.name} has no sweep {name}; {mend}")
    varied = {axis.parameter for axis in found.axes}
    both = [setting for setting in settings if setting.partition("=")[0].strip() in varied]
    if both:
        raise NoSweep(f"--set {both[0]}: the sweep {found.name} varies this parameter itself")
    return found


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """No other sweep works in the folder meanwhile. Raises `NoSweep` where one does."""
    path = home / ".lock"
    if locks.is_held(path):
        raise NoSweep(f"another sweep works in {home}: wait for it, or choose another folder with --output")
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        locks.hold(file)
        yield
    finally:
        os.close(file)


def executor(number: int, workers: int | None, scheduler: str | None, told: Told = untold) -> Execute:
    """Where `number` points are run: on so many workers (None: one a core, without dask one), or on a scheduler's.

    `told` hears what the points are waiting for.
    """
    free = os.cpu_count() if has_dask() else 1
    at_once = min(workers or free or 1, number)
    if scheduler is None and at_once == 1:
        return run_here
    return partial(run_on_dask, workers=at_once, scheduler=scheduler, told=told)


def write_study(folder: Path, sweep: Sweep, settings: Sequence[str], rows: Sequence[Row]) -> Table:
    """Table and definition into the folder of the sweep."""
    made = table(sweep, rows)
    write_table(folder, made)
    write_definition(folder, sweep, settings, rows)
    return made
