"""Differences between two runs as a table for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table

from tdscen.results.differences import Difference
from tdscen.results.terminal import recording_console


def table_text(differences: Sequence[Difference], width: int, *, color: bool) -> str:
    """One line a quantity, in the order given."""
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("quantity", overflow="fold")
    for heading in ("largest\ndifference", "unit", "at s", "RMS", "first", "second"):
        table.add_column(heading, justify="left" if heading == "unit" else "right", no_wrap=True)
    for each in differences:
        table.add_row(
            each.name,
            f"{each.largest:.3g}",
            each.unit,
            f"{each.time_s:.6g}",
            f"{each.rms:.3g}",
            f"{each.first:.9g}",
            f"{each.second:.9g}",
        )
    console = recording_console(width, color=color)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())
