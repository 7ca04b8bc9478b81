"""The words of the language as the grammar and the schema have them: what highlighting is made from.

There is no other list of keywords: a block, choice, unit or constructor that the schema gains is highlighted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from tdscen import units
from tdscen.language.blocks import BLOCKS, MEASURES
from tdscen.language.profile_functions import FUNCTIONS
from tdscen.language.schema import BlockSchema, Form
from tdscen.language.signature import Parameter
from tdscen.language.types import Choice, ChoiceType, ListType, Type
from tdscen.resources import read_grammar
from tdscen.simulators import BUILT_IN

TRUTHS = ("true", "false")
"""Values of a `FlagType`."""


def terminal(name: str) -> str:
    """The regular expression of a terminal of the grammar, without groups that capture. Raises `KeyError`."""
    found = re.search(rf"^{re.escape(name)}: /(.+)/$", read_grammar(), re.MULTILINE)
    if found is None:
        raise KeyError(name)
    return re.sub(r"(?<!\\)\((?!\?)", "(?:", found[1])


def unclosed() -> str:
    """A regular expression for what ends a bracket that nobody closed: a brace, or the line that begins a block."""
    name, space = terminal("NAME"), terminal("SPACE")
    return rf"(?=[{{}}]|^(?:{space})?{name}(?:{space}{name})?(?:{space})?\{{)"


def keywords(form: Form) -> tuple[str, ...]:
    """The words that begin blocks (nested ones too), definitions or headings."""
    return tuple(dict.fromkeys(block.keyword for block in all_blocks(BLOCKS) if block.form == form))


def all_blocks(blocks: Iterable[BlockSchema]) -> Iterator[BlockSchema]:
    """Blocks with those that stand in them."""
    for block in blocks:
        yield block
        yield from all_blocks(block.nested)


def attributes() -> tuple[str, ...]:
    """Names of attributes of any block, and the measures that `require` bounds."""
    names = (attribute.name for block in all_blocks(BLOCKS) for attribute in block.attributes)
    return tuple(sorted({*names, *MEASURES}))


def words() -> tuple[str, ...]:
    """Words that stand for a value: choices of an attribute or argument, our simulators, true and false."""
    return tuple(sorted({*(choice.name for choice in _choices()), *(s.name for s in BUILT_IN), *TRUTHS}))


def functions() -> tuple[str, ...]:
    """What is called with arguments: constructors of profiles, choices that take arguments."""
    return tuple(sorted({*FUNCTIONS, *(choice.name for choice in _choices() if choice.parameters)}))


def any_of(names: Iterable[str]) -> str:
    """A regular expression for one of these words, the longest first."""
    return "(?:" + "|".join(re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name))) + ")"


def unit() -> str:
    """A regular expression for the units that are words, in any spelling that `units.find` takes (`%` is none)."""
    letters = sorted((symbol for symbol in units.UNITS if symbol != "%"), key=lambda symbol: (-len(symbol), symbol))
    return "(?:" + "|".join(_spellings(symbol) for symbol in letters) + ")"


def _spellings(symbol: str) -> str:
    """Letter case is free, but m is never read for M."""
    first, rest = symbol[0], symbol[1:]
    if first in "mM":
        return first + (f"(?i:{rest})" if rest else "")
    return f"(?i:{symbol})"


@cache
def _choices() -> tuple[Choice, ...]:
    attributes = (attribute.type for block in all_blocks(BLOCKS) for attribute in block.attributes)
    measures = (measure.type for measure in MEASURES.values())
    constructors = (parameter.type for function in FUNCTIONS.values() for parameter in function.parameters)
    return tuple(choice for type in (*attributes, *measures, *constructors) for choice in _choices_of(type))


def _choices_of(type: Type | None) -> Iterator[Choice]:
    if isinstance(type, ChoiceType):
        for choice in type.choices:
            yield choice
            yield from _of_parameters(choice.parameters)
        yield from _choices_of(type.otherwise)
    elif isinstance(type, ListType):
        yield from _choices_of(type.item)


def _of_parameters(parameters: Iterable[Parameter]) -> Iterator[Choice]:
    for parameter in parameters:
        yield from _choices_of(parameter.type)
