"""A scenario after the front end: every block with its values read, every name known, nothing looked up in models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from tdscen.language.reader import Declared
from tdscen.language.schema import BlockSchema
from tdscen.language.values import Chosen, Flag, Items, ProfileValue, Quantity, TextValue, Value
from tdscen.source import Span
from tdscen.syntax import nodes as n


@dataclass(frozen=True, slots=True)
class Entry:
    """An attribute as written: its value, the expression it came from, where its name and value stand."""

    name: str
    value: Value
    name_span: Span
    span: Span
    expression: n.Expression


@dataclass(frozen=True, eq=False)
class CheckedBlock:
    """A block whose attributes were read. What could not be read is missing from `entries` and is in `broken`."""

    schema: BlockSchema
    label: str
    label_span: Span
    header: Span
    entries: Mapping[str, Entry]
    nested: tuple[CheckedBlock, ...] = ()
    broken: frozenset[str] = frozenset()

    def value(self, name: str) -> Value | None:
        """The attribute's value, its default where it was left out, None where it could not be read."""
        entry = self.entries.get(name)
        if entry is not None:
            return entry.value
        attribute = self.schema.attribute(name)
        return attribute.default if attribute and name not in self.broken else None

    def span(self, name: str) -> Span:
        """Where the attribute's value stands; the block's header where it was left out."""
        entry = self.entries.get(name)
        return entry.span if entry is not None else self.header

    def number(self, name: str) -> float | None:
        """The number of a quantity, in its internal unit."""
        value = self.value(name)
        return value.value if isinstance(value, Quantity) else None

    def text(self, name: str) -> str | None:
        """The text of a text."""
        value = self.value(name)
        return value.text if isinstance(value, TextValue) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of a list of texts."""
        value = self.value(name)
        items = value.values if isinstance(value, Items) else ()
        return tuple(item.text for item in items if isinstance(item, TextValue))

    def choice(self, name: str) -> str | None:
        """The name of a choice."""
        value = self.value(name)
        return value.name if isinstance(value, Chosen) else None

    def flag(self, name: str) -> bool | None:
        """The value of a flag."""
        value = self.value(name)
        return value.on if isinstance(value, Flag) else None

    @property
    def file_attribute(self) -> str:
        """The attribute of a system that names its model's file."""
        return "case" if self.schema.keyword == "transmission" else "model"

    def inner(self, keyword: str) -> CheckedBlock | None:
        """The first nested block of that keyword."""
        return next((b for b in self.nested if b.schema.keyword == keyword), None)


@dataclass(frozen=True, eq=False)
class Study:
    """All blocks of a scenario in the order of the file, and its names.

    `used` are the names that expressions refer to; a study is `sound` when reading it met no error.
    """

    title: str
    blocks: tuple[CheckedBlock, ...]
    scope: Mapping[str, Declared] = field(default_factory=lambda: MappingProxyType({}))
    profiles: Mapping[str, ProfileValue] = field(default_factory=lambda: MappingProxyType({}))
    parameters: tuple[tuple[str, str], ...] = ()
    whole: Span = Span(0, 0)
    used: frozenset[str] = frozenset()
    sound: bool = True

    def all(self, keyword: str) -> tuple[CheckedBlock, ...]:
        """The blocks of a kind."""
        return tuple(b for b in self.blocks if b.schema.keyword == keyword)

    def first(self, keyword: str) -> CheckedBlock | None:
        """The first block of a kind."""
        return next(iter(self.all(keyword)), None)

    def systems(self) -> Iterator[CheckedBlock]:
        """Every transmission and distribution block."""
        return (b for b in self.blocks if b.schema.keyword in ("transmission", "distribution"))

    def labelled(self, label: str) -> CheckedBlock | None:
        """The block of that name."""
        return next((b for b in self.blocks if b.label == label), None)
