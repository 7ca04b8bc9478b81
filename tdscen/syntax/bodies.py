"""Canonical lines of a file or block: blank lines, groups with their `=` aligned, comments where they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from tdscen.syntax import nodes as n
from tdscen.syntax.layout import Line, lay_out
from tdscen.syntax.printer import Expressions, head, name
from tdscen.syntax.remarks import Remarks


@dataclass(frozen=True, slots=True)
class Entry:
    """An item with the comment behind it, or a comment on a line of its own; `apart`: after a blank line."""

    item: n.Item | None
    comment: str = ""
    apart: bool = False

    @property
    def is_block(self) -> bool:
        """Whether blank lines must stand around it."""
        return isinstance(self.item, n.Block)

    @property
    def kind(self) -> str:
        """Neighbours of one kind make a group; a comment belongs to any."""
        match self.item:
            case None:
                return "comment"
            case n.Attribute() | n.Bound():
                return "attribute"
            case n.Definition(keyword):
                return f"definition of a {keyword.text}"
        return "alone"


@dataclass(frozen=True, slots=True)
class Bodies:
    """Lays out the items of a file and of its blocks, with the comments around them."""

    remarks: Remarks

    def lines(self, items: Sequence[n.Item], start: int, end: int, level: int = 0) -> Iterator[Line]:
        """The lines of `items`, which with their comments stand between the offsets `start` and `end`."""
        for group in grouped(spaced(self._entries(items, start, end))):
            if group[0].apart:
                yield Line()
            yield from self._group(group, level)

    def _entries(self, items: Sequence[n.Item], start: int, end: int) -> Iterator[Entry]:
        """Items and comments in the order of the text."""
        place = start
        for i, item in enumerate(items):
            for remark in self.remarks.between(place, item.span.start):
                yield Entry(None, remark.text, remark.apart)
            comments = self.remarks.found(place, item.span.start)
            place = comments[-1].span.end if comments else place
            apart = self.remarks.parted(place, item.span.start)
            limit = items[i + 1].span.start if i + 1 < len(items) else end
            comment, place = self._behind(item.span.end, limit)
            yield Entry(item, comment, apart)
        for remark in self.remarks.between(place, end):
            yield Entry(None, remark.text, remark.apart)

    def _behind(self, start: int, limit: int) -> tuple[str, int]:
        """The comment (or none) that follows on the line of the offset `start`, and where what comes next begins."""
        comments = self.remarks.found(start, limit)
        if comments and self.remarks.same_line(start, comments[0].span.start):
            return comments[0].text, comments[0].span.end
        return "", start

    def _group(self, group: Sequence[Entry], level: int) -> Iterator[Line]:
        width = max((len(name(e.item)) for e in group if e.item and not e.is_block), default=0)
        lines: list[Line] = []
        for entry in group:
            if isinstance(entry.item, n.Block):
                yield from lines  # comments only: a block is alone in its group
                yield from self._block(entry.item, entry.comment, level)
                lines = []
            elif entry.item is None:
                lines.append(Line(level, comment=entry.comment))
            else:
                lines += self._valued(entry.item, width, level)
                lines[-1].comment = entry.comment
        yield from aligned(lines)

    def _valued(self, item: n.Attribute | n.Bound | n.Definition | n.Heading, width: int, level: int) -> list[Line]:
        value = item.text if isinstance(item, n.Heading) else item.value
        written = Expressions(self.remarks).layout(value)
        if isinstance(written, str):  # most values: nothing in them can break
            return [Line(level, f"{head(item, width)} {written}")]
        return lay_out((f"{head(item, width)} ", written), level)

    def _block(self, block: n.Block, comment: str, level: int) -> Iterator[Line]:
        closing = block.span.end - 1
        limit = block.items[0].span.start if block.items else closing
        header_comment, start = self._behind(block.header.end, limit)
        inner = list(self.lines(block.items, start, closing, level + 1))
        if not inner and not header_comment:
            yield Line(level, f"{head(block)} {{ }}", comment)
            return
        yield Line(level, f"{head(block)} {{", header_comment)
        yield from inner
        yield Line(level, "}", comment)


def spaced(entries: Iterable[Entry]) -> list[Entry]:
    """The entries with blank lines settled: none at the start, one around a block with the comments leading to it."""
    result: list[Entry] = []
    following: Entry | None = None
    to_block = False  # whether `following` is a block, or one of the comments that lead to it
    for entry in reversed(list(entries)):
        if following is not None:
            begins = to_block and entry.item is not None
            result.append(replace(following, apart=following.apart or begins or entry.is_block))
            to_block = to_block and entry.item is None and not following.apart
        to_block = to_block or entry.is_block
        following = entry
    if following is not None:
        result.append(replace(following, apart=False))
    return result[::-1]


def grouped(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Runs of entries of one kind, comments among them, without a blank line between."""
    group: list[Entry] = []
    kind = "comment"
    for entry in entries:
        joins = "comment" in (entry.kind, kind) or entry.kind == kind != "alone"
        if group and (entry.apart or not joins):
            yield group
            group, kind = [], "comment"
        group.append(entry)
        kind = kind if entry.kind == "comment" else entry.kind
    if group:
        yield group


def aligned(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines with the comments of neighbours at one column."""
    for (commented, _), run in groupby(lines, key=lambda line: (_has_place(line), line.level)):
        if commented:
            neighbours = list(run)
            reach = max(len(line.code) for line in neighbours)
            for line in neighbours:
                line.reach = reach
    return lines


def _has_place(line: Line) -> bool:
    """Whether a line has a comment to align; one behind the end of a broken value stays close to its bracket."""
    return line.comment != "" and line.code != "" and line.code[0] not in ")]"
