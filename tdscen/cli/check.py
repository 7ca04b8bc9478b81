"""`tdscen check`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tdscen.cli.options import BAD_INPUT, FORMATS, examples, settings_option
from tdscen.soundness import keep, recall


@click.command(epilog=examples("tdscen check scenarios/*.tds", "tdscen check --format json study.tds"))
@click.argument(
    "files", type=click.Path(path_type=Path, dir_okay=False), nargs=-1, required=True, metavar="FILE.tds..."
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How problems are printed.")
@click.option("--fresh", is_flag=True, help="Check again what was sound before and has not changed since.")
@settings_option
def command(files: tuple[Path, ...], form: str, fresh: bool, settings: tuple[str, ...]) -> None:
    """Check scenarios: syntax, names, units, and against the models they name.

    Models are looked at once and remembered by their content: a second check starts no simulator. A scenario without
    any problem is remembered, too, until it or anything that it is made of changes. Exit status 0: no error (warnings
    are allowed); 1: at least one error.
    """
    sound = True
    for file in files:
        said = None if fresh else recall(file, settings)
        if said is None:
            said, good = _check(file, form, settings)
            sound = sound and good
        elif form == "json":
            click.echo("[]")
        if form == "text":
            click.echo(f"{file.as_posix()}: {said}")
    if not sound:
        sys.exit(BAD_INPUT)


def _check(file: Path, form: str, settings: tuple[str, ...]) -> tuple[str, bool]:
    """What is said of a scenario, its problems printed, and whether it has no error."""
    from tdscen.cli.output import count, show
    from tdscen.compiler import check_file, packages_of

    checked = check_file(file, settings)
    show(checked.diagnostics, checked.sources, form)
    said = count(checked.diagnostics)
    if checked.plan is not None:
        interfaces = len(checked.plan.interfaces)
        said += f", {interfaces} interface{'s' * (interfaces != 1)}"
    if checked.plan is not None and not checked.diagnostics:
        keep(file, settings, said, (file, *checked.files), packages_of(checked.plan))
    return said, checked.sound
