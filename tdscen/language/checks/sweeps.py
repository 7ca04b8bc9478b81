"""Sweeps: their axes fit together, and the study is sound at every value."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

from tdscen.diagnostics import Diagnostic, Label, has_errors
from tdscen.language.models import Models
from tdscen.language.study import CheckedBlock, Entry, Study
from tdscen.language.values import Chosen, Interval, Quantity
from tdscen.syntax import nodes as n

MOST_POINTS = 100_000
"""Points of a sweep: a grid of three parameters has them sooner than one thinks."""

MOST_VALUES = 1_000
"""Values of all parameters of a sweep together: each is checked."""

Point = Callable[[Mapping[str, n.Expression]], tuple[Diagnostic, ...]]
"""Checks the study with other values for some parameters."""


def axes(sweep: CheckedBlock) -> tuple[Entry, ...]:
    """The lines of a sweep that vary a parameter."""
    return tuple(entry for name, entry in sweep.entries.items() if sweep.schema.attribute(name) is None)


def axes_fit(study: Study, _models: Models) -> Iterator[Diagnostic]:
    """`zip` wants lists of one length, `latin_hypercube` ranges, the others lists."""
    for sweep in study.all("sweep"):
        combine = sweep.choice("combine")
        lines = axes(sweep)
        if not lines and not sweep.broken:
            yield Diagnostic(
                "TDS318", f"sweep {sweep.label} varies nothing", sweep.header, "add `parameter = [values]`"
            )
        for line in lines:
            ranged = isinstance(line.value, Interval)
            if ranged != (combine == "latin_hypercube"):
                wanted = "a range `low .. high`" if combine == "latin_hypercube" else "a list of values"
                yield Diagnostic("TDS318", f"{combine} wants {wanted}", line.span)
        lists = [line for line in lines if isinstance(line.expression, n.ListOf)]
        if combine == "zip" and lists:
            first = lists[0]
            length = _length(first)
            for line in lists[1:]:
                if _length(line) != length:
                    label = Label(first.span, f"{length} values")
                    message = "`zip` takes the values together: the lists have different lengths"
                    yield Diagnostic("TDS318", message, line.span, f"{_length(line)} values", labels=(label,))
        number = _points(sweep, lines)
        if number > MOST_POINTS:
            at = f"at most {MOST_POINTS:,} are run; `zip` and `latin_hypercube` take fewer"
            yield Diagnostic("TDS319", f"sweep {sweep.label} has {number:,} points", sweep.header, at)


def _points(sweep: CheckedBlock, lines: tuple[Entry, ...]) -> int:
    """How many points a sweep has (0 where its axes do not fit)."""
    match sweep.value("combine"):
        case Chosen("latin_hypercube") as chosen:
            n_points = chosen.argument("n")
            return int(n_points.value) if isinstance(n_points, Quantity) else 0
        case Chosen("zip"):
            return min((_length(line) for line in lines), default=0)
    return math.prod(_length(line) for line in lines)


def _length(line: Entry) -> int:
    return len(line.expression.items) if isinstance(line.expression, n.ListOf) else 0


def check_sweeps(study: Study, _models: Models, point: Point) -> Iterator[Diagnostic]:
    """The study checked at every value of every axis, one parameter at a time."""
    for sweep in study.all("sweep"):
        values = sum(_length(line) for line in axes(sweep))
        if values > MOST_VALUES:
            message = f"sweep {sweep.label} has {values:,} values: at most {MOST_VALUES:,} are possible"
            yield Diagnostic("TDS435", message, sweep.header, "", "fewer values, or several sweeps")
            continue
        for line in axes(sweep):
            if isinstance(line.expression, n.ListOf):
                for value in line.expression.items:
                    found = point({line.name: value})
                    if has_errors(found):
                        first = next(d for d in found if d.severity == "error")
                        message = f"the study is not sound with this value of {line.name}: {first.message}"
                        label = Label(first.span, first.message)
                        yield Diagnostic("TDS318", message, value.span, first.at, first.help, (label,))
