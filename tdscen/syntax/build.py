"""Lark's tree to our nodes."""

from __future__ import annotations

from typing import Any, cast

from lark import Token, Tree

from tdscen.source import Span
from tdscen.syntax import nodes as n

_VALUED = ("attribute", "bound", "definition")

DEEPEST = 100
"""Levels of blocks, brackets and operators: enough for people, and few enough for all that walks over a tree."""


class TooDeepError(Exception):
    """An item, at `place`, is nested more than `DEEPEST` levels deep; `word` is where it begins."""

    def __init__(self, word: Span, place: Span) -> None:
        super().__init__(word, place)
        self.word, self.place = word, place


def build(tree: Tree[Token], file: int, shift: int = 0) -> tuple[n.Item, ...]:
    """The items of a parsed text; `file` is the source's index, `shift` where in it the text begins.

    Raises `TooDeepError` where an item is nested too deeply.
    """
    builder = _Builder(file, shift)
    return tuple(builder.node(child) for child in tree.children)


class _Builder:
    """One method a rule of the grammar, under the rule's name."""

    def __init__(self, file: int, shift: int) -> None:
        self.file = file
        self.shift = shift
        self.depth = 0
        self.item: Any = None

    def node(self, tree: Any) -> Any:
        outer = self.item
        if outer is None or tree.data in _VALUED:
            self.item = tree  # what to blame: an attribute, or a whole block of the file
        self.depth += 1
        if self.depth > DEEPEST:
            raise TooDeepError(self.span(self.item.children[0]), self.span(self.item))
        made = getattr(self, tree.data)(tree, *tree.children)
        self.depth -= 1
        self.item = outer
        return made

    def span(self, thing: Any) -> Span:
        """Where a token or a tree stands. (No rule but `start` can be empty, so every tree has a place.)"""
        place = thing if isinstance(thing, Token) else thing.meta
        start, end = cast("int", place.start_pos), cast("int", place.end_pos)
        return Span(start + self.shift, end + self.shift, self.file)

    def word(self, token: Token | None) -> n.Word:
        return n.Word(str(token), self.span(token))

    def optional_word(self, token: Token | None) -> n.Word | None:
        return None if token is None else self.word(token)

    def block(self, tree: Any, keyword: Token, label: Token | None, *items: Any) -> n.Block:
        header = self.span(keyword).to(self.span(keyword if label is None else label))
        inner = tuple(self.node(item) for item in items)
        return n.Block(self.word(keyword), self.optional_word(label), inner, header, self.span(tree))

    def attribute(self, tree: Any, name: Token, value: Any) -> n.Attribute:
        return n.Attribute(self.word(name), self.node(value), self.span(tree))

    def bound(self, tree: Any, name: Token, comparison: Token, value: Any) -> n.Bound:
        return n.Bound(self.word(name), cast(n.Comparison, str(comparison)), self.node(value), self.span(tree))

    def definition(self, tree: Any, keyword: Token, name: Token, value: Any) -> n.Definition:
        return n.Definition(self.word(keyword), self.word(name), self.node(value), self.span(tree))

    def heading(self, tree: Any, keyword: Token, text: Token) -> n.Heading:
        return n.Heading(self.word(keyword), n.Text(str(text)[1:-1], self.span(text)), self.span(tree))

    def range(self, tree: Any, low: Any, high: Any) -> n.Range:
        return n.Range(self.node(low), self.node(high), self.span(tree))

    def binary(self, tree: Any, left: Any, operator: Token, right: Any) -> n.Binary:
        return n.Binary(str(operator), self.node(left), self.node(right), self.span(tree))

    def negative(self, tree: Any, _minus: Token, operand: Any) -> n.Negative:
        return n.Negative(self.node(operand), self.span(tree))

    def number(self, tree: Any, number: Token, unit: Token | None) -> n.Number:
        return n.Number(float(number), self.optional_word(unit), str(number), self.span(tree))

    def text(self, tree: Any, text: Token) -> n.Text:
        return n.Text(str(text)[1:-1], self.span(tree))

    def list(self, tree: Any, *items: Any) -> n.ListOf:
        return n.ListOf(tuple(self.node(item) for item in items), self.span(tree))

    def call(self, tree: Any, function: Token, *arguments: Any) -> n.Call:
        return n.Call(self.word(function), tuple(self.node(a) for a in arguments), self.span(tree))

    def argument(self, tree: Any, name: Token | None, value: Any) -> n.Argument:
        return n.Argument(self.optional_word(name), self.node(value), self.span(tree))

    def reference(self, tree: Any, head: Token, *steps: Any) -> n.Reference:
        return n.Reference(self.word(head), tuple(self.node(step) for step in steps), self.span(tree))

    def member(self, tree: Any, name: Token) -> n.Member:
        return n.Member(self.word(name), self.span(tree))

    def index(self, tree: Any, key: Any) -> n.Index:
        return n.Index(None if key.data == "all_devices" else self.node(key), self.span(tree))

    def group(self, tree: Any, inner: Any) -> n.Group:
        return n.Group(self.node(inner), self.span(tree))
