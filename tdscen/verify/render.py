"""The comparison as a table for a terminal, as Markdown, as JSON."""

from __future__ import annotations

import io
import re

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tdscen import codec
from tdscen.verify.report import Report, Row
from tdscen.verify.wording import figure, notes, verdicts

_ABSENT = "-"
_SHOWN = (("v_pu", "V pu"), ("p_mw", "P MW"), ("q_mvar", "Q MVAr"))


def to_json(report: Report) -> str:
    """Every figure, with the sentences."""
    data = {"verdicts": verdicts(report), "notes": notes(report), "report": report}
    return codec.dumps(data)


def to_markdown(report: Report) -> str:
    """Heading, table, sentences."""
    headings, rows = _headings(), [_cells(row) for row in report.rows]
    lines = [
        f"# What coupling costs: {report.title}",
        "",
        _scope(report),
        "",
        "| " + " | ".join(headings) + " |",
        "| --- | " + " | ".join("---:" for _ in headings[1:]) + " |",
        *("| " + " | ".join(cells) + " |" for cells in rows),
        "",
        *(f"- {sentence}" for sentence in verdicts(report)),
        "",
        "Compared:",
        "",
        *(f"- {sentence}" for sentence in notes(report)),
    ]
    return "\n".join(lines) + "\n"


def to_text(report: Report, width: int = 120, *, color: bool = False) -> str:
    """The same for a terminal of `width` columns."""
    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        legacy_windows=False,
        markup=False,
        highlight=False,
        emoji=False,
        _environ={},
    )
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for i, heading in enumerate(_headings()):
        words = re.split(r" (?=max|RMS|order|a step|moves)", heading)
        table.add_column("\n".join(words), justify="left" if i == 0 else "right", no_wrap=True, vertical="bottom")
    for row in report.rows:
        table.add_row(*_cells(row), style="bold" if row.as_written else None)
    with console.capture() as captured:
        console.print(Text(f"What coupling costs: {report.title}", style="bold"))
        console.print(_scope(report))
        console.print(Padding(table, (1, 0, 1, 0)))
        console.print(_sentences(verdicts(report)))
        console.print()
        console.print(_sentences(notes(report), style="dim"))
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def _sentences(sentences: tuple[str, ...], style: str = "") -> Table:
    grid = Table.grid(padding=(0, 1))
    for sentence in sentences:
        grid.add_row("-", Text(sentence, style=style))
    return grid


def _scope(report: Report) -> str:
    chosen = "".join(f", {name} = {value}" for name, value in report.parameters)
    return f"{report.name} until t = {report.stop_s:g} s{chosen}; * is the study as written, ref the reference"


def _headings() -> list[str]:
    pairs = [f"{shown} {what}" for _, shown in _SHOWN for what in ("max", "RMS")]
    others = ["drawn MW max", "speed pu max", "V order", "exchanges a step", "tap moves"]
    return ["coupling", "step s", *pairs, *others]


def _cells(row: Row) -> list[str]:
    name = f"{row.coupling}{'*' if row.as_written else ''}{' (ref)' if row.reference else ''}"
    step = f"{row.step_s:.4g}"
    run = [
        _ABSENT if row.exchanges_mean is None else f"{row.exchanges_mean:.2f}",
        _ABSENT if row.taps_moved is None else str(row.taps_moved),
    ]
    if row.comparison is None:
        first = "failed" if row.failure else _ABSENT
        return [name, step, first, *([_ABSENT] * (2 * len(_SHOWN) + 2)), *run]
    worst = [row.comparison.worst(quantity) for quantity, _ in _SHOWN]
    speed = row.comparison.speed_pu
    return [
        name,
        step,
        *(figure(value) for difference in worst for value in (difference.largest, difference.rms)),
        figure(row.comparison.worst("drawn_p_mw").largest),
        _ABSENT if speed is None else figure(speed.largest),
        _ABSENT if row.order is None else f"{row.order:.1f}",
        *run,
    ]
