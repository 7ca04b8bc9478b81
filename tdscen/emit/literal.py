"""Values as Python source: the only way in which anything from a scenario gets into a generated script."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable
from typing import Any

WIDTH = 110
_INDENT = "    "
_MODULES = ("tdscen.plan", "tdscen.profiles")


class Code(str):
    """Text that is known to be harmless source; the templates print nothing else."""

    __slots__ = ()


def literal(value: Any, column: int = 0, indent: int = 0) -> Code:
    """Source that evaluates to `value`, one line where it fits into `WIDTH`, else one item a line.

    Known are str, bool, int, float (finite), complex (finite), None, tuples, dicts, `Code`, and the dataclasses of
    plan and profiles, written without the fields that have their default. `column` is where the text begins,
    `indent` how deep the line is that it begins on (in steps of four). Raises `ValueError` for a number that is not
    finite, `TypeError` for any other type.
    """
    flat = _flat(value)
    if column + len(flat) <= WIDTH - 2:  # room for a closing bracket or comma
        return Code(flat)
    inner = _INDENT * (indent + 1)
    if type(value) is tuple and value:
        if all(type(item) in (int, float) for item in value):
            items = _filled((_flat(item) for item in value), inner)
        else:
            items = "".join(f"{inner}{literal(item, len(inner), indent + 1)},\n" for item in value)
        return Code(f"(\n{items}{_INDENT * indent})")
    if type(value) is dict and value:
        pairs = ((_flat(key), item) for key, item in value.items())
        lines = (f"{inner}{k}: {literal(v, len(inner) + len(k) + 2, indent + 1)},\n" for k, v in pairs)
        return Code(f"{{\n{''.join(lines)}{_INDENT * indent}}}")
    if dataclasses.is_dataclass(value):
        fields = ((n, literal(v, len(inner) + len(n) + 1, indent + 1)) for n, v in _fields(value))
        lines = (f"{inner}{name}={source},\n" for name, source in fields)
        return Code(f"{type(value).__name__}(\n{''.join(lines)}{_INDENT * indent})")
    return Code(flat)


def classes(values: Iterable[Any]) -> dict[str, list[str]]:
    """What has to be imported for these literals: modules and the sorted class names of each."""
    found: dict[str, set[str]] = {}
    for value in values:
        _collect(value, found)
    return {module: sorted(found[module]) for module in sorted(found)}


def comment(text: str) -> Code:
    """`text` on one line, for behind a `#`: whatever could end the line or hide in it becomes a space."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    shown = " ".join(printable.split())
    return Code(shown if len(shown) <= WIDTH - 10 else f"{shown[: WIDTH - 13]}...")


def constant(prefix: str, name: str) -> Code:
    """A variable's name made of a name of the scenario: upper case, ASCII letters, digits and underscores only."""
    return Code(f"{prefix}_{re.sub(r'[^A-Z0-9]+', '_', name.upper(), flags=re.ASCII)}")


def _flat(value: Any) -> str:
    """`value` on one line."""
    kind = type(value)  # not isinstance: a subclass may print itself as anything
    if kind is Code:
        return str(value)
    if value is None or kind in (bool, int):
        return repr(value)
    if kind is float:
        if not math.isfinite(value):
            raise ValueError(f"{value} cannot be written into a script")
        return repr(value)
    if kind is complex:
        return f"complex({_flat(value.real)}, {_flat(value.imag)})"
    if kind is str:
        return _quoted(value)
    if kind is tuple:
        items = ", ".join(_flat(item) for item in value)
        return f"({items},)" if len(value) == 1 else f"({items})"
    if kind is dict:
        return "{" + ", ".join(f"{_flat(key)}: {_flat(item)}" for key, item in value.items()) + "}"
    if dataclasses.is_dataclass(value) and kind.__module__ in _MODULES:
        return f"{kind.__name__}({', '.join(f'{name}={_flat(item)}' for name, item in _fields(value))})"
    raise TypeError(f"{kind.__name__} has no literal")


def _fields(value: Any) -> list[tuple[str, Any]]:
    pairs = ((field, getattr(value, field.name)) for field in dataclasses.fields(value))
    return [(field.name, item) for field, item in pairs if not _is_default(field, item)]


def _is_default(field: dataclasses.Field[Any], value: Any) -> bool:
    return field.default is not dataclasses.MISSING and bool(field.default == value)


def _quoted(text: str) -> str:
    """`repr` in double quotes where that needs no escapes; it escapes everything that is not printable."""
    source = repr(text)
    if source[0] == "'" and '"' not in source and "\\'" not in source:
        return f'"{source[1:-1]}"'
    return source


def _filled(items: Iterable[str], inner: str) -> str:
    """Numbers, as many as fit on each line."""
    lines = [inner.rstrip("\n")]
    for item in items:
        separator = "" if lines[-1] == inner else " "
        if len(lines[-1]) + len(separator) + len(item) + 1 > WIDTH:
            lines.append(inner)
            separator = ""
        lines[-1] += f"{separator}{item},"
    return "".join(f"{line}\n" for line in lines)


def _collect(value: Any, found: dict[str, set[str]]) -> None:
    if type(value) in (tuple, dict):
        for item in value.values() if type(value) is dict else value:
            _collect(item, found)
    elif dataclasses.is_dataclass(value):
        found.setdefault(type(value).__module__, set()).add(type(value).__name__)
        for _, item in _fields(value):
            _collect(item, found)
