"""Expressions to values: names looked up, units checked and converted, arithmetic done.

`Reader.evaluate` returns None for what it has already reported, so that one mistake gives one message.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tdscen import units
from tdscen.diagnostics import Diagnostic, Fix, Label
from tdscen.language import device_references, profile_functions
from tdscen.language.texts import Texts
from tdscen.language.values import (
    BlockRef,
    Flag,
    Interval,
    Items,
    ProfileValue,
    Quantity,
    TextValue,
    Value,
    describe,
)
from tdscen.mends import instead, spelling
from tdscen.profiles import Combine, Constant, Profile
from tdscen.source import Span
from tdscen.suggest import did_you_mean
from tdscen.syntax import nodes as n
from tdscen.syntax.build import DEEPEST

MOST_PARTS = 10_000
"""Parts of one profile: `p * p` doubles them, and every part costs time in every step."""

_FEWER = "say it in fewer steps, or read it from a CSV file"


@dataclass(frozen=True, slots=True)
class Declared:
    """A name of the file: what it was declared as, where, and the expression of a definition."""

    keyword: str
    name: n.Word
    value: n.Expression | None = None


@dataclass
class Reader:
    """Evaluates the expressions of one study and collects what is wrong with them."""

    scope: Mapping[str, Declared]
    lost: frozenset[str] = frozenset()
    texts: Texts = field(default_factory=Texts)
    problems: list[Diagnostic] = field(default_factory=list)
    _known: dict[str, Value | None] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)
    _depths: dict[int, tuple[int, int, Profile]] = field(default_factory=dict)

    def report(
        self,
        code: str,
        message: str,
        span: Span,
        at: str = "",
        help: str = "",
        labels: tuple[Label, ...] = (),
        fixes: tuple[Fix, ...] = (),
    ) -> None:
        """Note an error. Returns None so that a caller may `return reader.report(...)`."""
        self.problems.append(Diagnostic(code, message, span, at, help, labels, fixes=fixes))

    def evaluate(self, expression: n.Expression) -> Value | None:
        """The value of an expression, or None after reporting why there is none."""
        match expression:
            case n.Number():
                return self._number(expression)
            case n.Text(value):
                return TextValue(value)
            case n.ListOf(items):
                values = [self.evaluate(item) for item in items]
                return Items(tuple(v for v in values if v is not None)) if None not in values else None
            case n.Range(low, high):
                return self._range(expression, self.evaluate(low), self.evaluate(high))
            case n.Group(inner):
                return self.evaluate(inner)
            case n.Negative(operand):
                return self._negative(expression, self.evaluate(operand))
            case n.Binary(_, left, right):
                return self._binary(expression, self.evaluate(left), self.evaluate(right))
            case n.Call():
                return profile_functions.call(self, expression)
            case n.Reference(head, ()):
                return self._name(head)
            case n.Reference():
                return device_references.read(self, expression)

    def _number(self, number: n.Number) -> Quantity | None:
        if number.value in (float("inf"), float("-inf")):
            return self.report("TDS310", f"{number.written} is too large a number", number.span)
        if number.unit is None:
            return Quantity(number.value, "number")
        unit = units.find(number.unit.text)
        if unit is None:
            offered = units.offer(number.unit.text)
            at = f"did you mean {offered}?" if offered else did_you_mean(number.unit.text, units.UNITS)
            fixes = instead(number.unit.span, offered) or spelling(number.unit.span, number.unit.text, units.UNITS)
            message = f"{number.unit.text} is not a unit of the language"
            return self.report("TDS307", message, number.unit.span, at, fixes=fixes)
        value = number.value * unit.factor
        if not math.isfinite(value):
            return self.report("TDS310", f"{number.written} {number.unit.text} is too large", number.span)
        return Quantity(value, unit.dimension)

    def _name(self, name: n.Word) -> Value | None:
        if name.text in ("true", "false"):
            return Flag(name.text == "true")
        declared = self.scope.get(name.text)
        if declared is None:
            if name.text not in self.lost:
                at = did_you_mean(name.text, self.scope)
                fixes = spelling(name.span, name.text, self.scope)
                at = at or "no such name in this file"
                self.report("TDS201", f"{name.text} is not defined", name.span, at, fixes=fixes)
            return None
        if declared.value is None:
            return BlockRef(declared.keyword, name.text)
        if name.text not in self._known:
            if name.text in self._open:
                chain = " -> ".join([*self._open[self._open.index(name.text) :], name.text])
                return self.report("TDS208", f"{name.text} is defined by itself", name.span, chain)
            if len(self._open) == DEEPEST:
                return self._too_deep("a definition", name.span)
            self._open.append(name.text)
            self._known[name.text] = self._definition(declared, declared.value)
            self._open.pop()
        return self._known[name.text]

    def _definition(self, declared: Declared, expression: n.Expression) -> Value | None:
        value = self.evaluate(expression)
        if declared.keyword == "profile" and value is not None:
            return self.as_profile(value, expression.span)
        return value

    def as_profile(self, value: Value, span: Span) -> ProfileValue | None:
        """A profile, or a plain number as a constant one."""
        match value:
            case ProfileValue():
                return value
            case Quantity(number, "number"):
                return ProfileValue(Constant(number))
        return self.report(
            "TDS305",
            f"a profile is wanted here, not {describe(value)}",
            span,
            "a profile is a dimensionless multiplier over time",
            "for example `normal(mean = 1, std = 2.5 %, every = 1 s, seed = 981)` or `constant(1)`",
        )

    def _range(self, whole: n.Range, low: Value | None, high: Value | None) -> Interval | None:
        if low is None or high is None:
            return None
        if not (isinstance(low, Quantity) and isinstance(high, Quantity)):
            wrong = high if isinstance(low, Quantity) else low
            return self.report("TDS305", f"a range runs between numbers, not {describe(wrong)}", whole.span)
        if low.dimension != high.dimension:
            return self._mismatch("ends of a range", whole.low, low, whole.high, high, whole.span)
        if low.value > high.value:
            message = "a range runs from the lower to the higher value"
            fixes = instead(whole.span, f"{self._written(whole.high.span)} .. {self._written(whole.low.span)}")
            return self.report("TDS310", message, whole.span, "swap the two", fixes=fixes)
        return Interval(low.value, high.value, low.dimension)

    def _written(self, span: Span) -> str:
        return self.texts.sources[span.file].text[span.start : span.end]

    def _mismatch(
        self, what: str, left: n.Expression, a: Quantity, right: n.Expression, b: Quantity, span: Span
    ) -> None:
        return self.report(
            "TDS308",
            f"the {what} measure different things: {a.dimension} and {b.dimension}",
            right.span,
            f"this is {b.dimension}",
            labels=(Label(left.span, f"this is {a.dimension}"),),
        )

    def _negative(self, whole: n.Negative, value: Value | None) -> Value | None:
        match value:
            case None:
                return None
            case Quantity(number, dimension):
                return Quantity(-number, dimension)
            case ProfileValue(profile):
                return ProfileValue(Combine("*", Constant(-1.0), profile))
        return self.report("TDS305", f"`-` wants a number, not {describe(value)}", whole.operand.span)

    def _binary(self, whole: n.Binary, left: Value | None, right: Value | None) -> Value | None:
        if left is None or right is None:
            return None
        for side, value in ((whole.left, left), (whole.right, right)):
            if not isinstance(value, (Quantity, ProfileValue)):
                return self.report(
                    "TDS313",
                    f"`{whole.operator}` wants numbers or profiles, not {describe(value)}",
                    side.span,
                )
        if isinstance(right, Quantity) and right.value == 0 and whole.operator == "/":
            return self.report("TDS313", "division by zero", whole.right.span, "this is zero")
        if isinstance(left, ProfileValue) or isinstance(right, ProfileValue):
            a, b = self.as_profile(left, whole.left.span), self.as_profile(right, whole.right.span)
            return self._combine(whole, a.profile, b.profile) if a and b else None
        assert isinstance(left, Quantity)
        assert isinstance(right, Quantity)
        return self._arithmetic(whole, left, right)

    def _combine(self, whole: n.Binary, left: Profile, right: Profile) -> ProfileValue | None:
        if isinstance(left, Constant) and isinstance(right, Constant):
            if whole.operator == "/" and right.value == 0:
                return self.report("TDS313", "division by zero", whole.right.span, "this is zero")
            result = _OPERATORS[whole.operator](left.value, right.value)
            if not math.isfinite(result):
                return self.report("TDS310", "the result is too large a number", whole.span)
            return ProfileValue(Constant(result))
        combined = Combine(whole.operator, left, right)  # type: ignore[arg-type]
        sides = [self._depths.get(id(side), (0, 1, side)) for side in (left, right)]
        depth, size = 1 + max(side[0] for side in sides), sum(side[1] for side in sides)
        if depth > DEEPEST:
            return self._too_deep("a profile", whole.span)
        if size > MOST_PARTS:
            return self.report("TDS107", f"a profile of more than {MOST_PARTS} parts", whole.span, help=_FEWER)
        self._depths[id(combined)] = (depth, size, combined)
        return ProfileValue(combined)

    def _too_deep(self, what: str, span: Span) -> None:
        message = f"{what} goes through more than {DEEPEST} others"
        return self.report("TDS107", message, span, help=_FEWER)

    def _arithmetic(self, whole: n.Binary, left: Quantity, right: Quantity) -> Quantity | None:
        dimension = left.dimension
        if whole.operator in "+-":
            if left.dimension != right.dimension:
                return self._mismatch("two sides", whole.left, left, whole.right, right, whole.span)
        elif right.dimension == left.dimension and whole.operator == "/":
            dimension = "number"
        elif left.dimension == "number" and whole.operator == "*":
            dimension = right.dimension
        elif right.dimension != "number":
            return self.report(
                "TDS313",
                f"{left.dimension} {whole.operator} {right.dimension} has no meaning here",
                whole.span,
                "multiply or divide by a plain number",
            )
        result = _OPERATORS[whole.operator](left.value, right.value)
        if not math.isfinite(result):
            return self.report("TDS310", "the result is too large a number", whole.span)
        return Quantity(result, dimension)


_OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
