"""Places as editors count them: lines from 0, columns in UTF-16 code units, or in the units that were agreed."""

from __future__ import annotations

from typing import Literal, NamedTuple

from tdscen.source import Source, Span

Encoding = Literal["utf-8", "utf-16", "utf-32"]


class Place(NamedTuple):
    """A line and a column, both counted from 0."""

    line: int
    column: int


def width(text: str, encoding: Encoding = "utf-16") -> int:
    """How many units a text takes."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    return (
        len(text.encode("utf-8", "surrogatepass"))
        if encoding == "utf-8"
        else len(text) + sum(c > "\uffff" for c in text)
    )


def place(source: Source, offset: int, encoding: Encoding = "utf-16") -> Place:
    """Where a character offset of a source is; an offset outside of the text is its nearest end."""
    offset = min(max(0, offset), len(source.text))
    line, column = source.position(offset)
    return Place(line - 1, width(source.text[offset - column + 1 : offset], encoding))


def offset(source: Source, line: int, column: int, encoding: Encoding = "utf-16") -> int:
    """The character offset of a place; a column beyond its line is the line's end, one within a character its begin."""
    if line >= len(source.line_starts):
        return len(source.text)
    start, text = source.line_starts[line], source.line(line + 1)
    if text.isascii() or encoding == "utf-32":
        return start + min(max(0, column), len(text))
    used = 0
    for i, character in enumerate(text):
        used += width(character, encoding)
        if used > column:
            return start + i
    return start + len(text)


def ends(source: Source, span: Span, encoding: Encoding = "utf-16") -> tuple[Place, Place]:
    """First place of a span, and the one behind its last."""
    return place(source, span.start, encoding), place(source, span.end, encoding)
