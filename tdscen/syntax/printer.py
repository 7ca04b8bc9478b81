"""Tree to text.

`print_expression` and `print_items` write a tree that need not come from a file: what they print parses to an equal
tree. An operand that binds too loosely for its place gets parentheses, so that the meaning stays; the parsed tree then
holds a `Group` there. What cannot be written at all (a text with a quote, a number that is not finite) is refused with
`ValueError`.

The formatter prints with `Expressions`, which keeps the comments inside of an expression where they stand.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tdscen.source import Span
from tdscen.syntax import nodes as n
from tdscen.syntax.layout import INDENT, Break, Fold, Layout, Nest, lay_out
from tdscen.syntax.remarks import Remarks

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RANGE, _SUM, _PRODUCT, _SIGNED, _ATOM = range(5)
"""How tightly an expression binds; the rules of the grammar in their order."""


def print_expression(expression: n.Expression) -> str:
    """One line of text that parses to `expression`."""
    (line,) = lay_out(Expressions().layout(expression), width=math.inf)
    return line.code


def print_items(items: Sequence[n.Item], level: int = 0) -> str:
    """Lines that parse to `items`; see `formatter.py` for the canonical layout of a file."""
    return "".join(_item(item, level) for item in items)


def _item(item: n.Item, level: int) -> str:
    margin = " " * INDENT * level
    if not isinstance(item, n.Block):
        value = item.text if isinstance(item, n.Heading) else item.value
        return f"{margin}{head(item)} {print_expression(value)}\n"
    if not item.items:
        return f"{margin}{head(item)} {{ }}\n"
    return f"{margin}{head(item)} {{\n{print_items(item.items, level + 1)}{margin}}}\n"


def head(item: n.Item, width: int = 0) -> str:
    """What stands before an item's value, text or brace; the name filled up to `width`."""
    match item:
        case n.Attribute():
            return f"{name(item):<{width}} ="
        case n.Bound(_, comparison):
            return f"{name(item):<{width}} {comparison}"
        case n.Definition():
            return f"{name(item):<{width}} ="
    return name(item)


def name(item: n.Item) -> str:
    """The words that an item begins with."""
    match item:
        case n.Attribute(word) | n.Bound(word) | n.Heading(word) | n.Block(word, None):
            return _word(word)
        case n.Definition(keyword, word) | n.Block(keyword, word):
            assert word is not None
            return f"{_word(keyword)} {_word(word)}"


def _word(word: n.Word) -> str:
    if not _NAME.fullmatch(word.text):
        raise ValueError(f"{word.text!r} is not a name: letters, digits and _ only, not a digit first")
    return word.text


def _text(text: n.Text) -> str:
    if '"' in text.value or "\n" in text.value or "\r" in text.value:
        raise ValueError(f"{text.value!r} cannot be written: a text holds no quote and no line end")
    return f'"{text.value}"'


def _digits(number: n.Number) -> str:
    """The number as it was written, or the shortest digits that read back as its value."""
    if number.written and float(number.written) == number.value:
        return number.written
    if not math.isfinite(number.value) or math.copysign(1, number.value) < 0:
        raise ValueError(f"{number.value} cannot be written as a number: a sign is a `Negative` around it")
    return repr(number.value).removesuffix(".0")


def _binding(expression: n.Expression) -> int:
    match expression:
        case n.Range():
            return _RANGE
        case n.Binary(operator):
            return _SUM if operator in "+-" else _PRODUCT
        case n.Negative():
            return _SIGNED
    return _ATOM


@dataclass(frozen=True, slots=True)
class Expressions:
    """Layouts of expressions, the comments inside of them kept.

    A new line is possible only inside of brackets: outside of them it would end the item, so nothing breaks there.
    """

    remarks: Remarks = field(default_factory=Remarks)

    def layout(self, expression: n.Expression, binding: int = _RANGE, *, inside: bool = False) -> Layout:
        """The layout of an expression where one that binds at least as tightly as `binding` may stand."""
        if _binding(expression) < binding:
            return ("(", self.layout(expression, inside=True), ")")
        match expression:
            case n.Number(_, unit):
                return self._number(expression, unit)
            case n.Text():
                return _text(expression)
            case n.ListOf(items):
                rows = [(item.span, self.layout(item, inside=True)) for item in items]
                return self._rows("[", rows, "]", expression.span)
            case n.Call(function, arguments):
                rows = [(argument.span, self._argument(argument)) for argument in arguments]
                return self._rows(f"{_word(function)}(", rows, ")", expression.span)
            case n.Group():
                return self._group(expression)
            case n.Reference():
                return self._reference(expression)
            case n.Negative(operand):
                gap = self.remarks.between(expression.span.start, operand.span.start)
                return ("-", *gap, self.layout(operand, _SIGNED, inside=inside))
            case n.Range(low, high):
                return self._pair(expression, low, "..", high, (_SUM, _SUM), inside)
            case n.Binary(operator, left, right):
                least = _binding(expression)
                return self._pair(expression, left, operator, right, (least, least + 1), inside)

    def _gap(self, start: int, end: int, otherwise: Layout) -> tuple[Layout, ...]:
        """The comments between two offsets, or what stands there when there are none."""
        return self.remarks.between(start, end) or (otherwise,)

    def _number(self, number: n.Number, unit: n.Word | None) -> Layout:
        if unit is None:
            return _digits(number)
        symbol = "%" if unit.text == "%" else _word(unit)
        return (_digits(number), *self._gap(number.span.start, unit.span.start, " "), symbol)

    def _argument(self, argument: n.Argument) -> Layout:
        value = self.layout(argument.value, inside=True)
        if argument.name is None:
            return value
        gap = self.remarks.between(argument.name.span.end, argument.value.span.start)
        return (f"{_word(argument.name)} =", Nest((*gap, value)) if gap else (" ", value))

    def _pair(
        self,
        whole: n.Binary | n.Range,
        left: n.Expression,
        sign: str,
        right: n.Expression,
        bindings: tuple[int, int],
        inside: bool,
    ) -> Layout:
        gap = self._gap(left.span.end, right.span.start, Break(" ") if inside else " ")
        rest = (*gap, self.layout(right, bindings[1], inside=inside))
        start = (self.layout(left, bindings[0], inside=inside), f" {sign}")
        if not inside:
            return (start, rest)
        return Fold((start, Nest(rest)), self.remarks.inside(whole.span))

    def _rows(self, opening: str, rows: Sequence[tuple[Span, Layout]], closing: str, whole: Span) -> Layout:
        """A list, or the arguments of a call: all on one line, or one a line with a comma after the last."""
        parts: list[Layout] = []
        place = whole.start
        for span, row in rows:
            gap = self.remarks.between(place, span.start, after_bracket=not parts)
            parts += [",", *gap, Break(" "), row] if parts else [*gap, Break(), row]
            place = span.end
        gap = self.remarks.between(place, whole.end, after_bracket=not parts)
        if gap:
            parts += [",", *gap] if parts else gap
        end_of_rows = Break(broken="," if rows and not gap else "")
        return Fold((opening, Nest(tuple(parts)), end_of_rows, closing), self.remarks.inside(whole))

    def _group(self, group: n.Group) -> Layout:
        start, end, inner = group.span.start, group.span.end, group.inner
        before = self.remarks.between(start, inner.span.start, after_bracket=True)
        after = self.remarks.between(inner.span.end, end)
        parts = Nest((*before, Break(), self.layout(inner, inside=True), *after))
        return Fold(("(", parts, Break(), ")"), self.remarks.inside(group.span))

    def _reference(self, reference: n.Reference) -> Layout:
        parts: list[Layout] = [_word(reference.head)]
        place = reference.head.span.end
        for step in reference.steps:
            match step:
                case n.Member(word):
                    parts += [*self.remarks.between(place, word.span.start), f".{_word(word)}"]
                case n.Index(None):
                    parts += ["[", Nest((*self.remarks.between(place, step.span.end), "*")), "]"]
                case n.Index(key):
                    assert key is not None
                    before = self.remarks.between(place, key.span.start, after_bracket=True)
                    after = self.remarks.between(key.span.end, step.span.end)
                    parts += ["[", Nest((*before, self.layout(key, inside=True), *after)), "]"]
            place = step.span.end
        return tuple(parts)
