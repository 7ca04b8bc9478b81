"""Values that differ and mean the same: another spelling, another unit, another name of the same profile."""

from __future__ import annotations

import re
from typing import Any

from tdscen import units
from tdscen.compare.tree import NOTHING, Difference

_TOKEN = re.compile(r'("[^"\n]*")|#[^\n]*|\s+|,(?=\s*[\])])')
_LITERAL = re.compile(r"([+-]?[0-9][0-9_.]*(?:[eE][+-]?[0-9]+)?)\s*([A-Za-z]+|%)?")


def means_the_same(difference: Difference, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether a difference of two trees is none of the study."""
    before, after = difference.old, difference.new
    if before is NOTHING or after is NOTHING:
        return False
    match difference.pattern:
        case "parameters":
            return _value(before) == _value(after)
        case "sweeps.axes.values":
            return [_value(v) for v in before] == [_value(v) for v in after]
        case "requirements.within":
            return _within(before) == _within(after)
        case "interfaces.profile":
            return bool(_profile(before, old) == _profile(after, new))
        case "interfaces.scale.rule":  # a factor that is written stands in `p_factor` too
            return _is_number(before) and _is_number(after)
    return False


def _value(written: str) -> object:
    """What a parameter's text says: a literal with its unit as a quantity, any other text without its layout."""
    bare = _TOKEN.sub(lambda match: match[1] or "", written)
    literal = _LITERAL.fullmatch(bare)
    if literal is None:
        return bare
    unit = units.find(literal[2]) if literal[2] else None
    if literal[2] and unit is None:
        return bare
    number = float(literal[1].replace("_", "")) * (unit.factor if unit else 1.0)
    return float(f"{number:.12g}"), unit.dimension if unit else "number"


def _within(bounds: list[Any]) -> list[Any]:
    """Both bounds in the internal unit, and what they measure."""
    low, high, symbol = bounds
    unit = units.find(symbol) if symbol else None
    factor = unit.factor if unit else 1.0
    sizes = [None if bound is None else float(f"{bound * factor:.9g}") for bound in (low, high)]
    return [*sizes, unit.dimension if unit else symbol]


def _profile(value: Any, tree: dict[str, Any]) -> Any:
    """The profile itself, where an interface refers to it by name."""
    return tree["profiles"][f"[{value}]"] if isinstance(value, str) and "profiles" in tree else value


def _is_number(rule: str) -> bool:
    literal = _LITERAL.fullmatch(rule)
    return literal is not None and literal[2] is None
