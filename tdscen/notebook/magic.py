"""`%%tds`: a notebook's cell is a scenario."""

from __future__ import annotations

import argparse
import keyword
import shlex
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from IPython.core.error import UsageError
from IPython.display import display

from tdscen.api.errors import RunError, ScenarioError, ScenarioWarning, ScriptKept
from tdscen.api.running import run
from tdscen.api.scenario import Scenario, load
from tdscen.notebook.progress import shown_by

HELP = """%%tds NAME [--check | --run] [--set PARAMETER=VALUE]... [-o FOLDER] [--force]

The cell is a scenario called NAME. Its paths begin in the kernel's current folder: the notebook's own, unless it was
changed. Without --run it is checked, what is wrong is shown, and the variable NAME is the Scenario. With --run it is
compiled to generated/NAME (or FOLDER) and run, and NAME is the Run; an error ends the cell.

Example:
  %%tds study --run --set 'std=5 %'
"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong as IPython says it, in place of leaving the kernel."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"%%tds: {message}\n\n{HELP}")


def _parser() -> _Parser:
    parser = _Parser(prog="%%tds", add_help=False)
    parser.add_argument("name")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true")
    what.add_argument("--run", action="store_true")
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="PARAMETER=VALUE")
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--force", action="store_true")
    return parser


class _Shown(Exception):  # noqa: N818 - no error of its own: it ends a cell whose error is shown already
    """An error without a traceback: the writer of a scenario has no use for lines of ours."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def tds(shell: Any, line: str, cell: str) -> None:
    """The magic: `line` are its options, `cell` the scenario; the result goes into a variable of the shell."""
    options = _options(line)
    settings = dict(_setting(text) for text in options.settings)
    scenario = load(cell if cell.endswith("\n") else f"{cell}\n", name=options.name, set=settings)
    if not options.run or not scenario.sound:
        shell.user_ns[options.name] = scenario
        display(scenario)
        if options.run:
            raise _Shown(f"{options.name} was not run: it has errors")
        return
    if scenario.diagnostics:
        display(scenario)
    shell.user_ns[options.name] = _run(shell, scenario, options)
    display(shell.user_ns[options.name])


def _run(shell: Any, scenario: Scenario, options: argparse.Namespace) -> Any:
    try:
        with shown_by(shell) as bar, _plain_warnings():
            return run(scenario, options.output, force=options.force, progress=bar)
    except (ScenarioError, RunError) as error:
        raise _Shown(str(error)) from None


@contextmanager
def _plain_warnings() -> Iterator[None]:
    """Scripts that were kept are told in one line, without a place in our code; problems were displayed before."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", ScriptKept)
        shown = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *place: Any, **further: Any) -> None:
            if issubclass(category, ScriptKept):
                print(message)
            elif not issubclass(category, ScenarioWarning):
                shown(message, category, *place, **further)

        warnings.showwarning = show
        yield


def _options(line: str) -> argparse.Namespace:
    try:
        options = _parser().parse_args(shlex.split(line))
    except ValueError as error:  # an open quotation mark
        raise UsageError(f"%%tds: {error}\n\n{HELP}") from None
    if not options.name.isidentifier() or keyword.iskeyword(options.name):
        raise UsageError(f"%%tds: {options.name} is no name for a variable\n\n{HELP}")
    return options


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"%%tds: --set {text}: write --set PARAMETER=VALUE")
    return name.strip(), value.strip()
