"""`tdscen lock`, and the `--locked` of other commands."""

from __future__ import annotations

import sys
from collections.abc import Sized
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tdscen.cli.options import BAD_INPUT, examples, fail, scenario_argument
from tdscen.cli.output import show

if TYPE_CHECKING:
    from tdscen.compiler import Checked
    from tdscen.plan import Plan


def refuse_what_differs(checked: Checked, plan: Plan, file: Path) -> None:
    """Leave with status 1, saying all that differs, unless the study is the one that `FILE.lock` holds."""
    from tdscen.lock import LockError, differences, lock_of, lock_path, read_lock

    try:
        found = differences(read_lock(lock_path(file)), lock_of(checked, plan, file))
    except (LockError, OSError) as error:
        fail(str(error))
    if not found:
        return
    for difference in found:
        click.echo(f"  {difference}", err=True)
    some = "1 thing is" if len(found) == 1 else f"{len(found)} things are"
    fail(f"{some} not as {lock_path(file).name} says; if that is meant: tdscen lock {file.as_posix()}, and commit it")


@click.command(
    epilog=examples("tdscen lock study.tds", "tdscen lock --check study.tds", "tdscen run --locked study.tds")
)
@scenario_argument
@click.option("--check", "only_check", is_flag=True, help="Write nothing; say what differs from the lock.")
def command(file: Path, only_check: bool) -> None:
    """Write FILE.lock: hashes of all model files and tables, resolved scales, seeds, versions. For git.

    `compile --locked` and `run --locked` then refuse a study in which anything differs, and say what. Comments,
    titles and layout of the scenario may change.

    Exit status: 0 written, or nothing differs; 1 the scenario has errors, or with --check something differs.
    """
    from tdscen import codec
    from tdscen.compiler import check_file
    from tdscen.lock import lock_of, lock_path
    from tdscen.runtime.folder import replace_text

    checked = check_file(file)
    show(checked.diagnostics, checked.sources)
    if not checked.sound or checked.plan is None:
        sys.exit(BAD_INPUT)
    path = lock_path(file)
    if only_check:
        refuse_what_differs(checked, checked.plan, file)
        click.echo(f"{path.as_posix()} holds")
        return
    try:
        made = lock_of(checked, checked.plan, file)
        replace_text(path, codec.dumps(made))
    except OSError as error:
        fail(f"{path.as_posix()} cannot be written: {error.strerror or error}")
    held: dict[str, Sized] = {"file": made.files, "scale": made.scales, "seed": made.seeds, "version": made.versions}
    counts = ", ".join(f"{len(found)} {what}{'' if len(found) == 1 else 's'}" for what, found in held.items())
    click.echo(f"{path.as_posix()}: {counts}")
