"""What several commands share: scenario arguments, diagnostics on the screen, exit statuses."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from tdscen.diagnostics import Diagnostic, render_github, render_json, render_text
from tdscen.source import Source

BAD_INPUT = 1
FORMATS = ("text", "json", "github")

F = TypeVar("F", bound=Callable[..., Any])


def scenario_argument(function: F) -> F:
    """The argument FILE: a scenario."""
    path = click.Path(path_type=Path, dir_okay=False)
    return click.argument("file", type=path, metavar="FILE.tds")(function)


def settings_option(function: F) -> F:
    """The option --set NAME=VALUE, any number of times."""
    help = "Another value for a parameter, as in --set 'std=5 %'; any number of times."
    return click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help=help)(function)


def examples(*lines: str) -> str:
    """The examples that stand at the end of a command's help."""
    return "\n".join(["\b", "Example:" if len(lines) == 1 else "Examples:", *(f"  {line}" for line in lines)])


def show(diagnostics: Sequence[Diagnostic], sources: Sequence[Source], form: str = "text") -> None:
    """Print diagnostics: text to stderr with colour on a terminal, JSON and GitHub lines to stdout."""
    if form == "json":
        click.echo(render_json(diagnostics, sources))
    elif form == "github":
        if diagnostics:
            click.echo(render_github(diagnostics, sources))
    else:
        for diagnostic in diagnostics:
            click.echo(_coloured(render_text(diagnostic, sources), diagnostic.severity) + "\n", err=True)


def _coloured(text: str, severity: str) -> str:
    head, _, rest = text.partition(":")
    return click.style(head, fg="red" if severity == "error" else "yellow", bold=True) + ":" + rest


def count(diagnostics: Sequence[Diagnostic]) -> str:
    """`2 errors, 1 warning`."""
    parts = []
    for severity in ("error", "warning"):
        number = sum(d.severity == severity for d in diagnostics)
        if number:
            parts.append(f"{number} {severity}{'s' if number > 1 else ''}")
    return ", ".join(parts) or "no problems"


def fail(message: str, status: int = BAD_INPUT) -> NoReturn:
    """Say one sentence and leave."""
    click.echo(click.style("error", fg="red", bold=True) + f": {message}", err=True)
    sys.exit(status)
