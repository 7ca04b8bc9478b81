"""`tdscen explain`."""

from __future__ import annotations

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
    click.echo(f"{found.code}: {found.title}\n\n{found.text}")
