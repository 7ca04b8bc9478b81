"""The constructors of profiles: their arguments, and the profile that each makes."""

from __future__ import annotations

import csv as csv_format
import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tdscen import profiles as p
from tdscen.language.signature import Parameter, bind, optional
from tdscen.language.types import Choice, ChoiceType, FlagType, QuantityType, TextType
from tdscen.language.values import Chosen, Flag, ProfileValue, Quantity, TextValue, Value
from tdscen.mends import spelling
from tdscen.suggest import did_you_mean, one_of
from tdscen.syntax import nodes as n

if TYPE_CHECKING:
    from tdscen.language.reader import Reader

Arguments = dict[str, Value]

MOST_NAMED = 20
"""Columns of a file that are named in a message."""

_NUMBER = QuantityType("number")
_TIME = QuantityType("time", least=0)
_SPAN = QuantityType("time", above=0)
_SEED = QuantityType("number", least=0, most=2**32 - 1, whole=True)
_ONE = Quantity(1.0, "number")
_OFF = Flag(False)
_INDEPENDENT = optional("independent", FlagType(), "a stream of its own for each interface", _OFF)


@dataclass(frozen=True, slots=True)
class ProfileFunction:
    """A constructor: its parameters, one line of help, and how a profile is made from bound arguments."""

    name: str
    help: str
    parameters: tuple[Parameter, ...]
    make: Callable[[Arguments, Reader, n.Call], p.Profile | None]


def call(reader: Reader, expression: n.Call) -> ProfileValue | None:
    """The profile that a call stands for; None after reporting why there is none."""
    function = FUNCTIONS.get(expression.function.text)
    if function is None:
        at = did_you_mean(expression.function.text, FUNCTIONS)
        return reader.report(
            "TDS311",
            f"there is no function {expression.function.text}",
            expression.function.span,
            at,
            f"profiles are made by {one_of(FUNCTIONS)}",
            fixes=spelling(expression.function.span, expression.function.text, FUNCTIONS),
        )
    arguments = bind(reader, expression, function.parameters)
    if arguments is None:
        return None
    profile = function.make(arguments, reader, expression)
    return None if profile is None else ProfileValue(profile)


def _number(arguments: Arguments, name: str) -> float:
    value = arguments[name]
    assert isinstance(value, Quantity)
    return value.value


def _flag(arguments: Arguments, name: str) -> bool:
    value = arguments[name]
    assert isinstance(value, Flag)
    return value.on


def _constant(a: Arguments, _reader: Reader, _call: n.Call) -> p.Profile:
    return p.Constant(_number(a, "value"))


def _normal(a: Arguments, _reader: Reader, _call: n.Call) -> p.Profile:
    return p.Normal(
        _number(a, "mean"),
        _number(a, "std"),
        _number(a, "every"),
        int(_number(a, "seed")),
        _flag(a, "independent"),
    )


def _random_walk(a: Arguments, _reader: Reader, _call: n.Call) -> p.Profile:
    return p.RandomWalk(
        _number(a, "start"),
        _number(a, "std"),
        _number(a, "every"),
        int(_number(a, "seed")),
        _flag(a, "independent"),
    )


def _step(a: Arguments, _reader: Reader, _call: n.Call) -> p.Profile:
    return p.Step(_number(a, "at"), _number(a, "to"), _number(a, "before"))


def _later(a: Arguments, reader: Reader, call: n.Call) -> bool:
    """Whether `stop` comes after `start`."""
    if _number(a, "stop") > _number(a, "start"):
        return True
    reader.report("TDS310", f"{call.function.text} stops before it starts", call.span, "`stop` must come after `start`")
    return False


def _ramp(a: Arguments, reader: Reader, call: n.Call) -> p.Profile | None:
    if not _later(a, reader, call):
        return None
    return p.Ramp(_number(a, "from"), _number(a, "to"), _number(a, "start"), _number(a, "stop"))


def _sinusoid(a: Arguments, _reader: Reader, _call: n.Call) -> p.Profile:
    return p.Sinusoid(_number(a, "amplitude"), _number(a, "period"), _number(a, "phase"), _number(a, "mean"))


def _pulse(a: Arguments, reader: Reader, call: n.Call) -> p.Profile | None:
    if not _later(a, reader, call):
        return None
    return p.Pulse(_number(a, "start"), _number(a, "stop"), _number(a, "to"), _number(a, "base"))


def _csv(a: Arguments, reader: Reader, call: n.Call) -> p.Profile | None:
    path, columns = a["file"], (a["time_column"], a["column"])
    interpolation = a["interpolation"]
    assert isinstance(path, TextValue)
    assert isinstance(interpolation, Chosen)
    names = [c.text for c in columns if isinstance(c, TextValue)]
    try:
        text = reader.texts.read(reader.texts.folder(call.span) / path.text)
        rows = _columns(text, names)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return reader.report("TDS430", f"{path.text} cannot be used as a profile: {reason}", call.span)
    times, values = zip(*rows, strict=True)
    return p.Table(times, values, "previous" if interpolation.name == "previous" else "linear", path.text)


def _columns(text: str, names: list[str]) -> list[tuple[float, float]]:
    """Time and value of every row. Raises `ValueError` with the row and what is wrong there."""
    try:
        return _read_columns(csv_format.DictReader(io.StringIO(text)), names)
    except csv_format.Error as error:
        raise ValueError(f"it is no CSV file ({error})") from None


def _read_columns(reader: csv_format.DictReader[str], names: list[str]) -> list[tuple[float, float]]:
    header = reader.fieldnames or []
    for name in names:
        if name not in header:
            raise ValueError(f"it has no column {name} (its columns: {', '.join(header[:MOST_NAMED]) or 'none'})")
    rows: list[tuple[float, float]] = []
    for row in reader:
        try:
            time_s, value = (float(row[name]) for name in names)
        except (TypeError, ValueError):
            raise ValueError(f"line {reader.line_num} has no number in {' or '.join(names)}") from None
        if not (math.isfinite(time_s) and math.isfinite(value)):
            raise ValueError(f"line {reader.line_num} has a number that is not finite")
        if rows and time_s <= rows[-1][0]:
            raise ValueError(f"line {reader.line_num}: times must rise, {time_s:g} s follows {rows[-1][0]:g} s")
        rows.append((time_s, value))
    if not rows:
        raise ValueError("it has no rows")
    if rows[0][0] > 0:
        raise ValueError(f"it starts at {rows[0][0]:g} s, after the simulation does")
    return rows


FUNCTIONS: dict[str, ProfileFunction] = {
    function.name: function
    for function in (
        ProfileFunction(
            "constant", "the same value at all times", (Parameter("value", _NUMBER, "the value"),), _constant
        ),
        ProfileFunction(
            "normal",
            "independent normal draws, the k-th held from k * every: `mean + std * RandomState(seed).randn(n)`",
            (
                Parameter("mean", _NUMBER, "mean"),
                Parameter("std", QuantityType("number", least=0), "standard deviation"),
                Parameter("every", _SPAN, "how long a draw holds"),
                Parameter("seed", _SEED, "seed of numpy's RandomState"),
                _INDEPENDENT,
            ),
            _normal,
        ),
        ProfileFunction(
            "random_walk",
            "`start`, then the running sum of normal draws, one each `every`",
            (
                optional("start", _NUMBER, "value at t = 0", _ONE),
                Parameter("std", QuantityType("number", least=0), "standard deviation of one draw"),
                Parameter("every", _SPAN, "time between draws"),
                Parameter("seed", _SEED, "seed of numpy's RandomState"),
                _INDEPENDENT,
            ),
            _random_walk,
        ),
        ProfileFunction(
            "step",
            "`before` until `at`, then `to`",
            (
                Parameter("at", _TIME, "when"),
                Parameter("to", _NUMBER, "value from then on"),
                optional("before", _NUMBER, "value until then", _ONE),
            ),
            _step,
        ),
        ProfileFunction(
            "ramp",
            "linear from one value to another between two times",
            (
                Parameter("from", _NUMBER, "value until `start`"),
                Parameter("to", _NUMBER, "value from `stop` on"),
                Parameter("start", _TIME, "when it begins to move"),
                Parameter("stop", _TIME, "when it has arrived"),
            ),
            _ramp,
        ),
        ProfileFunction(
            "sinusoid",
            "`mean + amplitude * sin(2 pi t / period + phase)`",
            (
                Parameter("amplitude", _NUMBER, "amplitude"),
                Parameter("period", _SPAN, "period"),
                optional("phase", QuantityType("angle"), "phase at t = 0", Quantity(0.0, "angle")),
                optional("mean", _NUMBER, "value that it swings about", _ONE),
            ),
            _sinusoid,
        ),
        ProfileFunction(
            "pulse",
            "`to` between two times, `base` outside",
            (
                Parameter("start", _TIME, "begin"),
                Parameter("stop", _TIME, "end"),
                Parameter("to", _NUMBER, "value between"),
                optional("base", _NUMBER, "value outside", _ONE),
            ),
            _pulse,
        ),
        ProfileFunction(
            "csv",
            "a column of a CSV file over its time column (in s)",
            (
                Parameter("file", TextType("a path beside this file"), "the file"),
                optional("column", TextType("a column's name"), "column of the values", TextValue("load")),
                optional(
                    "time_column",
                    TextType("a column's name"),
                    "column of the times in s",
                    TextValue("time_s"),
                ),
                optional(
                    "interpolation",
                    ChoiceType((Choice("linear", "straight between rows"), Choice("previous", "a row holds"))),
                    "between the rows",
                    Chosen("linear"),
                ),
            ),
            _csv,
        ),
    )
}
