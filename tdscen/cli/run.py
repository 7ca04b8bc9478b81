"""`tdscen run`: compile, start the processes of the runner file, live progress, closing summary."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tdscen.cli.compile import compile_to
from tdscen.cli.options import examples, fail, locked_option, settings_option
from tdscen.runtime.status import ExitStatus

if TYPE_CHECKING:
    from tdscen.cli.live import View
    from tdscen.runtime.launch import Launch

LOOK_EVERY_S = 0.02


@click.command(
    epilog=examples(
        "tdscen run scenarios/ieee14_ieee34.tds --plot", "tdscen run --resume generated/ieee14_ieee34/runs/0001"
    )
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.tds", required=False)
@click.option(
    "--resume",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="RUN",
    help="Go on with an interrupted run, in place of a scenario: a run folder or a generated folder (its latest run).",
)
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Folder [generated/NAME].")
@click.option("--force", is_flag=True, help="Replace generated scripts even where they were edited.")
@click.option("--plot", "with_plot", is_flag=True, help="Also draw the run to RUN/plot.png.")
@click.option("--report", "with_report", is_flag=True, help="Also write the run as a page to RUN/report.html.")
@click.option("--profile", "with_profile", is_flag=True, help="Also print where the time went.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing, unless something is wrong.")
@click.option("--json-lines", is_flag=True, help="Progress and end as JSON, one object a line: for programs and CI.")
@click.option(
    "--observers",
    type=click.IntRange(0, 999),
    default=0,
    help="Wait for so many federates of others (helics_recorder, your own) to join.",
)
@locked_option
@settings_option
def command(
    file: Path | None,
    resume: Path | None,
    output: Path | None,
    force: bool,
    with_plot: bool,
    with_report: bool,
    with_profile: bool,
    quiet: bool,
    json_lines: bool,
    observers: int,
    locked: bool,
    settings: tuple[str, ...],
) -> None:
    """Compile a scenario, run it, and close with a summary.

    The processes are those that `helics run` would start from the generated runner.json.

    A run that was interrupted, by whatever, is continued with --resume from the last time that every federate has
    recorded; its results are those of a run that was never interrupted.

    While it runs, a table shows every federate, the pace and the time left; where the output is no terminal, a line
    every ten seconds does.

    Exit status: 0 complete; 1 bad input; 3 a federate failed or died; 4 a requirement is violated; 5 the run could
    not start; 130 interrupted.
    """
    from tdscen.cli.closing import Ending, close
    from tdscen.cli.live import view
    from tdscen.runtime.errors import NotStarted
    from tdscen.runtime.launch import Launch

    if quiet and json_lines:
        raise click.UsageError("--quiet or --json-lines, not both")
    spoken = not (quiet or json_lines)
    ending = Ending(with_plot, with_report, with_profile, quiet, json_lines)
    run = manifest = None
    try:
        if file is not None and resume is None:
            compiled = compile_to(file, output, force, settings, locked=locked, spoken=spoken)
            folder, manifest = compiled.folder, compiled.manifest
        elif file is not None or resume is None:
            raise click.UsageError("give a scenario, or an interrupted run with --resume")
        elif output or force or locked or settings:
            raise click.UsageError(
                "--resume goes on with what was compiled: without --output, --force, --locked and --set"
            )
        else:
            # Needs numpy: a tenth of a second that no other run waits for.
            from tdscen.interrupted import interrupted, only_results_missing

            found = interrupted(resume)
            run, folder = found.run, found.run.parent.parent
            if spoken:
                stop_s = found.plan.simulation.stop_s
                click.echo(f"{found.plan.name}, run {run.name}: resumed at t = {found.at_s:g} s of {stop_s:g} s")
            if only_results_missing(found):
                sys.exit(close(run, ending))
        with Launch(folder, run, manifest, observers=observers) as launch:
            run = _watch(launch, view(quiet=quiet, json_lines=json_lines), observers)
            if run is None:
                status = launch.finish()
                click.echo(launch.said(), err=True, nl=False)
                fail(f"the broker ended with status {status} before a run began", ExitStatus.NOT_STARTED)
            status = close(run, ending)
            launch.finish()
    except NotStarted as error:
        fail(str(error), error.status)
    sys.exit(status)


def _watch(launch: Launch, view: View, observers: int) -> Path | None:
    """Show progress until the run ends; returns the run's folder, None where no run began."""
    from tdscen.runtime.progress import under_way

    run, prepared = None, False
    try:
        with view:
            while launch.poll() is None:
                run = run or launch.run
                if observers and (invitation := launch.invitation()):
                    click.echo(f"waits for {observers} more to join with {invitation}", err=True)
                    observers = 0
                if run is not None and not prepared and under_way(run):
                    # Not before: until their models are loaded the federates need the processors more.
                    threading.Thread(target=_prepare_to_close, daemon=True).start()
                    prepared = True
                if run is not None:
                    view.look(run)
                time.sleep(LOOK_EVERY_S)
    except KeyboardInterrupt:
        launch.stop()
    return run or launch.run


def _prepare_to_close() -> None:
    """Import what the summary needs, a third of a second, while there is nothing to do but to look."""
    from tdscen.results import render, run, store, summary  # noqa: F401
