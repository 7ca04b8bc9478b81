"""`tdscen plot`."""

from __future__ import annotations

from pathlib import Path

import click

from tdscen.cli.options import examples, fail
from tdscen.suggest import did_you_mean, one_of

SUFFIXES = (".png", ".svg", ".pdf")
FIGURES = {
    "lesson": "load factor, power, voltage, voltage over power",
    "interface": "voltage, angle, P and Q of each interface",
    "frequency": "rotor speeds and that of their centre of inertia",
    "profile": "voltage along the feeder, three phases, with its envelope",
    "pv-curve": "interface voltage over power",
    "coupling": "exchanges and residual of each step",
}
"""As `results.plot.FIGURES`, which costs half a second to import."""

STYLES = ("default", "ieee", "slides")


def _names(_: click.Context, __: click.Parameter, value: str) -> tuple[str, ...]:
    """The figures of `--figure lesson,profile`, each once."""
    names = tuple(dict.fromkeys(part.strip() for part in value.split(",")))
    for name in names:
        if name not in FIGURES:
            mend = did_you_mean(name, list(FIGURES)) or f"there are {one_of(list(FIGURES))}"
            raise click.BadParameter(f"there is no figure {name!r}; {mend}")
    return names


@click.command(
    epilog=examples(
        "tdscen plot generated/study",
        "tdscen plot generated/study/runs/0001 --figure frequency,profile --style ieee -o figure.pdf",
        "tdscen plot generated/study/runs/0002 --figure coupling --compare generated/study/runs/0001",
        "tdscen plot generated/study/sweeps/loads --figure pv-curve",
    )
)
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@click.option(
    "--figure",
    "figures",
    default="lesson",
    show_default=True,
    metavar="NAME[,NAME]",
    callback=_names,
    help="; ".join(f"{name}: {what}" for name, what in FIGURES.items()) + ".",
)
@click.option(
    "--style",
    type=click.Choice(STYLES),
    default="default",
    show_default=True,
    help="ieee: 3.5 or 7.16 in wide, 8 pt; slides: 10 in wide, 15 pt.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="PNG, SVG or PDF; of several figures FILE-NAME [RUN/plot.png, RUN/NAME.png].",
)
@click.option("--interface", metavar="NAME", help="Only this interface.")
@click.option(
    "--compare",
    "other",
    type=click.Path(path_type=Path),
    metavar="RUN2",
    help="A second run, dashed (not in lesson).",
)
def command(
    run: Path, figures: tuple[str, ...], style: str, output: Path | None, interface: str | None, other: Path | None
) -> None:
    """Draw figures of RUN for a screen, a paper or slides.

    RUN is a run folder or a generated folder (its latest run); for pv-curve also the folder of a sweep, whose points'
    ends make the curve. The same run gives the same bytes.

    Exit status: 0 drawn; 1 it cannot be drawn, and why; 2 called wrongly.
    """
    from tdscen.studies.table import DEFINITION

    if (run / DEFINITION).is_file():
        click.echo(f"plot: {_of_sweep(run, output, figures, interface, other).as_posix()}")
        return
    for name in figures:
        target = output
        if output is not None and len(figures) > 1:
            target = output.with_name(f"{output.stem}-{name}{output.suffix}")
        drawn = draw(run, target, interface, figure=name, style=style, other=other, warn=name == figures[0])
        click.echo(f"plot: {drawn.as_posix()}")


def draw(
    run: Path,
    output: Path | None = None,
    interface: str | None = None,
    *,
    figure: str = "lesson",
    style: str = "default",
    other: Path | None = None,
    warn: bool = True,
) -> Path:
    """Draw a run and return the file; leaves with status 1 where it cannot be drawn."""
    from tdscen.cli.results import reached
    from tdscen.results import open_run
    from tdscen.results.errors import ResultsError
    from tdscen.results.plot import plot

    try:
        opened = open_run(run)
        target = output or opened.folder / ("plot.png" if figure == "lesson" else f"{figure}.png")
        if target.suffix.lower() not in SUFFIXES:
            fail(f"{target.name} names no known format; use {', '.join(SUFFIXES)}")
        second = None if other is None else open_run(other)
        plot(opened, target, interface, figure=figure, style=style, other=second)
        for each in (opened, second):
            if warn and each is not None and not each.complete:
                click.echo(f"incomplete: {reached(each)}; {each.cause}", err=True)
    except ResultsError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{output or run} cannot be written: {error.strerror or error}")
    return target


def _of_sweep(
    sweep: Path, output: Path | None, figures: tuple[str, ...], interface: str | None, other: Path | None
) -> Path:
    """Draw the PV curve of a sweep and return the file."""
    if figures != ("pv-curve",) or interface is not None or other is not None:
        fail(
            f"{sweep} is the folder of a sweep: it has the figure pv-curve alone, of all interfaces "
            "(its measures are drawn by `tdscen sweep --measure COLUMN`)"
        )
    from tdscen.results.errors import ResultsError
    from tdscen.studies.pv_curve import draw as draw_curve

    target = output or sweep / "pv-curve.png"
    if target.suffix.lower() not in SUFFIXES:
        fail(f"{target.name} names no known format; use {', '.join(SUFFIXES)}")
    try:
        draw_curve(sweep, target)
    except ResultsError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{target} cannot be written: {error.strerror or error}")
    return target
