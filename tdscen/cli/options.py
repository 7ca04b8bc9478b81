"""What several commands share without importing more than click: arguments, options, examples, the last sentence."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

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


def locked_option(function: F) -> F:
    """The option --locked."""
    help = "Refuse where anything differs from FILE.lock (`tdscen lock`), and say what."
    return click.option("--locked", is_flag=True, help=help)(function)


def examples(*lines: str) -> str:
    """The examples that stand at the end of a command's help."""
    return "\n".join(["\b", "Example:" if len(lines) == 1 else "Examples:", *(f"  {line}" for line in lines)])


def fail(message: str, status: int = BAD_INPUT) -> NoReturn:
    """Say one sentence and leave."""
    click.echo(click.style("error", fg="red", bold=True) + f": {message}", err=True)
    sys.exit(status)
