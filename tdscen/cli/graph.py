"""`tdscen graph`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tdscen.cli.options import BAD_INPUT, examples, fail, scenario_argument, settings_option
from tdscen.cli.output import show


@click.command(epilog=examples("tdscen graph study.tds", "tdscen graph study.tds --svg -o study.svg"))
@scenario_argument
@click.option("--svg", is_flag=True, help="A drawing, in the place of Mermaid text.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="File [the standard output].")
@settings_option
def command(file: Path, svg: bool, output: Path | None, settings: tuple[str, ...]) -> None:
    """Draw the federation of a scenario: buses, feeders, the processes that carry them, and what they exchange.

    Mermaid text, which GitHub and GitLab draw in Markdown, or SVG (--svg, or a file that ends in .svg). More than 40
    interfaces are drawn as one for each process and feeder model.
    """
    from tdscen.compiler import check_file
    from tdscen.results import diagram

    checked = check_file(file, settings)
    show(checked.diagnostics, checked.sources)
    if not checked.sound:
        sys.exit(BAD_INPUT)
    if checked.plan is None:
        fail("there is nothing to draw, because a model could not be looked at")
    federation = diagram.federation(checked.plan)
    drawn = svg or (output is not None and output.suffix.lower() == ".svg")
    text = diagram.standalone(federation) if drawn else diagram.mermaid(federation)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        write_file(output, text)
    except OSError as error:
        fail(f"{output.as_posix()} cannot be written: {error.strerror or error}")


def write_file(path: Path, text: str) -> None:
    """Give a file this text at one blow: a reader sees what was there or all of it. Raises `OSError`."""
    from tdscen.scratch import scratch_folder

    target = path.resolve()  # a symbolic link stays one
    with scratch_folder(target.parent, f".{target.name}.") as staging:
        (staging / target.name).write_text(text, encoding="utf-8", newline="\n")
        (staging / target.name).replace(target)
