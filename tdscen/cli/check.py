"""`tdscen check`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tdscen.cli.output import BAD_INPUT, FORMATS, count, examples, settings_option, show


@click.command(epilog=examples("tdscen check scenarios/*.tds", "tdscen check --format json study.tds"))
@click.argument(
    "files", type=click.Path(path_type=Path, dir_okay=False), nargs=-1, required=True, metavar="FILE.tds..."
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How problems are printed.")
@settings_option
def command(files: tuple[Path, ...], form: str, settings: tuple[str, ...]) -> None:
    """Check scenarios: syntax, names, units, and against the models they name.

    Models are looked at once and remembered by their content: a second check starts no simulator. Exit status 0: no
    error (warnings are allowed); 1: at least one error.
    """
    from tdscen.compiler import check_file

    sound = True
    for file in files:
        checked = check_file(file, settings)
        show(checked.diagnostics, checked.sources, form)
        sound = sound and checked.sound
        if form == "text":
            interfaces = len(checked.plan.interfaces) if checked.plan else 0
            detail = f", {interfaces} interface{'s' * (interfaces != 1)}" if checked.plan else ""
            click.echo(f"{file.as_posix()}: {count(checked.diagnostics)}{detail}")
    if not sound:
        sys.exit(BAD_INPUT)
