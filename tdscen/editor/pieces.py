"""A text read piece by piece: after a change only the top-level items that it touched are parsed again.

A parse of a thousand lines takes a tenth of a second; between two keystrokes one item changes and those behind it move.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from tdscen.diagnostics import Diagnostic
from tdscen.language.blocks import BLOCKS
from tdscen.source import Source, Span
from tdscen.syntax.nodes import Document
from tdscen.syntax.parser import Parsed, parse

_MARKS = re.compile(r'"[^"\n]*"?|#[^\n]*|[{}()\[\]]|\n')


class Pieces:
    """Trees of pieces of text, remembered by what they say and where they stand."""

    def __init__(self) -> None:
        self._parsed: dict[str, Parsed] = {}
        self._placed: dict[tuple[str, int, int], Parsed] = {}

    def parse(self, source: Source) -> Parsed:
        """The same as `tdscen.syntax.parse`, but that errors are recovered from within their piece."""
        pieces = list(split(source.text))
        placed = {(text, start, source.index): self._place(text, start, source.index) for text, start in pieces}
        others = {key: found for key, found in self._placed.items() if key[2] != source.index}
        self._placed = {**others, **placed}
        used = {text for text, _, _ in self._placed}
        self._parsed = {text: found for text, found in self._parsed.items() if text in used}
        documents = [found.document for found in placed.values()]
        document = Document(
            tuple(item for d in documents for item in d.items),
            tuple(comment for d in documents for comment in d.comments),
            any(d.recovered for d in documents),
            frozenset().union(*(d.lost for d in documents)),
        )
        return Parsed(document, tuple(problem for found in placed.values() for problem in found.diagnostics))

    def _place(self, text: str, start: int, file: int) -> Parsed:
        key = (text, start, file)
        if key in self._placed:
            return self._placed[key]
        if text not in self._parsed:
            self._parsed[text] = parse(Source("", text))
        document, problems = self._parsed[text]
        if (start, file) == (0, 0):
            return Parsed(document, problems)
        lost, recovered = document.lost, document.recovered
        there = Document(moved(document.items, start, file), moved(document.comments, start, file), recovered, lost)
        return Parsed(there, tuple(_moved_problem(problem, start, file) for problem in problems))


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


_FIELDS: dict[type[Any], tuple[str, ...]] = {}


def moved(node: Any, by: int, file: int) -> Any:
    """A node, or a tuple of nodes, `by` characters further on in source `file`."""
    if type(node) is Span:
        return Span(node.start + by, node.end + by, file)
    if type(node) is tuple:
        return tuple([moved(item, by, file) for item in node])
    if dataclasses.is_dataclass(node) and not isinstance(node, type):
        cls: type[Any] = type(node)
        if cls not in _FIELDS:
            _FIELDS[cls] = tuple(field.name for field in dataclasses.fields(cls))
        return cls(*[moved(getattr(node, name), by, file) for name in _FIELDS[cls]])
    return node


def _moved_problem(problem: Diagnostic, by: int, file: int) -> Diagnostic:
    span, labels, fixes = (moved(part, by, file) for part in (problem.span, problem.labels, problem.fixes))
    return replace(problem, span=span, labels=labels, fixes=fixes)
