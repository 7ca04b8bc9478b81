"""Text, where it came from, and places in it."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a source's text: character offsets, `end` not included; `file` is the source's index."""

    start: int
    end: int
    file: int = 0

    def to(self, other: Span) -> Span:
        """The stretch from the start of this one to the end of `other`, in the same file."""
        return Span(self.start, other.end, self.file)

    @property
    def order(self) -> tuple[int, int, int]:
        """Sort key: first to last, file by file."""
        return self.file, self.start, self.end


@dataclass(frozen=True)
class Source:
    """A scenario's text under the name it is reported by.

    A byte order mark and the final newline are settled when it is made, so that offsets mean the same to everybody.
    `index` tells the sources of one study apart (0: the scenario itself; others: its includes, the command line).
    """

    name: str
    text: str
    index: int = 0

    @classmethod
    def from_text(cls, name: str, text: str, index: int = 0) -> Source:
        """Line ends as `\\n`, exactly one final newline, no byte order mark."""
        text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        return cls(name, text if text.endswith("\n") else text + "\n", index)

    @property
    def stem(self) -> str:
        """File name without folder and suffix: what the generated folder is called."""
        return PurePosixPath(self.name).stem

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Offset of the first character of every line."""
        return (0, *(i + 1 for i, character in enumerate(self.text) if character == "\n"))

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1."""
        line = bisect.bisect_right(self.line_starts, offset) - 1
        return line + 1, offset - self.line_starts[line] + 1

    def line(self, number: int) -> str:
        """The text of a line (counted from 1) without its newline; empty beyond the last."""
        if not 1 <= number <= len(self.line_starts):
            return ""
        start = self.line_starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)]

    def clamp(self, span: Span) -> Span:
        """The span moved inside the text, at least one character wide where there is one."""
        last = max(0, len(self.text) - 1)
        start = min(max(0, span.start), last)
        return Span(start, min(max(start + 1, span.end), len(self.text)), self.index)
