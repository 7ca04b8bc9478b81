"""A text read piece by piece: after a change only the top-level items that it touched are parsed again.

A parse of a thousand lines takes a tenth of a second; between two keystrokes one item changes and those behind it move.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tdscen.language.blocks import BLOCKS
from tdscen.source import Source, Span
from tdscen.syntax.nodes import Document
from tdscen.syntax.parser import Parsed, parse

_MARKS = re.compile(r'"[^"\n]*"?|#[^\n]*|[{}()\[\]]|\n')


@dataclass
class _Piece:
    """A piece that was parsed, every span of its tree, and where these count from."""

    parsed: Parsed
    spans: tuple[Span, ...]
    start: int = 0
    file: int = 0

    def move(self, start: int, file: int) -> Parsed:
        """The tree as it stands from `start` in source `file`. Its spans change: a new tree costs ten times as much."""
        by = start - self.start
        if by or file != self.file:
            for span in self.spans:
                object.__setattr__(span, "start", span.start + by)
                object.__setattr__(span, "end", span.end + by)
                object.__setattr__(span, "file", file)
            self.start, self.file = start, file
        return self.parsed


class Pieces:
    """Trees of pieces of text, remembered by what they say.

    A tree that was returned is good until the next call: its pieces then move to where they stand in the new text.
    """

    def __init__(self) -> None:
        self._known: dict[int, dict[str, list[_Piece]]] = {}

    def parse(self, source: Source) -> Parsed:
        """The same as `tdscen.syntax.parse`, but that errors are recovered from within their piece."""
        before = self._known.get(source.index, {})
        kept: dict[str, list[_Piece]] = {}
        found: list[Parsed] = []
        for text, start in split(source.text):
            same = before.get(text)
            piece = same.pop() if same else _parsed(text)
            kept.setdefault(text, []).append(piece)
            found.append(piece.move(start, source.index))
        self._known[source.index] = kept
        documents = [parsed.document for parsed in found]
        document = Document(
            tuple(item for d in documents for item in d.items),
            tuple(comment for d in documents for comment in d.comments),
            any(d.recovered for d in documents),
            frozenset().union(*(d.lost for d in documents)),
        )
        return Parsed(document, tuple(problem for parsed in found for problem in parsed.diagnostics))


def _parsed(text: str) -> _Piece:
    parsed = parse(Source("", text))
    spans: dict[int, Span] = {}
    _collect(parsed, spans)
    return _Piece(parsed, tuple(spans.values()))


def _collect(node: object, spans: dict[int, Span]) -> None:
    """Every span within a node, each object once."""
    if isinstance(node, Span):
        spans[id(node)] = node
    elif isinstance(node, tuple):
        for item in node:
            _collect(item, spans)
    elif dataclasses.is_dataclass(node):
        for field in dataclasses.fields(node):
            _collect(getattr(node, field.name), spans)


def split(text: str) -> Iterator[tuple[str, int]]:
    """The pieces of a text, each with the newline that ends it, and where they begin: one item, most often.

    Where a bracket is never closed, a line that begins like a block or definition begins a piece all the same.
    """
    starts, sound = _starts(text, at_headers=False)
    if not sound:
        starts, _ = _starts(text, at_headers=True)
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        yield text[start:end], start


def _starts(text: str, *, at_headers: bool) -> tuple[list[int], bool]:
    starts, depth = [0], 0
    for mark in _MARKS.finditer(text):
        match mark[0][0]:
            case "{" | "(" | "[":
                depth += 1
            case "}" | ")" | "]":
                depth = max(0, depth - 1)
            case "\n" if mark.end() < len(text) and (not depth or (at_headers and _header().match(text, mark.end()))):
                if not text[mark.end()].isspace():  # blank lines belong to the item before them
                    starts.append(mark.end())
                    depth = 0
    return starts, depth == 0


@cache
def _header() -> re.Pattern[str]:
    """A line that begins a block, definition or heading of the language."""
    words = "|".join(sorted(block.keyword for block in BLOCKS))
    return re.compile(rf'(?:{words})\b[ \t]*(?:[A-Za-z_]\w*[ \t]*)?(?:\{{|"|[A-Za-z_]\w*[ \t]*=)')
