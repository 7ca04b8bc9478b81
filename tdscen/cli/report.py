"""`tdscen report`."""

from __future__ import annotations

from pathlib import Path

import click

from tdscen.cli.options import examples, fail


@click.command(epilog=examples("tdscen report generated/study", "tdscen report generated/study/runs/0001 -o run.html"))
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="File [RUN/report.html].")
def command(run: Path, output: Path | None) -> None:
    """Write RUN as one HTML page with its summary, interactive charts and provenance; it opens without a network."""
    click.echo(f"report: {write(run, output).as_posix()}")


def write(run: Path, output: Path | None = None) -> Path:
    """Write the report of a run and return the file; leaves with status 1 where it cannot be written."""
    from tdscen.cli.results import reached
    from tdscen.results import open_run
    from tdscen.results.errors import ResultsError
    from tdscen.results.report.page import page

    try:
        opened = open_run(run)
        target = output or opened.folder / "report.html"
        target.write_text(page(opened), encoding="utf-8", newline="\n")
        if not opened.complete:
            click.echo(f"incomplete: {reached(opened)}; {opened.cause}", err=True)
    except ResultsError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{output or run} cannot be written: {error.strerror or error}")
    return target
