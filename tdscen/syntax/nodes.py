"""The tree of a scenario file, as written: nothing resolved, nothing defaulted, every node with its place.

Spans and the written form of numbers do not take part in comparisons: two files that say the same are equal trees.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tdscen.source import Span


def _unseen() -> Span:
    return field(default=Span(0, 0), compare=False, repr=False)


Comparison = Literal["<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Word:
    """A name, as in `ieee14` or `step`."""

    text: str
    span: Span = _unseen()


@dataclass(frozen=True, slots=True)
class Number:
    """`2.5 %`: the value as written, and the unit's word (None: a plain number)."""

    value: float
    unit: Word | None = None
    written: str = field(default="", compare=False, repr=False)
    span: Span = _unseen()


@dataclass(frozen=True, slots=True)
class Text:
    """`"feeders/ieee34.dss"`, without its quotes. A text has no escapes: a backslash is a backslash."""

    value: str
    span: Span = _unseen()


@dataclass(frozen=True, slots=True)
class ListOf:
    """`[a, b]`."""

    items: tuple[Expression, ...]
    span: Span = _unseen()


@dataclass(frozen=True, slots=True)
class Range:
    """`low .. high`."""

    low: Expression
    high: Expression
    span: Span = _unseen()


@dataclass(frozen=True, slots=True)
class Member:
    """`.bus` in a reference."""

    name: Word
    span: Span = _unseen()


@dataclass(frozen=True, slots=True)
class Index:
    """`[4]` in a reference, or `[*]` (key None)."""

    key: Expression | None
    span: Span = _unseen()


@dataclass(frozen=True, slots=True)
class Reference:
    """A name alone (`wobble`, `true`), or a path from it (`ieee14.bus[4]`)."""

    head: Word
    steps: tuple[Member | Index, ...] = ()
    span: Span = _unseen()


@dataclass(frozen=True, slots=True)
class Argument:
    """`seed = 981` or `24` in a call."""

    name: Word | None
    value: Expression
    span: Span = _unseen()


@dataclass(frozen=True, slots=True)
class Call:
    """`normal(mean = 1, std = 2.5 %)`."""

    function: Word
    arguments: tuple[Argument, ...]
    span: Span = _unseen()


@dataclass(frozen=True, slots=True)
class Binary:
    """Two expressions under `+`, `-`, `*` or `/`."""

    operator: str
    left: Expression
    right: Expression
    span: Span = _unseen()


@dataclass(frozen=True, slots=True)
class Negative:
    """`-x`."""

    operand: Expression
    span: Span = _unseen()


@dataclass(frozen=True, slots=True)
class Group:
    """`( x )`: kept, because the writer put it there."""

    inner: Expression
    span: Span = _unseen()


Expression = Number | Text | ListOf | Range | Reference | Call | Binary | Negative | Group


@dataclass(frozen=True, slots=True)
class Attribute:
    """`step = 1 s`."""

    name: Word
    value: Expression
    span: Span = _unseen()


@dataclass(frozen=True, slots=True)
class Bound:
    """`balance < 1 kW`."""

    name: Word
    comparison: Comparison
    value: Expression
    span: Span = _unseen()


@dataclass(frozen=True, slots=True)
class Definition:
    """`profile wobble = normal(...)`."""

    keyword: Word
    name: Word
    value: Expression
    span: Span = _unseen()


@dataclass(frozen=True, slots=True)
class Heading:
    """`scenario "title"`."""

    keyword: Word
    text: Text
    span: Span = _unseen()


@dataclass(frozen=True, slots=True)
class Block:
    """`interface bus4 { ... }`; `header` covers the keyword and the label."""

    keyword: Word
    label: Word | None
    items: tuple[Item, ...]
    header: Span = _unseen()
    span: Span = _unseen()


Item = Attribute | Bound | Definition | Heading | Block


@dataclass(frozen=True, slots=True)
class Comment:
    """`# ...` to the end of its line; kept beside the tree for the formatter."""

    text: str
    span: Span = _unseen()


@dataclass(frozen=True, slots=True)
class Document:
    """A whole file.

    A tree that was `recovered` after a syntax error may be checked further and is never lowered; `lost` are the
    names declared in the lines that could not be read.
    """

    items: tuple[Item, ...]
    comments: tuple[Comment, ...] = field(default=(), compare=False)
    recovered: bool = field(default=False, compare=False)
    lost: frozenset[str] = field(default=frozenset(), compare=False)
