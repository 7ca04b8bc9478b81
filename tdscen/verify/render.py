"""The comparison as a table for a terminal, as Markdown, as JSON."""

from __future__ import annotations

import re

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from tdscen import codec
from tdscen.results.terminal import recording_console
from tdscen.verify.cells import Grid, grids
from tdscen.verify.report import Report
from tdscen.verify.wording import notes, verdicts


def to_json(report: Report) -> str:
    """Every figure, with the sentences."""
    data = {"verdicts": verdicts(report), "notes": notes(report), "report": report}
    return codec.dumps(data)


def to_markdown(report: Report) -> str:
    """Heading, tables, sentences."""
    lines = [f"# What coupling costs: {report.title}", "", _scope(report), ""]
    for grid in grids(report):
        lines += [f"{grid.title}:", ""] if grid.title else []
        lines += [
            "| " + " | ".join(grid.headings) + " |",
            "| --- | " + " | ".join("---:" for _ in grid.headings[1:]) + " |",
            *("| " + " | ".join(cells) + " |" for cells in grid.rows),
            "",
        ]
    lines += [
        *(f"- {sentence}" for sentence in verdicts(report)),
        *("", "Compared:", ""),
        *(f"- {sentence}" for sentence in notes(report)),
    ]
    return "\n".join(lines) + "\n"


def to_text(report: Report, width: int = 120, *, color: bool = False) -> str:
    """The same for a terminal of `width` columns."""
    console = recording_console(width, color=color)
    with console.capture() as captured:
        console.print(Text(f"What coupling costs: {report.title}", style="bold"))
        console.print(_scope(report))
        for grid in grids(report):
            console.print(Text(f"\n{grid.title}" if grid.title else ""))
            console.print(_table(grid))
        console.print()
        console.print(_sentences(verdicts(report)))
        console.print()
        console.print(_sentences(notes(report), style="dim"))
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def _table(grid: Grid) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for i, heading in enumerate(grid.headings):
        words = re.split(r" (?=max|RMS|order|a step|moves|at s)", heading)
        table.add_column("\n".join(words), justify="left" if i == 0 else "right", no_wrap=True, vertical="bottom")
    for cells, strong in zip(grid.rows, grid.strong, strict=True):
        table.add_row(*cells, style="bold" if strong else None)
    return table


def _sentences(sentences: tuple[str, ...], style: str = "") -> Table:
    grid = Table.grid(padding=(0, 1))
    for sentence in sentences:
        grid.add_row("-", Text(sentence, style=style))
    return grid


def _scope(report: Report) -> str:
    chosen = "".join(f", {name} = {value}" for name, value in report.parameters)
    return f"{report.name} until t = {report.stop_s:g} s{chosen}; * is the study as written, ref the reference"
