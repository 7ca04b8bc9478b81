"""`tdscen new`."""

from __future__ import annotations

from pathlib import Path

import click

from tdscen.cli.options import examples, fail


@click.command(
    epilog=examples(
        "tdscen new study && tdscen run study/study.tds",
        "tdscen new north --case npcc/npcc.xlsx --bus 3 --feeder feeders/north.dss",
        "tdscen new --cases",
    )
)
@click.argument("name", required=False, type=click.Path(path_type=Path))
@click.option("--case", metavar="CASE", help="A case of ANDES, or a file [ieee14/ieee14_full.xlsx].")
@click.option("--addfile", "addfiles", multiple=True, metavar="FILE", help="A further file of the case (a .dyr).")
@click.option("--bus", metavar="BUS", help="Where the feeder stands [the bus with the largest load].")
@click.option("--feeder", type=click.Path(path_type=Path), metavar="FILE", help="An OpenDSS model, not copied.")
@click.option("--cases", is_flag=True, help="List the cases that come with ANDES, and nothing else.")
def command(
    name: Path | None,
    case: str | None,
    addfiles: tuple[str, ...],
    bus: str | None,
    feeder: Path | None,
    cases: bool,
) -> None:
    """Make the folder NAME with NAME/NAME.tds, a study to start from, which runs as it is.

    Without --feeder our IEEE 34-node feeder is put beside it. Nothing is overwritten. Exit status 0: made; 1: what was
    asked for is not there, or the folder is.
    """
    if cases:
        _list()
        return
    if name is None:
        raise click.UsageError("a NAME is needed, as in `tdscen new study` (or --cases)")
    if addfiles and case is None:
        raise click.UsageError("--addfile belongs to a --case")
    from tdscen.starter import Wanted, make
    from tdscen.starter_text import StartError

    key = int(bus) if bus is not None and bus.isascii() and bus.isdigit() else bus
    try:
        scenario, *others = make(name, Wanted(case, addfiles, key, feeder))
    except StartError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{name.as_posix()} cannot be made: {error.strerror or error}")
    for path in (scenario, *others):
        click.echo(f"made {path.as_posix()}")
    click.echo(f"next: tdscen run {scenario.as_posix()}")


def _list() -> None:
    """Cases with what they hold, one a line."""
    from tdscen.simulators.registry import shipped

    found = shipped("transmission")
    if not found:
        fail("no simulator is installed that brings cases with it (pip install andes)")
    width = max(len(model.name) for model in found)
    click.echo(f"{'case':<{width}}  buses  loads  generators  dynamics")
    for model in found:
        dynamics = "yes" if model.dynamic else f"with {' or '.join(model.extra)}" if model.extra else "no"
        click.echo(f"{model.name:<{width}}  {model.buses:>5}  {model.loads:>5}  {model.generators:>10}  {dynamics}")
