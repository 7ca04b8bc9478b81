"""The end of `tdscen run`: what is printed of a run that has ended, and its exit status."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tdscen.cli.options import fail
from tdscen.runtime.status import ExitStatus

if TYPE_CHECKING:
    from tdscen.results.run import Run


@dataclass(frozen=True, slots=True)
class Ending:
    """What is made and said at the end. `quiet`: only what is wrong; `json_lines`: one object in place of the text."""

    plot: bool = False
    report: bool = False
    profile: bool = False
    quiet: bool = False
    json_lines: bool = False


def close(run: Path, ending: Ending) -> int:
    """Print the summary and where everything is; returns the exit status of the run."""
    from tdscen.results import open_run
    from tdscen.results.errors import ResultsError
    from tdscen.runtime.record import close_abandoned

    close_abandoned(run)
    try:
        opened = open_run(run)
        if not (ending.quiet or ending.json_lines):
            _print_summary(opened, with_profile=ending.profile)
    except ResultsError as error:
        fail(str(error), ExitStatus.FEDERATE_FAILED)
    recorded = opened.info.get("exit_status")
    status = int(ExitStatus.FEDERATE_FAILED if recorded is None else recorded)
    made = _made(run, ending)
    if ending.json_lines:
        _say_end(opened, status, made)
    elif not ending.quiet:
        for name, path in (made | {"logs": run / "logs"}).items():
            click.echo(f"{name}: {path.as_posix()}")
    elif status == ExitStatus.REQUIREMENT_VIOLATED:
        for check in opened.info.get("requirements", ()):
            if not check["holds"]:
                click.echo(f"{check['name']}: {check['sentence']}", err=True)
    if not opened.complete and not ending.json_lines:
        click.echo(f"the run failed: {opened.cause or 'no cause was recorded'}", err=True)
        if opened.recording.rows:
            click.echo(f"go on with it: tdscen run --resume {run.as_posix()}", err=True)
    return status


def _print_summary(opened: Run, *, with_profile: bool) -> None:
    from tdscen.cli.results import print_profile, terminal_width
    from tdscen.results.render import render_text
    from tdscen.results.summary import summary

    click.echo(render_text(summary(opened), width=terminal_width(), color=sys.stdout.isatty()))
    if with_profile:
        print_profile(opened)


def _made(run: Path, ending: Ending) -> dict[str, Path]:
    """The results, and what was asked to be made of them."""
    from tdscen.cli.plot import draw
    from tdscen.cli.report import write

    made: dict[str, Path] = {}
    if (run / "results.parquet").exists():
        made["results"] = run / "results.parquet"
        if ending.plot:
            made["plot"] = draw(run)
        if ending.report:
            made["report"] = write(run)
    return made


def _say_end(opened: Run, status: int, made: dict[str, Path]) -> None:
    from tdscen.cli.live import say

    info = opened.info
    checks = [*info.get("requirements", ()), *info.get("checks", ())]
    say(
        "ended",
        run=opened.folder.as_posix(),
        complete=opened.complete,
        exit_status=status,
        cause=opened.cause,
        federate=info.get("federate"),
        reached_s=opened.reached_s,
        wall_s=info.get("timings", {}).get("wall_s"),
        checks=[_told(check) for check in checks],
        **{name: path.as_posix() for name, path in made.items()},
    )


def _told(check: dict[str, Any]) -> dict[str, Any]:
    from tdscen.cli.live import rounded

    told = {key: check[key] for key in ("name", "required", "holds", "unit", "sentence")}
    return told | {"measured": rounded(check["measured"])}
