"""Types of attributes and arguments: what they accept and how they read an expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tdscen import units
from tdscen.language.signature import Parameter, bind, usage
from tdscen.language.values import (
    Chosen,
    Flag,
    Interval,
    Items,
    Quantity,
    TextValue,
    Value,
    describe,
)
from tdscen.mends import instead, spelling
from tdscen.suggest import did_you_mean, one_of
from tdscen.syntax import nodes as n
from tdscen.units import Dimension

if TYPE_CHECKING:
    from tdscen.language.reader import Reader


class Type(Protocol):
    """A type reads an expression; None means that it has reported why it cannot."""

    @property
    def words(self) -> str:
        """What it accepts, for the reference and for messages."""
        ...

    def read(self, expression: n.Expression, reader: Reader) -> Value | None:
        """The value of `expression`, checked and converted."""
        ...


@dataclass(frozen=True, slots=True)
class QuantityType:
    """A quantity of one dimension, with its unit; `above` and `most` bound it (in the internal unit)."""

    dimension: Dimension
    above: float | None = None
    least: float | None = None
    most: float | None = None
    whole: bool = False

    @property
    def words(self) -> str:
        if self.dimension == "number":
            return "a whole number" if self.whole else "a number"
        return f"{self.dimension} in {one_of(units.of_dimension(self.dimension))}"

    def read(self, expression: n.Expression, reader: Reader) -> Value | None:
        value = reader.evaluate(expression)
        if value is None:
            return None
        if not isinstance(value, Quantity):
            return reader.report("TDS305", f"{self.words} is wanted here, not {describe(value)}", expression.span)
        if value.dimension != self.dimension:
            return self._wrong_unit(value, expression, reader)
        return value if self._within(value.value, expression, reader) else None

    def _wrong_unit(self, value: Quantity, expression: n.Expression, reader: Reader) -> None:
        if value.dimension == "number":
            symbols = units.of_dimension(self.dimension)
            written = expression.written if isinstance(expression, n.Number) else "..."
            base = units.BASE[self.dimension]
            return reader.report(
                "TDS306",
                f"{self.dimension} needs a unit",
                expression.span,
                f"did you mean {written} {base}?",
                f"{self.dimension} is written in {one_of(symbols)}",
                fixes=instead(expression.span, f"{written} {base}" if isinstance(expression, n.Number) else None),
            )
        wanted = "a plain number" if self.dimension == "number" else self.dimension
        return reader.report(
            "TDS308",
            f"{wanted} is wanted here, not {value.dimension}",
            expression.span,
            f"this is {value.dimension}",
            f"{self.dimension} is written in {one_of(units.of_dimension(self.dimension))}",
        )

    def _within(self, number: float, expression: n.Expression, reader: Reader) -> bool:
        unit = "" if self.dimension == "number" else f" {units.BASE[self.dimension]}"
        if self.above is not None and not number > self.above:
            reader.report("TDS310", f"the value must be above {self.above:g}{unit}", expression.span)
        elif self.least is not None and not number >= self.least:
            reader.report("TDS310", f"the value must be at least {self.least:g}{unit}", expression.span)
        elif self.most is not None and not number <= self.most:
            reader.report("TDS310", f"the value must be at most {self.most:g}{unit}", expression.span)
        elif self.whole and not number.is_integer():
            reader.report("TDS310", "the value must be a whole number", expression.span)
        else:
            return True
        return False


@dataclass(frozen=True, slots=True)
class AnyQuantityType:
    """A quantity of whatever dimension, or a plain number."""

    words: str = "a quantity"

    def read(self, expression: n.Expression, reader: Reader) -> Value | None:
        value = reader.evaluate(expression)
        if value is None or isinstance(value, Quantity):
            return value
        return reader.report("TDS305", f"a quantity is wanted here, not {describe(value)}", expression.span)


@dataclass(frozen=True, slots=True)
class TextType:
    """A text in quotes."""

    words: str = "a text"

    def read(self, expression: n.Expression, reader: Reader) -> Value | None:
        value = reader.evaluate(expression)
        if value is None or (isinstance(value, TextValue) and value.text):
            return value
        what = "an empty text" if isinstance(value, TextValue) else describe(value)
        return reader.report(
            "TDS305",
            f"{self.words} is wanted here, not {what}",
            expression.span,
            help='a text is written "in quotes"',
        )


@dataclass(frozen=True, slots=True)
class FlagType:
    """`true` or `false`."""

    words: str = "true or false"

    def read(self, expression: n.Expression, reader: Reader) -> Value | None:
        value = reader.evaluate(expression)
        if value is None or isinstance(value, Flag):
            return value
        return reader.report("TDS305", f"true or false is wanted here, not {describe(value)}", expression.span)


@dataclass(frozen=True, slots=True)
class ProfileType:
    """A profile, or a plain number as a constant one."""

    words: str = "a profile"

    def read(self, expression: n.Expression, reader: Reader) -> Value | None:
        value = reader.evaluate(expression)
        return None if value is None else reader.as_profile(value, expression.span)


@dataclass(frozen=True, slots=True)
class Choice:
    """One name that a `ChoiceType` accepts, perhaps with arguments; `later` are names known but not built yet."""

    name: str
    help: str
    parameters: tuple[Parameter, ...] = ()
    later: bool = False


@dataclass(frozen=True, slots=True)
class ChoiceType:
    """One of several names; `otherwise` (a number, say) is read when the expression is no name of the list."""

    choices: tuple[Choice, ...]
    otherwise: Type | None = None

    @property
    def words(self) -> str:
        names = [usage(c.name, c.parameters) for c in self.choices]
        return one_of(names + ([self.otherwise.words] if self.otherwise else []))

    def read(self, expression: n.Expression, reader: Reader) -> Value | None:
        name = _bare_name(expression)
        choice = next((c for c in self.choices if name is not None and c.name == name.text), None)
        if name is None or (choice is None and (name.text in reader.scope or isinstance(expression, n.Call))):
            return self._read_other(expression, name, reader)
        if choice is None:
            return self._unknown(name, reader)
        if isinstance(expression, n.Reference):
            needed = [p.name for p in choice.parameters if p.required]
            if needed:
                help = f"write {usage(choice.name, choice.parameters)}"
                return reader.report("TDS312", f"{choice.name} needs {', '.join(needed)}", expression.span, help=help)
            defaults = ((p.name, p.default) for p in choice.parameters)
            return Chosen(choice.name, tuple((name, value) for name, value in defaults if value is not None))
        assert isinstance(expression, n.Call)
        values = bind(reader, expression, choice.parameters)
        return None if values is None else Chosen(choice.name, tuple(values.items()))

    def _read_other(self, expression: n.Expression, name: n.Word | None, reader: Reader) -> Value | None:
        if (
            isinstance(expression, n.Call)
            and name is not None
            and (self.otherwise is None or name.text not in reader.scope)
        ):
            return self._unknown(name, reader)
        if self.otherwise is not None:
            return self.otherwise.read(expression, reader)
        declared = reader.scope.get(name.text) if name else None
        if declared is not None and declared.value is not None:
            if _in_a_circle(declared.name, reader):
                return None  # reported with the definitions
            return self.read(declared.value, reader)  # a parameter that holds one of the names
        return reader.report("TDS309", f"{self.words} is wanted here", expression.span)

    def _unknown(self, name: n.Word, reader: Reader) -> None:
        names = [c.name for c in self.choices]
        return reader.report(
            "TDS309",
            f"{name.text} is not one of the choices",
            name.span,
            did_you_mean(name.text, names),
            f"choose {self.words}",
            fixes=spelling(name.span, name.text, names),
        )


def _in_a_circle(name: n.Word, reader: Reader) -> bool:
    """Whether definitions that are nothing but the name of another lead from `name` in a circle."""
    seen: set[str] = set()
    while name.text not in seen:
        seen.add(name.text)
        declared = reader.scope.get(name.text)
        following = _bare_name(declared.value) if declared and declared.value else None
        if following is None:
            return False
        name = following
    return True


def _bare_name(expression: n.Expression) -> n.Word | None:
    match expression:
        case n.Reference(head, ()):
            return head
        case n.Call(function):
            return function
    return None


@dataclass(frozen=True, slots=True)
class RangeType:
    """A range of one dimension; a bound (`< x`) is turned into one by the caller."""

    dimension: Dimension

    @property
    def words(self) -> str:
        return f"a range of {self.dimension}, as in `low .. high`"

    def read(self, expression: n.Expression, reader: Reader) -> Value | None:
        value = reader.evaluate(expression)
        if value is None:
            return None
        if not isinstance(value, Interval):
            return reader.report(
                "TDS305",
                f"{self.words} is wanted here, not {describe(value)}",
                expression.span,
                help="or write a bound with < or >",
            )
        if value.dimension != self.dimension:
            return reader.report(
                "TDS308",
                f"{self.dimension} is wanted here, not {value.dimension}",
                expression.span,
                f"this is {value.dimension}",
            )
        return value


@dataclass(frozen=True, slots=True)
class ListType:
    """A list, every item of one type."""

    item: Type

    @property
    def words(self) -> str:
        return f"a list, each item {self.item.words}"

    def read(self, expression: n.Expression, reader: Reader) -> Value | None:
        if not isinstance(expression, n.ListOf):
            return reader.report("TDS305", "a list is wanted here", expression.span, help="as in `[a, b]`")
        values = [self.item.read(item, reader) for item in expression.items]
        return Items(tuple(v for v in values if v is not None)) if None not in values else None
