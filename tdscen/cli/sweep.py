"""`tdscen sweep`: run every point of a sweep block, remember it, and write one table and its figures."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tdscen.cli.live import say
from tdscen.cli.options import BAD_INPUT, examples, fail, scenario_argument, settings_option
from tdscen.cli.output import show
from tdscen.cli.sweep_view import sweep_view
from tdscen.runtime.status import ExitStatus

if TYPE_CHECKING:
    from tdscen.plan import Sweep
    from tdscen.studies.running import Sweeping
    from tdscen.studies.table import Table

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
@click.option(
    "--workers", type=click.IntRange(1), help="How many points run at a time [the number of cores; without dask, 1]."
)
@click.option("--scheduler", metavar="ADDRESS", help="Run on the workers of this dask scheduler.")
@click.option("--retry", is_flag=True, help="Run points that have failed before again.")
@click.option("--measure", "measures", multiple=True, metavar="COLUMN", help="Draw this column; any number of times.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@click.option("--json-lines", is_flag=True, help="A JSON object for every point and for the end, one a line.")
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
    json_lines: bool,
    settings: tuple[str, ...],
) -> None:
    """Run every point of a scenario's sweep NAME (of its only one), and write one table.

    Points are compiled and run as `tdscen run --set` does it, several at a time. What has been computed is remembered
    by the hash of plan and models: after an interruption the same command goes on, and a changed sweep runs what is
    new in it. A point that fails is a row that says why.

    A terminal shows a bar and the time left; where there is none, a line every ten seconds does.

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
    home = output or Path("generated") / plan.name / "sweeps"
    from tdscen.emit import WriteError
    from tdscen.studies.executors import ONE_BY_ONE, NoExecutor, has_dask
    from tdscen.studies.running import Sweeping
    from tdscen.studies.study import NoSweep, alone, chosen, executor, write_study

    if workers is None and scheduler is None and not has_dask() and not quiet:
        click.echo(ONE_BY_ONE, err=True)
    interrupted = False
    try:
        sweep = chosen(plan, name, settings)
        sweeping = Sweeping(lambda values: compile_file(file, settings, values), sweep, home, retry=retry)
        (home / sweep.name).mkdir(parents=True, exist_ok=True)
        with alone(home):
            try:
                with sweep_view(len(sweeping.points), quiet=quiet, json_lines=json_lines) as view:
                    execute = executor(len(sweeping.points), workers, scheduler, view.told)
                    sweeping.run(plan, execute, view.shown)
            except KeyboardInterrupt:
                interrupted = True
            made = write_study(home / sweep.name, sweep, settings, sweeping.rows)
    except NoSweep as error:
        fail(str(error))
    except NoExecutor as error:
        fail(str(error), ExitStatus.NOT_STARTED)
    except WriteError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename or home} cannot be written: {error.strerror or error}")
    if json_lines:
        states = [row.state for row in sweeping.rows]
        counts = {state: states.count(state) for state in ("complete", "failed", "waiting")}
        table = (home / sweep.name / "table.csv").as_posix()
        say("ended", points=len(states), interrupted=interrupted, **counts, table=table)
    else:
        _say(sweeping, home / sweep.name)
    if interrupted:
        click.echo("interrupted; the same command goes on with it", err=True)
        sys.exit(ExitStatus.INTERRUPTED)
    figures = _draw(home / sweep.name, sweep, made, measures)
    for path in () if json_lines else figures:
        click.echo(f"figure: {path.as_posix()}")
    sys.exit(ExitStatus.FEDERATE_FAILED if any(row.state == "failed" for row in sweeping.rows) else 0)


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


def _draw(folder: Path, sweep: Sweep, made: Table, asked: tuple[str, ...]) -> list[Path]:
    from tdscen.studies.figures import PREFERRED, draw
    from tdscen.suggest import did_you_mean, one_of

    for measure in asked:
        if measure not in made.figures:
            help = did_you_mean(measure, made.figures) or f"there is {one_of(made.figures)}"
            fail(f"--measure {measure}: the table has no such column; {help}")
    preferred = [name for name in made.figures if name.rpartition("/")[2] in PREFERRED]
    return [*draw(folder, sweep, made, asked or preferred)]
