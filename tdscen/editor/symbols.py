"""The outline of a document, and what of it folds."""

from __future__ import annotations

from dataclasses import dataclass

from tdscen.editor.analysis import Analysis
from tdscen.source import Span
from tdscen.syntax import nodes as n


@dataclass(frozen=True, slots=True)
class Symbol:
    """An item with a name: `kind` is its keyword, `detail` the beginning of a definition's value."""

    name: str
    kind: str
    detail: str
    span: Span
    name_span: Span
    inner: tuple[Symbol, ...] = ()


def symbols(analysis: Analysis) -> tuple[Symbol, ...]:
    """Headings, blocks with the blocks in them, definitions."""
    return _of(analysis, analysis.items())


def _of(analysis: Analysis, items: tuple[n.Item, ...]) -> tuple[Symbol, ...]:
    found = []
    for item in items:
        match item:
            case n.Block(keyword, label):
                word = label or keyword
                inner = _of(analysis, item.items)
                found.append(Symbol(word.text, keyword.text, keyword.text, item.span, word.span, inner))
            case n.Definition(keyword, name, value):
                written = " ".join(analysis.written(value.span).split())
                found.append(Symbol(name.text, keyword.text, f"{keyword.text} = {written}", item.span, name.span))
            case n.Heading(keyword, text):
                found.append(Symbol(text.value or keyword.text, keyword.text, keyword.text, item.span, text.span))
    return tuple(found)


def folds(analysis: Analysis) -> tuple[tuple[int, int], ...]:
    """First and last line (from 0) of every block, list or call that spans several lines; its last line stays."""
    found: list[tuple[int, int]] = []

    def fold(span: Span) -> None:
        first, last = (
            analysis.source.position(offset)[0] - 1 for offset in (span.start, max(span.start, span.end - 1))
        )
        if last > first + 1:
            found.append((first, last - 1))

    def walk(items: tuple[n.Item, ...]) -> None:
        for item in items:
            fold(item.span)
            if isinstance(item, n.Block):
                walk(item.items)

    walk(analysis.items())
    return tuple(found)
