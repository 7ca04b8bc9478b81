"""`tdscen results`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tdscen.cli.options import examples, fail

if TYPE_CHECKING:
    from tdscen.results.run import Run


@click.command(
    epilog=examples("tdscen results generated/study", "tdscen results generated/study/runs/0001 --csv > run.csv")
)
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@click.option("--csv", "form", flag_value="csv", help="The table of the interfaces as CSV, every digit kept.")
@click.option("--json", "form", flag_value="json", help="The summary as JSON.")
@click.option("--profile", "form", flag_value="profile", help="Where the time went, federate by federate.")
@click.option("--names", "form", flag_value="names", help="The names of all recorded quantities.")
@click.option("--series", "series", metavar="NAME", help="One recorded quantity over time, as CSV.")
def command(run: Path, form: str | None, series: str | None) -> None:
    """Print the results of RUN, a run folder or a generated folder (its latest run).

    Without an option: the closing summary. A run that did not end well is read as far as it came, and says so.

    Exit status: 0 also for an incomplete run; 1 where there is no run or no such quantity.
    """
    from tdscen.results import open_run
    from tdscen.results.errors import ResultsError

    try:
        opened = open_run(run)
        if not opened.complete:
            click.echo(f"incomplete: {reached(opened)}; {opened.cause}", err=True)
        if series:
            click.echo(opened.series(series).to_csv(), nl=False)
        elif form == "csv":
            from tdscen.results.export import csv_text

            click.echo(csv_text(opened), nl=False)
        elif form == "profile":
            print_profile(opened)
        elif form == "names":
            click.echo("\n".join(opened.names))
        else:
            click.echo(_summary(opened, as_json=form == "json"))
    except ResultsError as error:
        fail(str(error))


def print_profile(run: object) -> None:
    """Print where the time of a run went. Raises `ResultsError`."""
    from rich.console import Console

    from tdscen.results.profile import run_time, time_table
    from tdscen.results.run import Run

    assert isinstance(run, Run)
    Console(width=terminal_width()).print(time_table(run_time(run)))


def _summary(run: object, *, as_json: bool) -> str:
    from tdscen.results.render import render_text
    from tdscen.results.run import Run
    from tdscen.results.summary import summary, to_json

    assert isinstance(run, Run)
    if as_json:
        return to_json(summary(run))
    return render_text(summary(run), width=terminal_width(), color=sys.stdout.isatty())


def reached(run: Run) -> str:
    """How far an incomplete run came, for a sentence."""
    if run.reached_s is None:
        return "it has recorded nothing"
    return f"it reached t = {run.reached_s:g} s of {run.plan.simulation.stop_s:g} s"


def terminal_width() -> int:
    """Columns of the terminal, 100 where the output is no terminal."""
    import shutil

    return min(shutil.get_terminal_size((100, 24)).columns, 140)
