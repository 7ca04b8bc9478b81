"""The comments of a file, found by place: those between two things of the tree, as remarks of the layout."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tdscen.source import Span
from tdscen.syntax.layout import Remark
from tdscen.syntax.nodes import Comment

_BLANK_LINE = re.compile(r"\n[ \t\f]*\n")


@dataclass(frozen=True)
class Remarks:
    """The comments of `text`, in order."""

    text: str = field(default="", repr=False)
    comments: Sequence[Comment] = ()

    @cached_property
    def _starts(self) -> list[int]:
        return [comment.span.start for comment in self.comments]

    def found(self, start: int, end: int) -> Sequence[Comment]:
        """The comments that begin between two offsets, `end` not included."""
        if not self.comments:
            return ()
        return self.comments[bisect.bisect_left(self._starts, start) : bisect.bisect_left(self._starts, end)]

    def inside(self, span: Span) -> bool:
        """Whether there is a comment inside of a span."""
        return bool(self.found(span.start, span.end))

    def between(self, start: int, end: int, *, after_bracket: bool = False) -> tuple[Remark, ...]:
        """The comments between two offsets; directly `after_bracket` no blank line is kept."""
        remarks: list[Remark] = []
        for comment in self.found(start, end):
            line_start = self.text.rfind("\n", 0, comment.span.start) + 1
            trailing = self.text[line_start : comment.span.start].strip() != ""
            apart = self.parted(start, comment.span.start) and not (after_bracket and not remarks)
            remarks.append(Remark(comment.text, trailing, apart))
            start = comment.span.end
        return tuple(remarks)

    def same_line(self, start: int, end: int) -> bool:
        """Whether two offsets are on one line."""
        return self.text.find("\n", start, end) < 0

    def parted(self, start: int, end: int) -> bool:
        """Whether a blank line lies between two offsets."""
        return _BLANK_LINE.search(self.text, start, end) is not None
