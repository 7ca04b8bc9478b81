"""`tdscen plan`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tdscen.cli.options import BAD_INPUT, examples, fail, scenario_argument, settings_option
from tdscen.cli.output import show


@click.command(epilog=examples("tdscen plan study.tds", "tdscen plan study.tds | jq .interfaces"))
@scenario_argument
@settings_option
def command(file: Path, settings: tuple[str, ...]) -> None:
    """Print the plan of a scenario as JSON: what would be compiled, before anything is written."""
    from tdscen import codec
    from tdscen.compiler import check_file

    checked = check_file(file, settings)
    show(checked.diagnostics, checked.sources)
    if not checked.sound:
        sys.exit(BAD_INPUT)
    if checked.plan is None:
        fail("there is no plan, because a model could not be looked at")
    click.echo(codec.dumps(checked.plan), nl=False)
