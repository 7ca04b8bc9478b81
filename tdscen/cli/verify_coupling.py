"""`tdscen verify-coupling`."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tdscen.cli.options import BAD_INPUT, examples, fail, scenario_argument, settings_option
from tdscen.cli.output import show
from tdscen.runtime.status import ExitStatus
from tdscen.scratch import scratch_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tdscen.plan import Plan
    from tdscen.verify.running import Done
    from tdscen.verify.variants import Variant

FORMS = (".md", ".json")
MANY_STEPS = 50_000


@click.command(
    epilog=examples(
        "tdscen verify-coupling scenarios/ieee14_ieee34.tds", "tdscen verify-coupling study.tds --stop 10s -o lag.md"
    )
)
@scenario_argument
@settings_option
@click.option("--stop", "stop_text", metavar="T", help="Compare until this time only, as in --stop '10 s'.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Also to this .md or .json file.")
@click.option(
    "--keep", type=click.Path(path_type=Path, file_okay=False), help="Keep the generated folders and runs here."
)
@click.option("-q", "--quiet", is_flag=True, help="No live progress.")
def command(
    file: Path, settings: tuple[str, ...], stop_text: str | None, output: Path | None, keep: Path | None, quiet: bool
) -> None:
    """Say what the coupling of a study costs: run it serial, parallel and iterative, and compare at the interfaces.

    Six runs of the same compiled study, two at a time: serial and parallel with its communication step and half of
    it; iterative with T's integration step as communication step, which has no lag and is the reference, and with
    twice that. T integrates with the same step in all but the last, so that what differs is the coupling.

    Exit status: 0 done, whatever the differences are; 1 bad input; 3 a variant failed (the table says which, with
    its reason); 5 no run could start; 130 interrupted.
    """
    if output is not None and output.suffix not in FORMS:
        fail(f"{output}: the form is taken from the name's end, which must be {' or '.join(FORMS)}")
    if output is not None and not output.absolute().parent.is_dir():
        fail(f"{output}: there is no folder {output.absolute().parent}")
    if keep is not None and keep.is_dir() and any(keep.iterdir()):
        fail(f"{keep} holds files already: choose an empty or a new folder")
    plan, models = _compiled(file, settings, stop_text)
    from tdscen.verify.render import to_json, to_markdown, to_text
    from tdscen.verify.report import report
    from tdscen.verify.variants import variants

    wanted = variants(plan)
    if wanted[-1].plan.steps > MANY_STEPS:
        click.echo(f"the reference takes {wanted[-1].plan.steps} steps; --stop T compares less", err=True)
    with ExitStack() as opened:
        folder = keep or opened.enter_context(scratch_folder(prefix="verify-"))
        made = report(plan, _run(wanted, models, folder, quiet=quiet))
    from tdscen.cli.results import terminal_width

    click.echo(to_text(made, width=max(terminal_width(), 120), color=sys.stdout.isatty()), nl=False)
    if output is not None:
        try:
            output.write_text(to_json(made) if output.suffix == ".json" else to_markdown(made), encoding="utf-8")
        except OSError as error:
            fail(f"{output} cannot be written: {error.strerror or error}")
    if keep is not None:
        click.echo(f"runs: {keep.as_posix()}")
    sys.exit(ExitStatus.FEDERATE_FAILED if made.failed else ExitStatus.COMPLETE)


def _compiled(file: Path, settings: tuple[str, ...], stop_text: str | None) -> tuple[Plan, Mapping[str, bytes]]:
    """The study's plan, as long as is wanted, and its models; leaves with status 1 where there is none."""
    from tdscen.compiler import bundled_models, compile_file
    from tdscen.verify.variants import shortened

    checked = compile_file(file, settings).checked
    show(checked.diagnostics, checked.sources)
    if not checked.sound:
        sys.exit(BAD_INPUT)
    if checked.plan is None:
        fail("nothing was compiled, because a model could not be looked at")
    plan = checked.plan
    if stop_text is not None:
        try:
            plan = shortened(plan, _seconds(stop_text))
        except ValueError as error:
            fail(f"--stop {stop_text}: {error}")
    return plan, bundled_models(plan, checked.models)


def _seconds(text: str) -> float:
    """A time with its unit, as scenarios write it. Raises `ValueError`."""
    import re

    from tdscen.units import find

    found = re.fullmatch(r"\s*([0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?)\s*([A-Za-z]+)\s*", text)
    unit = find(found[2]) if found else None
    if found is None or unit is None or unit.dimension != "time":
        raise ValueError("a time with its unit is wanted, as in 10s or '2 min'")
    return float(found[1]) * unit.factor


def _run(wanted: Sequence[Variant], models: Mapping[str, bytes], folder: Path, *, quiet: bool) -> tuple[Done, ...]:
    """Run all variants under a live view; leaves with a status of its own where nothing can run."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from tdscen.emit import WriteError
    from tdscen.runtime.errors import NotStarted
    from tdscen.verify.running import run_all

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(30), TextColumn("{task.completed:g} of {task.total:g} s"))
    view = Progress(
        *columns, TimeElapsedColumn(), console=console, transient=True, disable=quiet or not console.is_terminal
    )
    tasks = {v.name: view.add_task(f"{v.coupling}, {v.step_s:.4g} s", total=v.plan.simulation.stop_s) for v in wanted}
    try:
        with view:
            return run_all(wanted, models, folder, lambda v, t: view.update(tasks[v.name], completed=t))
    except KeyboardInterrupt:
        sys.exit(ExitStatus.INTERRUPTED)
    except NotStarted as error:
        fail(str(error), error.status)
    except WriteError as error:
        fail(str(error))
