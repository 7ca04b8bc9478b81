"""`tdscen compare`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tdscen.cli.options import examples, fail

if TYPE_CHECKING:
    from tdscen.results.differences import Differences

SAME, DIFFERENT, TROUBLE = 0, 1, 2
SHOWN = 20
"""So many quantities are printed, the worst ones; `--all` prints them all."""


@click.command(
    epilog=examples(
        "tdscen compare generated/study/runs/0001 generated/study/runs/0002",
        "tdscen compare old/study new/study --absolute 1e-9 --relative 1e-6",
    )
)
@click.argument("first", type=click.Path(path_type=Path), metavar="RUN1")
@click.argument("second", type=click.Path(path_type=Path), metavar="RUN2")
@click.option(
    "--absolute", type=click.FloatRange(min=0.0), default=0.0, help="Difference allowed, in a quantity's unit."
)
@click.option(
    "--relative",
    type=click.FloatRange(min=0.0),
    default=0.0,
    help="Allowed, as a part of its largest value.",
)
@click.option("--all", "everything", is_flag=True, help="Print every quantity that differs.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", help="How it is printed.")
def command(first: Path, second: Path, absolute: float, relative: float, everything: bool, form: str) -> None:
    """Say which recorded quantities of two runs differ, where and by how much.

    Values are compared at the communication times that both runs have. A quantity, or a time, that one run alone
    recorded is a difference.

    Exit status: 0 the same within the tolerances; 1 different; 2 a run cannot be read, or nothing can be compared.
    """
    from tdscen.results import open_run
    from tdscen.results.differences import Tolerance, differences
    from tdscen.results.errors import ResultsError

    try:
        runs = open_run(first), open_run(second)
        found = differences(runs[0].recording, runs[1].recording, Tolerance(absolute, relative))
    except ResultsError as error:
        fail(str(error), TROUBLE)
    for run in runs:
        if not run.complete:
            click.echo(f"{run.folder} is not complete: {run.cause}", err=True)
    if form == "json":
        click.echo(json.dumps(asdict(found) | {"agree": found.agree}, indent=2))
    else:
        print_differences(found, everything=everything)
    sys.exit(SAME if found.agree else DIFFERENT)


def print_differences(found: Differences, *, everything: bool) -> None:
    """Print what differs, the worst first, and a closing line."""
    off = [quantity for quantity in found.quantities if not quantity.agrees]
    shown = off if everything else off[:SHOWN]
    if shown:
        from tdscen.cli.results import terminal_width
        from tdscen.results.render_differences import table_text

        click.echo(table_text(shown, terminal_width(), color=sys.stdout.isatty()))
    if len(off) > len(shown):
        click.echo(f"... and {len(off) - len(shown)} more (--all)")
    for which, names in (("first", found.only_first), ("second", found.only_second)):
        if names:
            click.echo(f"only in the {which} run: {', '.join(names[:SHOWN])}{', ...' if len(names) > SHOWN else ''}")
    for which, times in (("first", found.times_only_first), ("second", found.times_only_second)):
        if times:
            click.echo(f"{times} communication times are only in the {which} run")
    same = len(found.quantities) - len(off)
    worst = max((q.largest for q in found.quantities if q.agrees), default=0.0)
    click.echo(
        f"{same} of {len(found.quantities)} quantities agree at {found.times} communication times "
        f"(largest difference among them {worst:.3g}); {len(off)} differ"
    )
