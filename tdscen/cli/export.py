"""`tdscen export`."""

from __future__ import annotations

from pathlib import Path

import click

from tdscen.cli.options import examples, fail

FORMS = ("csv", "xlsx", "netcdf", "mat", "andes")


@click.command(
    epilog=examples(
        "tdscen export generated/study --to netcdf",
        "tdscen export generated/study/runs/0001 --to csv -o study.csv --sidecar",
        "tdscen export generated/study --to andes && andes plot generated/study/runs/0001/results_out.npz 0 1:5",
    )
)
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@click.option("--to", "form", type=click.Choice(FORMS), required=True, help="The form of the file.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="The file [RUN/results.csv, ...]."
)
@click.option("--sidecar", is_flag=True, help="With csv: also FILE.json with units, meanings and origin.")
def command(run: Path, form: str, output: Path | None, sidecar: bool) -> None:
    """Write everything that RUN recorded for other programs, every number to the last bit.

    RUN is a run folder or a generated folder (its latest run). An incomplete run is written as far as it came. An
    older FILE is replaced. `andes` writes what `andes plot` reads: FILE.npz and FILE.lst. What stands where:
    docs/results.md.

    Exit status: 0 written; 1 there is no run, the form cannot hold it or the file cannot be written; 2 called wrongly.
    """
    from tdscen.cli.results import reached
    from tdscen.results import open_run
    from tdscen.results.errors import ResultsError
    from tdscen.results.formats import file_name, write

    if sidecar and form != "csv":
        raise click.UsageError("--sidecar belongs to --to csv: the other forms have units and origin inside")
    try:
        opened = open_run(run)
        path = output or opened.folder / file_name(form)
        write(opened, form, path)
        if sidecar:
            from tdscen.results.formats.csv_file import sidecar as text
            from tdscen.results.formats.schema import schema

            Path(f"{path}.json").write_text(text(schema(opened)), encoding="utf-8")
    except ResultsError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename or output} cannot be written: {error.strerror or error}")
    if not opened.complete:
        click.echo(f"incomplete: {reached(opened)}; {opened.cause}", err=True)
    click.echo(path.as_posix())
