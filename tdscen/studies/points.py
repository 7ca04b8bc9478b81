"""The points of a sweep: which values its parameters have together."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tdscen.plan import Axis, Sweep
from tdscen.units import BASE, find

_QUANTITY = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(%|[A-Za-z]*)\s*")


@dataclass(frozen=True, slots=True)
class Point:
    """One point: its place in the sweep, from 1, and the text of every parameter's value, in the order of the axes."""

    number: int
    values: tuple[tuple[str, str], ...]

    @property
    def settings(self) -> tuple[str, ...]:
        """As `--set` takes them."""
        return tuple(f"{name}={text}" for name, text in self.values)

    def __str__(self) -> str:
        return ", ".join(f"{name} = {text}" for name, text in self.values)


def points(sweep: Sweep) -> tuple[Point, ...]:
    """All points in order; in a grid the last axis changes fastest. The same on every machine."""
    names = [axis.parameter for axis in sweep.axes]
    rows = _rows(sweep)
    return tuple(Point(n, tuple(zip(names, row, strict=True))) for n, row in enumerate(rows, start=1))


def _rows(sweep: Sweep) -> Sequence[tuple[str, ...]]:
    match sweep.combine:
        case "grid":
            return list(itertools.product(*(axis.values for axis in sweep.axes)))
        case "zip":
            return list(zip(*(axis.values for axis in sweep.axes), strict=True))
        case "latin_hypercube":
            return _latin_hypercube(sweep.axes, sweep.points or 0, sweep.seed or 0)


def _latin_hypercube(axes: Sequence[Axis], n: int, seed: int) -> list[tuple[str, ...]]:
    """Each range in n equal parts, one point in each part of each (McKay, Beckman and Conover 1979).

    The place within its part is uniform. Numbers of nine significant digits, from NumPy's frozen `RandomState(seed)`.
    """
    random = np.random.RandomState(seed)
    columns = []
    for axis in axes:
        assert axis.low is not None
        assert axis.high is not None
        at = (random.permutation(n) + random.uniform(size=n)) / n
        columns.append([f"{value:.9g} {axis.unit}".rstrip() for value in axis.low + at * (axis.high - axis.low)])
    return list(zip(*columns, strict=True))


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis as numbers: `unit` is the internal one (empty: plain numbers)."""

    numbers: tuple[float, ...]
    unit: str


def scale(texts: Sequence[str]) -> Scale | None:
    """Texts as numbers of one dimension; None where any is no quantity or they differ in dimension."""
    found = [_quantity(text) for text in texts]
    known = [quantity for quantity in found if quantity is not None]
    if len(known) < len(found) or len({unit for _, unit in known}) != 1:
        return None
    return Scale(tuple(number for number, _ in known), known[0][1])


def _quantity(text: str) -> tuple[float, str] | None:
    written = _QUANTITY.fullmatch(text)
    if written is None:
        return None
    unit = find(written[2]) if written[2] else None
    if written[2] and unit is None:
        return None
    number = float(written[1])
    return (number * unit.factor, BASE.get(unit.dimension, "")) if unit else (number, "")
