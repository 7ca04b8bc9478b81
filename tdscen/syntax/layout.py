"""Text that may be broken into lines, and its breaking: after Wadler, "A prettier printer" (2003), plus remarks.

A `Layout` is a text, a sequence of layouts, or one of the classes below. Lines come out as data, so that a caller can
still align what stands on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

INDENT = 2
WIDTH = 100
"""Columns that a list or call may reach before it is broken (comments at the end of a line do not count)."""


@dataclass(frozen=True, slots=True)
class Break:
    """A place to break: `flat` where the fold around it is not broken, else `broken` and a new line."""

    flat: str = ""
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Nest:
    """Lines that begin inside stand one level deeper."""

    inner: Layout


@dataclass(frozen=True, slots=True)
class Fold:
    """Broken at all its own breaks or at none: where it does not fit, or is held `open` by a remark inside."""

    inner: Layout
    open: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment, which ends its line; not `trailing`: on a line of its own, after a blank one if `apart`."""

    text: str
    trailing: bool
    apart: bool = False


Layout = str | tuple["Layout", ...] | Break | Nest | Fold | Remark


@dataclass(slots=True)
class Line:
    """One line of output; without code and comment it is a blank one. `reach`: code is filled up to that width."""

    level: int = 0
    code: str = ""
    comment: str = ""
    reach: int = 0

    def __str__(self) -> str:
        code = f"{self.code:<{self.reach}}  " if self.code and self.comment else self.code
        return f"{' ' * INDENT * self.level}{code}{self.comment}"


@dataclass(frozen=True, slots=True)
class _Task:
    """A layout still to be written, at a level, inside of a fold that is broken or not."""

    level: int
    broken: bool
    layout: Layout


@dataclass(slots=True)
class _Page:
    """The lines written so far; the last one may still be growing."""

    lines: list[Line] = field(default_factory=list)
    growing: bool = False

    def write(self, level: int, text: str) -> None:
        if not self.growing:
            text = text.lstrip(" ")
            if not text:
                return
            self.lines.append(Line(level))
            self.growing = True
        self.lines[-1].code += text

    def remark(self, level: int, remark: Remark) -> None:
        if remark.trailing and self.growing:
            self.lines[-1].comment = remark.text
        else:
            self.lines += [Line()] * remark.apart + [Line(level, comment=remark.text)]
        self.growing = False

    def column(self, level: int) -> int:
        if not self.growing:
            return INDENT * level
        return INDENT * self.lines[-1].level + len(self.lines[-1].code)


def lay_out(layout: Layout, level: int = 0, width: float = WIDTH) -> list[Line]:
    """The lines of a layout that begins `level` levels deep."""
    flat = (_flat(layout, folded=False) or "").lstrip(" ")
    if flat and INDENT * level + len(flat) <= width:  # most are short: nothing has to be looked for
        return [Line(level, flat)]
    page = _Page()
    tasks = [_Task(level, True, layout)]
    while tasks:
        task = tasks.pop()
        match task.layout:
            case str(text):
                page.write(task.level, text)
            case tuple(parts):
                tasks += [_Task(task.level, task.broken, part) for part in reversed(parts)]
            case Nest(inner):
                tasks.append(_Task(task.level + 1, task.broken, inner))
            case Fold(inner, opened):
                broken = task.broken and (opened or not _fits(inner, tasks, width - page.column(task.level)))
                tasks.append(_Task(task.level, broken, inner))
            case Break(flat, broken):
                page.write(task.level, broken if task.broken else flat)
                page.growing = page.growing and not task.broken
            case Remark() as remark:
                page.remark(task.level, remark)
    return page.lines


def _flat(layout: Layout, *, folded: bool) -> str | None:
    """A layout that nothing in it breaks, as text; None where a remark or a break outside of folds (`folded`) does."""
    if isinstance(layout, str):
        return layout
    if isinstance(layout, tuple):
        parts = [_flat(part, folded=folded) for part in layout]
        return None if None in parts else "".join(part for part in parts if part)
    match layout:
        case Nest(inner):
            return _flat(inner, folded=folded)
        case Fold(inner, opened):
            return None if opened else _flat(inner, folded=True)
        case Break(flat):
            return flat if folded else None
    return None


def _fits(inner: Layout, rest: Sequence[_Task], room: float) -> bool:
    """Whether `inner`, unbroken, and what of `rest` must follow it on the same line take at most `room` columns."""
    tasks, later = [_Task(0, False, inner)], len(rest)
    while room >= 0:
        if not tasks:
            if not later:
                return True
            later -= 1
            tasks.append(rest[later])
        task = tasks.pop()
        match task.layout:
            case str(text):
                room -= len(text)
            case tuple(parts):
                tasks += [_Task(0, task.broken, part) for part in reversed(parts)]
            case Nest(part) | Fold(part):
                tasks.append(_Task(0, task.broken, part))
            case Break(flat, broken):
                if task.broken:
                    return room >= len(broken)
                room -= len(flat)
            case Remark():
                return True
    return False
