"""`tdscen verify`: a run again, from what it was made of, and the numbers compared."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from tdscen.cli.options import examples, fail

if TYPE_CHECKING:
    from tdscen.results.run import Run

TROUBLE = 2


@click.command(epilog=examples("tdscen verify generated/study", "tdscen verify generated/study/runs/0001"))
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
def command(run: Path) -> None:
    """Run RUN again in a temporary folder and say whether every number comes out the same, to the last bit.

    RUN is a run of a generated folder, or such a folder (its latest run). The folder's scripts and models are used,
    and only when its plan is the one that ran. Package versions and files that have changed since are
    named.

    Exit status: 0 identical; 1 different; 2 the run is incomplete, its folder is another study by now, or it could
    not be run again; 130 interrupted.
    """
    from tdscen.results import open_run
    from tdscen.results.errors import ResultsError
    from tdscen.runtime.errors import NotStarted
    from tdscen.scratch import scratch_folder

    try:
        first = open_run(run)
        generated = _source(first)
        with scratch_folder() as temporary:
            study = temporary / "study"
            shutil.copytree(generated, study, ignore=lambda at, names: {"runs"} if Path(at) == generated else set())
            again = open_run(_run(study))
            if not again.complete:
                _give_up(f"it failed when it was run again: {again.cause}")
            status = _judge(first, again)
            for edited in _edited(study):
                click.echo(f"{edited} is not as it was compiled")
            sys.exit(status)
    except (ResultsError, NotStarted) as error:
        _give_up(str(error))
    except OSError as error:
        _give_up(f"it cannot be copied: {error}")


def _give_up(why: str) -> NoReturn:
    fail(why, TROUBLE)


def _source(run: Run) -> Path:
    """The generated folder of a complete run, when it still is the study that ran."""
    from tdscen.runtime.folder import PLAN, RUNNER

    if not run.complete:
        _give_up(f"{run.folder} is incomplete, there is nothing to hold a second run against: {run.cause}")
    generated = run.folder.resolve().parent.parent
    if not (generated / RUNNER).is_file():
        _give_up(f"{run.folder} is in no generated folder: there is nothing to run again")
    if (generated / PLAN).read_bytes() != (run.folder / PLAN).read_bytes():
        _give_up(f"{generated} was compiled to another study since {run.folder.name} ran: compile that one again")
    return generated


def _edited(study: Path) -> list[str]:
    """Files that are not, or no longer, what the compiler wrote."""
    from tdscen.runtime.folder import MANIFEST

    compiled = json.loads((study / MANIFEST).read_text(encoding="utf-8"))["files"]
    return sorted(
        name
        for name, sha256 in compiled.items()
        if not (study / name).is_file() or hashlib.sha256((study / name).read_bytes()).hexdigest() != sha256
    )


def _run(study: Path) -> Path:
    """Run a generated folder to its end; the run's folder. Raises `NotStarted`."""
    from tdscen.runtime.launch import Launch

    with Launch(study) as launch:
        try:
            status = launch.finish()
        except KeyboardInterrupt:
            launch.stop()
            sys.exit(130)
        if launch.run is None:
            click.echo(launch.said(), err=True, nl=False)
            _give_up(f"the broker ended with status {status} before a run began")
        return launch.run


def _judge(first: Run, again: Run) -> int:
    from tdscen.cli.compare import print_differences
    from tdscen.results.differences import Tolerance, differences

    old, new = first.recording, again.recording
    changed = _versions(first, again)
    if old.names == new.names and old.values.tobytes() == new.values.tobytes():
        click.echo(f"identical: {len(first.names)} quantities at {old.rows} communication times, to the last bit")
        status = 0
    else:
        print_differences(differences(old, new, Tolerance()), everything=False)
        click.echo("different")
        status = 1
    for line in changed:
        click.echo(line)
    return status


def _versions(first: Run, again: Run) -> list[str]:
    """What was installed then and is now, a line for each package that has another version."""
    old, new = first.info.get("versions") or {}, again.info.get("versions") or {}
    return [
        f"{name}: {old.get(name, 'absent')} then, {new.get(name, 'absent')} now"
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]
