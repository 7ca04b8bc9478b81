"""`tdscen compile`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tdscen.cli.options import BAD_INPUT, examples, fail, locked_option, scenario_argument, settings_option
from tdscen.cli.output import show
from tdscen.compiled import MANIFEST, Remembered, keep, recall

if TYPE_CHECKING:
    from tdscen.plan import Plan

SHOWN = 20
"""So many factors are printed."""


def compile_to(
    file: Path,
    output: Path | None,
    force: bool,
    settings: tuple[str, ...],
    *,
    locked: bool = False,
    spoken: bool = True,
) -> Remembered:
    """Compile a scenario into a folder and say what happened (`spoken`); leaves with status 1 where it cannot.

    A folder in which everything is as it was compiled, from a scenario in which nothing has changed, is left alone.
    """
    if locked and settings:
        raise click.UsageError("--locked is about the scenario as it is written: without --set")
    known = None if locked else recall(file, output, settings)
    if known is None:
        known = _compile(file, output, force, settings, locked=locked)
    for line in known.said if spoken else ():
        click.echo(line)
    return known


def _compile(file: Path, output: Path | None, force: bool, settings: tuple[str, ...], *, locked: bool) -> Remembered:
    from tdscen.compiler import compile_file, packages_of
    from tdscen.emit import WriteError, write

    compiled = compile_file(file, settings)
    checked, plan = compiled.checked, compiled.checked.plan
    show(checked.diagnostics, checked.sources)
    if not checked.sound:
        sys.exit(BAD_INPUT)
    if plan is None:
        fail("nothing was compiled, because a model could not be looked at")
    if locked:
        from tdscen.cli.lock import refuse_what_differs

        refuse_what_differs(checked, plan, file)
    if output is None and plan.name in ("", ".", ".."):
        fail(f"{file.name} gives no name for a folder: say one with -o FOLDER")
    folder = output or Path("generated") / plan.name
    try:
        written = write(compiled.artifacts, folder, force=force)
    except WriteError as error:
        fail(str(error))
    for name in written.kept:
        click.echo(f"kept your changed {name} (use --force to replace it)")
    manifest = next(artifact.sha256 for artifact in compiled.artifacts if artifact.path == MANIFEST)
    made = Remembered(folder, _scales(plan), manifest)
    if not checked.diagnostics:
        keep(file, output, settings, made, (file, *checked.files), (*packages_of(plan), ("jinja2", "jinja2")))
    return made


def _scales(plan: Plan) -> tuple[str, ...]:
    """The factor of every interface, one a line; of the first ones where there are many."""
    lines = [
        f"{interface.name}: {interface.distribution} x {interface.scale.p_factor:.6g} ({interface.scale.derivation})"
        for interface in plan.interfaces[:SHOWN]
    ]
    further = len(plan.interfaces) - SHOWN
    return (*lines, *([f"... and {further} more interfaces"] if further > 0 else []))


@click.command(epilog=examples("tdscen compile study.tds && helics run --path=generated/study/runner.json"))
@scenario_argument
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Folder [generated/NAME].")
@click.option("--force", is_flag=True, help="Replace generated scripts even where they were edited.")
@locked_option
@settings_option
def command(file: Path, output: Path | None, force: bool, locked: bool, settings: tuple[str, ...]) -> None:
    """Compile a scenario to generated/NAME: runner.json, federate scripts, broker.py, plan.json, models.

    The same scenario and models give the same bytes everywhere. Scripts that you have edited are kept.
    """
    folder = compile_to(file, output, force, settings, locked=locked).folder
    click.echo(f"compiled to {folder.as_posix()}; run it with: helics run --path={folder.as_posix()}/runner.json")
