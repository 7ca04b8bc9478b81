"""The federation as SVG: the transmission system on the left, the federates with their feeders on the right.

Everything that comes from a plan passes through `_escaped`. Words that are too long for their place are cut in the
middle; they stand in full in the tooltip (`<title>`) of the place.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from types import MappingProxyType

from tdscen.results.diagram.federation import Federation, Row, Signal, Worker

WIDTH, MARGIN = 960, 10
LEFT, RIGHT = 280, 640
"""Where the transmission system ends, and where the federates begin."""

HEAD, ROW, GAP, NOTE = 70, 44, 16, 18
"""Heights of a federate's heading, of a row, between two federates, of a line below the drawing."""

PRINTED = MappingProxyType(
    {"paper": "#ffffff", "ink": "#1d2329", "faint": "#66707a", "line": "#b8c0c8", "panel": "#f5f7f9", "link": "#0b62a8"}
)
"""Colours of a drawing that stands alone, by what they are for."""

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold."""


def standalone(federation: Federation) -> str:
    """A file of its own, with its colours and a white ground."""
    size = _size(_bottom(federation) + NOTE * len(federation.notes))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="federation" {size} font-family="sans-serif">',
        f"<title>{_escaped(federation.title)}</title>",
        f"<style>{style(**PRINTED)}</style>",
        '<rect class="paper" width="100%" height="100%"/>',
        *_drawing(federation),
        *_notes(federation),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def embedded(federation: Federation) -> str:
    """An element of an HTML page, which has `style` among its own and says elsewhere what the notes say."""
    name = _escaped(f"The federation: {federation.transmission} and its feeders")
    opening = f'<svg class="federation" {_size(_bottom(federation))} role="img" aria-label="{name}">'
    return "\n".join([opening, *_drawing(federation), "</svg>"])


def style(*, paper: str, ink: str, faint: str, line: str, panel: str, link: str) -> str:
    """The rules that a drawing needs, in these colours (any that CSS takes)."""
    rules = {
        "text": f"fill: {ink}; font-size: 11px",
        ".strong": "font-weight: 600; font-size: 13px",
        ".small": f"fill: {faint}",
        ".middle": "text-anchor: middle",
        ".end": "text-anchor: end",
        ".paper": f"fill: {paper}",
        ".node": f"fill: {panel}; stroke: {line}",
        ".feeder": f"fill: {paper}; stroke: {line}",
        ".wire": f"stroke: {line}; stroke-width: 1.2",
        ".link": f"stroke: {link}; stroke-width: 1.6",
        ".tip": f"fill: {link}",
    }
    return " ".join(f".federation {what} {{ {how}; }}" for what, how in rules.items())


def _size(bottom: int) -> str:
    tall = bottom + MARGIN
    return f'viewBox="0 0 {WIDTH} {tall}" width="{WIDTH}" height="{tall}"'


def _bottom(federation: Federation) -> int:
    """Where the boxes end."""
    return MARGIN + sum(_height(worker) + GAP for worker in federation.workers) - GAP


def _height(worker: Worker) -> int:
    return HEAD + ROW * len(worker.rows) + 4


def _drawing(federation: Federation) -> Iterator[str]:
    bottom = _bottom(federation)
    yield _box("node", MARGIN, MARGIN, LEFT - MARGIN, bottom - MARGIN)
    yield _text(MARGIN + 12, MARGIN + 22, federation.transmission, 20, "strong")
    yield _text(MARGIN + 12, MARGIN + 38, federation.simulator, 20, "small")
    yield _text(MARGIN + 12, MARGIN + 53, federation.case, 40, "small")
    top = MARGIN
    for worker in federation.workers:
        yield from _worker(worker, top)
        top += _height(worker) + GAP


def _notes(federation: Federation) -> Iterator[str]:
    for k, note in enumerate(federation.notes, start=1):
        yield _text(MARGIN, _bottom(federation) + NOTE * k, note, 150, "small")


def _worker(worker: Worker, top: int) -> Iterator[str]:
    yield _box("node", RIGHT, top, WIDTH - MARGIN - RIGHT, _height(worker))
    yield _text(RIGHT + 12, top + 22, worker.name, 40, "strong")
    yield _text(RIGHT + 12, top + 38, worker.simulators, 48, "small")
    yield from _signal(worker.voltage, top + 16, LEFT, RIGHT)
    yield from _signal(worker.power, top + 50, RIGHT, LEFT)
    for k, row in enumerate(worker.rows):
        yield from _row(row, top + HEAD + ROW * k + ROW // 2)


def _signal(signal: Signal, y: int, begin: int, end: int) -> Iterator[str]:
    """An arrow with its topic above and its meaning below."""
    back = 7 if begin > end else -7
    yield f'<line class="link" x1="{begin}" x2="{end + back}" y1="{y}" y2="{y}"/>'
    yield f'<path class="tip" d="M{end} {y} l{back} -4 v8 z"/>'
    middle = (LEFT + RIGHT) // 2
    yield _text(middle, y - 4, signal.topic, 54, "middle")
    yield _text(middle, y + 12, signal.words, 54, "middle small")


def _row(row: Row, y: int) -> Iterator[str]:
    yield f'<line class="wire" x1="{LEFT}" x2="{RIGHT + 12}" y1="{y}" y2="{y}"/>'
    yield _text(LEFT - 10, y - 2, row.bus, 36, "end")
    yield _text(LEFT - 10, y + 12, row.load, 40, "end small")
    yield _text((LEFT + RIGHT) // 2, y - 5, row.interface, 54, "middle")
    yield _box("feeder", RIGHT + 12, y - 17, WIDTH - MARGIN - RIGHT - 24, 34)
    yield _text(RIGHT + 22, y - 3, row.feeder, 40, "")
    yield _text(RIGHT + 22, y + 11, " · ".join(each for each in (row.scale, row.resources) if each), 44, "small")


def _box(kind: str, x: int, y: int, width: int, height: int) -> str:
    return f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>'


def _text(x: int, y: int, words: str, most: int, kind: str) -> str:
    """Words of at most `most` characters; longer ones are cut in the middle and stand in full in the tooltip."""
    shown = words
    tip = ""
    if len(words) > most:
        half = (most - 1) // 2
        shown, tip = f"{words[:half]}…{words[-half:]}", f"<title>{_escaped(words)}</title>"
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x}" y="{y}">{tip}{_escaped(shown)}</text>'


def _escaped(words: str) -> str:
    return html.escape(_ILLEGAL.sub("\ufffd", words))
