"""`tdscen compile`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tdscen.cli.options import BAD_INPUT, examples, fail, scenario_argument, settings_option
from tdscen.cli.output import show


def compile_to(file: Path, output: Path | None, force: bool, settings: tuple[str, ...]) -> Path:
    """Compile a scenario into a folder and say what happened; leaves with status 1 where it cannot."""
    from tdscen.compiler import compile_file
    from tdscen.emit import WriteError, write

    compiled = compile_file(file, settings)
    show(compiled.checked.diagnostics, compiled.checked.sources)
    plan = compiled.checked.plan
    if not compiled.checked.sound:
        sys.exit(BAD_INPUT)
    if plan is None:
        fail("nothing was compiled, because a model could not be looked at")
    folder = output or Path("generated") / plan.name
    try:
        written = write(compiled.artifacts, folder, force=force)
    except WriteError as error:
        fail(str(error))
    for name in written.kept:
        click.echo(f"kept your changed {name} (use --force to replace it)")
    for interface in plan.interfaces[:20]:
        scale = interface.scale
        click.echo(f"{interface.name}: {interface.distribution} x {scale.p_factor:.6g} ({scale.derivation})")
    if len(plan.interfaces) > 20:
        click.echo(f"... and {len(plan.interfaces) - 20} more interfaces")
    return folder


@click.command(epilog=examples("tdscen compile study.tds && helics run --path=generated/study/runner.json"))
@scenario_argument
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Folder [generated/NAME].")
@click.option("--force", is_flag=True, help="Replace generated scripts even where they were edited.")
@settings_option
def command(file: Path, output: Path | None, force: bool, settings: tuple[str, ...]) -> None:
    """Compile a scenario to generated/NAME: runner.json, federate scripts, broker.py, plan.json, models.

    The same scenario and models give the same bytes everywhere. Scripts that you have edited are kept.
    """
    folder = compile_to(file, output, force, settings)
    click.echo(f"compiled to {folder.as_posix()}; run it with: helics run --path={folder.as_posix()}/runner.json")
