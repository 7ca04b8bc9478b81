"""Values as an engineer reads them: `1 s`, `2.5 %`, `47.8 MW`, `normal(mean = 1, ...)`."""

from __future__ import annotations

import math
from typing import Any

UNITS = {
    "_kw": "kW",
    "_kvar": "kvar",
    "_mw": "MW",
    "_mvar": "MVAr",
    "_mva": "MVA",
    "_mwh": "MWh",
    "_pu": "pu",
    "_hz": "Hz",
}
"""The unit that the end of a field's name gives (`_s` and `_rad` are shown by functions of their own)."""

ARGUMENTS = {"every_s": "every", "at_s": "at", "start_s": "start", "stop_s": "stop", "period_s": "period"}
ARGUMENTS |= {"from_value": "from", "phase_rad": "phase", "source": "file"}

LONG = 12
"""Longest list that is shown item by item."""


def two(old: Any, new: Any, field: str) -> tuple[str, str]:
    """Two values of a field with as many digits as it takes to tell them apart."""
    texts = [(show(old, field, digits), show(new, field, digits)) for digits in (6, 9, 17)]
    return next((pair for pair in texts if pair[0] != pair[1]), texts[-1])


def show(value: Any, field: str = "", digits: int = 6) -> str:
    """A value of the plan; `field` is its name there, whose end gives the unit."""
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return _number(value, field, digits)
        case str():
            return value or '""'
        case {"kind": str()}:
            return profile(value, digits)
        case {"system": str(system), "device": str(device), "key": key, "quantity": quantity}:
            return f"{system}.{device}[{key}]" + (f".{quantity}" if quantity else "")
        case {"parameter": str(parameter), "values": list(values), "low": low, "high": high}:
            written = ", ".join(values) if values else f"{show(low)} .. {show(high)}"
            return f"{parameter} = {written}"
        case dict():
            parts = ((k, v) for k, v in value.items() if v not in (None, [], ""))
            return ", ".join(f"{label(k)} {show(v, k, digits)}" for k, v in parts)
        case list():
            return _list(value, field, digits)
    return str(value)


def _list(values: list[Any], field: str, digits: int) -> str:
    if len(values) > LONG:
        return f"{len(values)} values"
    return ", ".join(
        f"{v[0]} = {show(v[1], '', digits)}" if isinstance(v, list) and len(v) == 2 else show(v, field, digits)
        for v in values
    )


def _number(value: float, field: str, digits: int) -> str:
    if field == "std":
        return f"{value * 100:.{digits}g} %"
    if field.endswith("_s"):
        return time(value, digits)
    if field.endswith("_rad"):
        return f"{math.degrees(value):.{digits}g} deg"
    unit = next((unit for end, unit in UNITS.items() if field.endswith(end)), "")
    return f"{value:.{digits}g} {unit}".strip()


def time(seconds: float, digits: int = 6) -> str:
    """Whole hours, whole minutes from two on, milliseconds below one second, else seconds."""
    for unit, size, least in (("h", 3600.0, 3600.0), ("min", 60.0, 120.0)):
        if seconds >= least and (seconds / size).is_integer():
            return f"{seconds / size:.{digits}g} {unit}"
    return f"{seconds * 1000:.{digits}g} ms" if 0 < seconds < 1 else f"{seconds:.{digits}g} s"


def profile(data: dict[str, Any], digits: int = 6) -> str:
    """The expression of a profile, as a scenario would write it (a CSV file's rows are counted, not shown)."""
    kind = data["kind"]
    if kind == "combine":
        left, right = profile(data["left"], digits), profile(data["right"], digits)
        return f"({left} {data['operator']} {right})"
    if kind == "constant":
        return f"constant({data['value']:.{digits}g})"
    if kind == "table":
        return f'csv("{data["source"]}", {data["interpolation"]}, {len(data["values"])} rows)'
    arguments = (
        f"{ARGUMENTS.get(name, name)} = {show(value, name, digits)}"
        for name, value in data.items()
        if name != "kind" and value is not False
    )
    return f"{kind}({', '.join(arguments)})"


def label(field: str) -> str:
    """A field's name in words, without its unit: `clear_after_s` is `clear after`."""
    name = ARGUMENTS.get(field, field)
    end = next((end for end in (*UNITS, "_s", "_rad") if name.endswith(end)), "")
    return name.removesuffix(end).replace("_", " ")
