"""What a block schema is: attributes with types, defaults and help; nested blocks; how often it may stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tdscen.language.types import Type
from tdscen.language.values import Value

Form = Literal["block", "definition", "heading"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute. `default` is the value where it is left out (None: nothing is assumed), `shown` its text.

    A required one may be left out where the attribute `unless` is given. `later` names what the language knows and
    this version does not run.
    """

    name: str
    type: Type
    help: str
    default: Value | None = None
    shown: str = ""
    required: bool = False
    unless: str = ""
    later: bool = False


@dataclass(frozen=True, slots=True)
class BlockSchema:
    """One kind of block, definition (`profile x = ...`) or heading (`scenario "title"`).

    `named` blocks carry a label. `entries` says that attribute names are the writer's (`observe`, `require`,
    `options`, `sweep`, `env`), and of what kind.
    """

    keyword: str
    help: str
    form: Form = "block"
    named: bool = False
    once: bool = False
    required: bool = False
    later: bool = False
    attributes: tuple[Attribute, ...] = ()
    nested: tuple[BlockSchema, ...] = ()
    entries: Literal["", "systems", "measures", "options", "axes", "texts"] = ""

    def attribute(self, name: str) -> Attribute | None:
        """The attribute of that name."""
        return next((a for a in self.attributes if a.name == name), None)

    def inner(self, keyword: str) -> BlockSchema | None:
        """The nested block of that keyword."""
        return next((b for b in self.nested if b.keyword == keyword), None)


@dataclass(frozen=True, slots=True)
class Measure:
    """What a `require` line may bound; `statement` is what holds when the requirement does."""

    name: str
    type: Type
    unit: str
    help: str
    statement: str
