"""`tdscen info`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tdscen.cli.options import BAD_INPUT, examples, fail, scenario_argument
from tdscen.cli.output import show
from tdscen.facts import Facts, TransmissionFacts

if TYPE_CHECKING:
    from rich.console import RenderableType


@click.command(epilog=examples("tdscen info study.tds ieee14", "tdscen info study.tds ieee34 --json"))
@scenario_argument
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="All facts as JSON.")
def command(file: Path, name: str | None, as_json: bool) -> None:
    """Print what is known of the models of a scenario: buses, loads, generators, lines, feeders.

    NAME is one system of the scenario; without it all are shown.
    """
    from tdscen import codec
    from tdscen.compiler import look_at_file

    looked = look_at_file(file)
    names = [block.label for block in looked.study.systems()]
    if name is not None and name not in names:
        show(looked.diagnostics, looked.sources)
        fail(f"{file.as_posix()} has no system {name}; it has {', '.join(names) or 'none'}")
    sound = True
    for label in [name] if name else names:
        probe = looked.models.probes.get(label)
        if probe is None or probe.facts is None:
            sound = False
            reason = probe.problem if probe else "its block could not be read; see `tdscen check`"
            click.echo(f"{label}: {reason}", err=True)
        elif as_json:
            click.echo(codec.dumps(probe.facts), nl=False)
        else:
            _print(_tables(label, probe.facts))
    if not sound or not names:
        show(looked.diagnostics, looked.sources)
        sys.exit(BAD_INPUT)


def _tables(label: str, facts: Facts) -> tuple[RenderableType, ...]:
    from tdscen.cli.fact_tables import distribution_tables, transmission_tables

    if isinstance(facts, TransmissionFacts):
        return transmission_tables(label, facts)
    return distribution_tables(label, facts)


def _print(renderables: tuple[RenderableType, ...]) -> None:
    from rich.console import Console

    from tdscen.cli.results import terminal_width

    console = Console(width=terminal_width(), highlight=False)
    for item in renderables:
        console.print(item)
