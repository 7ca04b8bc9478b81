"""Walking over a tree."""

from __future__ import annotations

from collections.abc import Iterator

from tdscen.syntax import nodes as n


def expressions(items: tuple[n.Item, ...]) -> Iterator[n.Expression]:
    """The value of every attribute, bound and definition, nested blocks included."""
    for item in items:
        if isinstance(item, n.Block):
            yield from expressions(item.items)
        elif not isinstance(item, n.Heading):
            yield item.value


def names(expression: n.Expression) -> Iterator[str]:
    """Every name that an expression begins a reference with."""
    match expression:
        case n.Reference(head, steps):
            yield head.text
            for step in steps:
                if isinstance(step, n.Index) and step.key is not None:
                    yield from names(step.key)
        case _:
            for inner in parts(expression):
                yield from names(inner)


def parts(expression: n.Expression) -> tuple[n.Expression, ...]:
    """The expressions that an expression is made of."""
    match expression:
        case n.ListOf(items):
            return items
        case n.Call(_, arguments):
            return tuple(argument.value for argument in arguments)
        case n.Range(low, high):
            return (low, high)
        case n.Binary(_, left, right):
            return (left, right)
        case n.Negative(inner) | n.Group(inner):
            return (inner,)
    return ()
