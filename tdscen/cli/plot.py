"""`tdscen plot`."""

from __future__ import annotations

from pathlib import Path

import click

from tdscen.cli.options import examples, fail

SUFFIXES = (".png", ".svg", ".pdf")


@click.command(epilog=examples("tdscen plot generated/study", "tdscen plot generated/study/runs/0001 -o figure.pdf"))
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="File [RUN/plot.png].")
@click.option("--interface", metavar="NAME", help="Only this interface.")
def command(run: Path, output: Path | None, interface: str | None) -> None:
    """Draw load factor, interface power, interface voltage and voltage over power of RUN (PNG, SVG or PDF)."""
    click.echo(f"plot: {draw(run, output, interface).as_posix()}")


def draw(run: Path, output: Path | None = None, interface: str | None = None) -> Path:
    """Draw a run and return the file; leaves with status 1 where it cannot be drawn."""
    from tdscen.cli.results import reached
    from tdscen.results import open_run
    from tdscen.results.errors import ResultsError
    from tdscen.results.plot import plot

    try:
        opened = open_run(run)
        target = output or opened.folder / "plot.png"
        if target.suffix.lower() not in SUFFIXES:
            fail(f"{target.name} names no known format; use {', '.join(SUFFIXES)}")
        plot(opened, target, interface)
        if not opened.complete:
            click.echo(f"incomplete: {reached(opened)}; {opened.cause}", err=True)
    except ResultsError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{output or run} cannot be written: {error.strerror or error}")
    return target
