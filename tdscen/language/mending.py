"""Mends of attributes: another value, a line more, a line less. What they write is sound where the message says so."""

from __future__ import annotations

from tdscen.diagnostics import Fix
from tdscen.language.study import CheckedBlock, Entry
from tdscen.mends import instead
from tdscen.source import Span
from tdscen.syntax import nodes as n


def take_out(entry: Entry) -> tuple[Fix, ...]:
    """The attribute goes, with its name; its line where nothing else stands on it."""
    return (Fix(f"Take {entry.name} out", entry.name_span.to(entry.span), ""),)


def set_to(block: CheckedBlock, name: str, value: str, beside: str) -> tuple[Fix, ...]:
    """The attribute gets a value; one that was left out is written in front of `beside`."""
    entry, neighbour = block.entries.get(name), block.entries.get(beside)
    if entry is not None:
        return instead(entry.span, value)
    if neighbour is None:
        return ()
    start = neighbour.name_span.start
    return (Fix(f"Add {name} = {value}", Span(start, start, neighbour.name_span.file), f"{name} = {value}\n  "),)


def argument(entry: Entry | None, name: str, value: str) -> tuple[Fix, ...]:
    """The argument of an attribute's call gets a value; nothing where it was not written by name."""
    call = entry.expression if entry is not None else None
    given = call.arguments if isinstance(call, n.Call) else ()
    found = next((each for each in given if each.name is not None and each.name.text == name), None)
    return instead(found.value.span, value) if found is not None else ()


def equals(bound: n.Bound) -> tuple[Fix, ...]:
    """`name = value` in the place of `name < value`."""
    between = Span(bound.name.span.end, bound.value.span.start, bound.span.file)
    return (Fix("Write =", between, " = "),)


def seconds(time_s: float) -> str:
    """A time as it is written, exact to twelve digits."""
    return f"{time_s:.12g} s"
