"""`tdscen explain`."""

from __future__ import annotations

import re

import click

from tdscen.cli.options import examples, fail


@click.command(epilog=examples("tdscen explain TDS204", "tdscen explain"))
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain a diagnostic CODE at length, with an example; without a code, list them all."""
    from tdscen import catalogue
    from tdscen.suggest import did_you_mean

    if code is None:
        for entry in catalogue.entries():
            click.echo(f"{entry.code}  {entry.title}")
        return
    found = catalogue.find(code)
    if found is None:
        near = did_you_mean(code.upper(), [entry.code for entry in catalogue.entries()])
        fail(f"there is no diagnostic {code}; {near or '`tdscen explain` lists them'}")
    click.echo(f"{found.code}: {found.title}\n\n{_laid_out(found.text)}")


def _laid_out(text: str) -> str:
    """Paragraphs wrapped to the terminal, examples set off by four spaces in the place of their fences."""
    import shutil
    import textwrap

    width = min(shutil.get_terminal_size((100, 24)).columns, 100)
    parts = []
    for i, part in enumerate(re.split(r"```(?:tds)?\n?", text)):
        if i % 2:
            parts.append(textwrap.indent(part.rstrip(), "    "))
        else:
            paragraphs = (" ".join(p.split()) for p in part.strip().split("\n\n"))
            parts.append("\n\n".join(textwrap.fill(p, width) for p in paragraphs))
    return "\n\n".join(part for part in parts if part)
