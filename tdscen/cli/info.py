"""`tdscen info`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tdscen.cli.output import BAD_INPUT, examples, fail, scenario_argument, show
from tdscen.facts import DistributionFacts, TransmissionFacts


@click.command(
    epilog=examples("tdscen info study.tds ieee14", "tdscen info study.tds ieee34 --json")
)
@scenario_argument
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="All facts as JSON.")
def command(file: Path, name: str | None, as_json: bool) -> None:
    """Print what is known of the models of a scenario: buses, loads, generators, lines, feeders.

    NAME is one system of the scenario; without it all are shown.
    """
    from tdscen import codec
    from tdscen.cli.fact_tables import distribution_tables, transmission_tables
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
            facts = probe.facts
            tables = transmission_tables if isinstance(facts, TransmissionFacts) else distribution_tables
            assert isinstance(facts, (TransmissionFacts, DistributionFacts))
            _print(tables(label, facts))  # type: ignore[operator]
    if not sound or not names:
        show(looked.diagnostics, looked.sources)
        sys.exit(BAD_INPUT)


def _print(renderables: tuple[object, ...]) -> None:
    from rich.console import Console

    from tdscen.cli.results import terminal_width

    console = Console(width=terminal_width(), highlight=False)
    for item in renderables:
        console.print(item)
