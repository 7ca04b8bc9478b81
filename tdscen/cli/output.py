"""Diagnostics on the screen."""

from __future__ import annotations

from collections.abc import Sequence

import click

from tdscen.diagnostics import Diagnostic, render_github, render_json, render_text
from tdscen.source import Source


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
