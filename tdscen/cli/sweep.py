"""`tdscen sweep`: run every point of a sweep block, remember it, and write one table and its figures."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tdscen.cli.options import BAD_INPUT, examples, fail, scenario_argument, settings_option
from tdscen.cli.output import show
from tdscen.runtime.status import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tdscen.plan import Plan, Sweep
    from tdscen.sweep.running import Execute, Sweeping
    from tdscen.sweep.table import Table

SHOWN_FAILURES = 5


@click.command(
    epilog=examples(
        "tdscen sweep scenarios/lesson_sensitivity.tds",
        "tdscen sweep study.tds buses --workers 4 --measure frequency_min_hz",
        "tdscen sweep study.tds --scheduler tcp://login1:8786",
    )
)
@scenario_argument
@click.argument("name", required=False)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Folder [generated/NAME/sweeps]."
)
@click.option("--workers", type=click.IntRange(1), help="How many points run at a time [the number of cores].")
@click.option("--scheduler", metavar="ADDRESS", help="Run on the workers of this dask scheduler.")
@click.option("--retry", is_flag=True, help="Run points that have failed before again.")
@click.option("--measure", "measures", multiple=True, metavar="COLUMN", help="Draw this column; any number of times.")
@click.option("-q", "--quiet", is_flag=True, help="No live progress.")
@settings_option
def command(
    file: Path,
    name: str | None,
    output: Path | None,
    workers: int | None,
    scheduler: str | None,
    retry: bool,
    measures: tuple[str, ...],
    quiet: bool,
    settings: tuple[str, ...],
) -> None:
    """Run every point of a scenario's sweep NAME (of its only one), and write one table.

    Points are compiled and run as `tdscen run --set` does it, several at a time. What has been computed is remembered
    by the hash of plan and models: after an interruption the same command goes on, and a changed sweep runs what is
    new in it. A point that fails is a row that says why.

    Exit status: 0 all points are complete; 1 bad input; 3 some points failed; 5 they cannot be run there; 130
    interrupted.
    """
    from tdscen.compiler import compile_file

    checked = compile_file(file, settings).checked
    show(checked.diagnostics, checked.sources)
    if not checked.sound:
        sys.exit(BAD_INPUT)
    if checked.plan is None:
        fail("nothing was compiled, because a model could not be looked at")
    plan = checked.plan
    sweep = _chosen(plan, name, settings)
    home = output or Path("generated") / plan.name / "sweeps"
    from tdscen.emit import WriteError
    from tdscen.sweep.executors import NoExecutor
    from tdscen.sweep.running import Sweeping

    sweeping = Sweeping(file, sweep, home, settings, retry=retry)
    interrupted = False
    try:
        (home / sweep.name).mkdir(parents=True, exist_ok=True)
        with _alone(home):
            try:
                _run(sweeping, plan, _executor(len(sweeping.points), workers, scheduler), quiet=quiet)
            except KeyboardInterrupt:
                interrupted = True
            made = _write(home / sweep.name, sweep, settings, sweeping)
    except NoExecutor as error:
        fail(str(error), ExitStatus.NOT_STARTED)
    except WriteError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename or home} cannot be written: {error.strerror or error}")
    _say(sweeping, home / sweep.name)
    if interrupted:
        click.echo("interrupted; the same command goes on with it", err=True)
        sys.exit(ExitStatus.INTERRUPTED)
    _draw(home / sweep.name, sweep, made, measures)
    sys.exit(ExitStatus.FEDERATE_FAILED if any(row.state == "failed" for row in sweeping.rows) else 0)


def _chosen(plan: Plan, name: str | None, settings: tuple[str, ...]) -> Sweep:
    """The sweep that is meant; leaves with status 1 where that is not clear."""
    from tdscen.suggest import did_you_mean, one_of

    names = [sweep.name for sweep in plan.sweeps]
    if not names:
        fail(f"{plan.name} has no sweep: add `sweep NAME {{ parameter = [values] }}`")
    if name is None and len(names) > 1:
        fail(f"{plan.name} has several sweeps, name one: {one_of(names)}")
    found = next((sweep for sweep in plan.sweeps if name in (None, sweep.name)), None)
    if found is None:
        fail(f"{plan.name} has no sweep {name}; {did_you_mean(name or '', names) or f'there is {one_of(names)}'}")
    varied = {axis.parameter for axis in found.axes}
    both = [setting for setting in settings if setting.partition("=")[0].strip() in varied]
    if both:
        fail(f"--set {both[0]}: the sweep {found.name} varies this parameter itself")
    return found


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """No other sweep works in the folder meanwhile; leaves with status 1 where one does."""
    from tdscen.runtime import locks

    path = home / ".lock"
    if locks.is_held(path):
        fail(f"another sweep works in {home}: wait for it, or choose another folder with --output")
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        locks.hold(file)
        yield
    finally:
        os.close(file)


def _executor(number: int, workers: int | None, scheduler: str | None) -> Execute:
    from functools import partial

    from tdscen.sweep.executors import run_here, run_on_dask

    at_once = min(workers or os.cpu_count() or 1, number)
    if scheduler is None and at_once == 1:
        return run_here
    return partial(run_on_dask, workers=at_once, scheduler=scheduler)


def _run(sweeping: Sweeping, plan: Plan, execute: Execute, *, quiet: bool) -> None:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from tdscen.sweep.running import Row

    console = Console(stderr=True)
    columns = (MofNCompleteColumn(), TextColumn("points{task.description}"), BarColumn(30), TimeElapsedColumn())
    left = (TimeRemainingColumn(), TextColumn("left"))
    view = Progress(*columns, *left, console=console, transient=True, disable=quiet or not console.is_terminal)
    task = view.add_task("", total=len(sweeping.points))
    failed = 0

    def shown(row: Row) -> None:
        nonlocal failed
        failed += row.state == "failed"
        view.update(task, advance=1, description=f", {failed} failed" if failed else "")

    with view:
        sweeping.run(plan, execute, shown)


def _write(folder: Path, sweep: Sweep, settings: tuple[str, ...], sweeping: Sweeping) -> Table:
    from tdscen.sweep.table import table, write_definition, write_table

    made = table(sweep, sweeping.rows)
    write_table(folder, made)
    write_definition(folder, sweep, settings, sweeping.rows)
    return made


def _say(sweeping: Sweeping, folder: Path) -> None:
    """How many points came out how, the first failures, the table."""
    states = [row.state for row in sweeping.rows]
    fresh = sum(row.fresh for row in sweeping.rows)
    complete, failed = states.count("complete"), [row for row in sweeping.rows if row.state == "failed"]
    text = f"{complete} of {len(states)} points complete ({fresh} computed now)"
    click.echo(f"{text}, {len(failed)} failed" if failed else text)
    for row in failed[:SHOWN_FAILURES]:
        click.echo(f"point {row.point.number} failed ({row.point}): {row.why}", err=True)
    if len(failed) > SHOWN_FAILURES:
        click.echo(f"... and {len(failed) - SHOWN_FAILURES} more: see the table", err=True)
    click.echo(f"table: {(folder / 'table.csv').as_posix()}")


def _draw(folder: Path, sweep: Sweep, made: Table, asked: tuple[str, ...]) -> None:
    from tdscen.suggest import did_you_mean, one_of
    from tdscen.sweep.figures import PREFERRED, draw

    for measure in asked:
        if measure not in made.figures:
            help = did_you_mean(measure, made.figures) or f"there is {one_of(made.figures)}"
            fail(f"--measure {measure}: the table has no such column; {help}")
    preferred = [name for name in made.figures if name.rpartition("/")[2] in PREFERRED]
    for path in draw(folder, sweep, made, asked or preferred):
        click.echo(f"figure: {path.as_posix()}")
