"""Units, their dimensions, and the one conversion to the units that the rest of the program uses.

Internally: s, MW, MVAr, MVA, kV, pu, rad, Hz, MWh, ohm. A percentage is a plain number divided by 100.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Dimension = Literal[
    "number",
    "time",
    "active power",
    "reactive power",
    "apparent power",
    "voltage",
    "per unit",
    "angle",
    "frequency",
    "energy",
    "impedance",
]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit and how many internal units it is worth."""

    symbol: str
    dimension: Dimension
    factor: float


UNITS: dict[str, Unit] = {
    unit.symbol: unit
    for unit in (
        Unit("%", "number", 0.01),
        Unit("us", "time", 1e-6),
        Unit("ms", "time", 1e-3),
        Unit("s", "time", 1.0),
        Unit("min", "time", 60.0),
        Unit("h", "time", 3600.0),
        Unit("W", "active power", 1e-6),
        Unit("kW", "active power", 1e-3),
        Unit("MW", "active power", 1.0),
        Unit("GW", "active power", 1e3),
        Unit("kvar", "reactive power", 1e-3),
        Unit("MVAr", "reactive power", 1.0),
        Unit("kVA", "apparent power", 1e-3),
        Unit("MVA", "apparent power", 1.0),
        Unit("V", "voltage", 1e-3),
        Unit("kV", "voltage", 1.0),
        Unit("pu", "per unit", 1.0),
        Unit("rad", "angle", 1.0),
        Unit("deg", "angle", math.pi / 180),
        Unit("Hz", "frequency", 1.0),
        Unit("kWh", "energy", 1e-3),
        Unit("MWh", "energy", 1.0),
        Unit("ohm", "impedance", 1.0),
    )
}

BASE: dict[Dimension, str] = {unit.dimension: unit.symbol for unit in UNITS.values() if unit.factor == 1.0}
"""The internal unit of each dimension (a plain number has none)."""

_FOLDED = {symbol.casefold(): unit for symbol, unit in UNITS.items()}


def find(symbol: str) -> Unit | None:
    """The unit of that spelling. Letter case is free, except that m (milli) is never read for M (mega) or M for m."""
    unit = UNITS.get(symbol) or _FOLDED.get(symbol.casefold())
    if unit is None:
        return None
    return None if unit.symbol[0] in "mM" and symbol[0] != unit.symbol[0] else unit


def offer(symbol: str) -> str | None:
    """A unit that differs from the (refused) spelling by letter case only."""
    unit = _FOLDED.get(symbol.casefold())
    return unit.symbol if unit else None


def of_dimension(dimension: Dimension) -> tuple[str, ...]:
    """The symbols that measure `dimension`."""
    return tuple(unit.symbol for unit in UNITS.values() if unit.dimension == dimension)
