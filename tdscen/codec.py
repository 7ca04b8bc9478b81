"""Frozen dataclasses to JSON and back.

The plan, the facts and the records of a run are trees of frozen dataclasses. `encode` writes such a tree as plain
JSON values, `decode` builds it again from the type hints of its class. A union of dataclasses is told apart by the
class variable `kind`, which `encode` writes beside the fields.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import types
import typing
from typing import Any, TypeVar

T = TypeVar("T")


def encode(value: Any) -> Any:
    """Plain JSON values (dict, list, str, int, float, bool, None) of a tree of dataclasses and tuples."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
        kind = getattr(type(value), "kind", None)
        return {"kind": kind, **fields} if isinstance(kind, str) and "kind" not in fields else fields
    if isinstance(value, (tuple, list)):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {key: encode(item) for key, item in value.items()}
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise TypeError(f"{type(value).__name__} has no JSON form")


def decode(cls: type[T], data: Any) -> T:
    """Build `cls` from what `encode` wrote. Raises `ValueError` where the data does not fit the class."""
    return typing.cast(T, _decode(cls, data, cls.__name__))


def dumps(value: Any) -> str:
    """JSON text with sorted keys and a final newline: the same value gives the same bytes everywhere."""
    return json.dumps(encode(value), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _decode(hint: Any, data: Any, where: str) -> Any:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return _decode_union(typing.get_args(hint), data, where)
    if origin is typing.Literal:
        if data in typing.get_args(hint):
            return data
    elif origin is tuple:
        return _decode_tuple(typing.get_args(hint), data, where)
    elif origin is dict:
        _, item = typing.get_args(hint)
        if isinstance(data, dict):
            return {key: _decode(item, value, f"{where}.{key}") for key, value in data.items()}
    elif dataclasses.is_dataclass(hint):
        return _decode_dataclass(typing.cast(type, hint), data, where)
    elif hint is float:
        if isinstance(data, (int, float)) and not isinstance(data, bool):
            return float(data)
    elif hint is Any or (isinstance(data, hint) and not (hint is int and isinstance(data, bool))):
        return data
    raise ValueError(f"{where}: {data!r} is not {hint}")


def _decode_dataclass(cls: type, data: Any, where: str) -> Any:
    if not isinstance(data, dict):
        raise ValueError(f"{where}: expected an object with the fields of {cls.__name__}, got {data!r}")
    hints = _hints(cls)
    names = {field.name for field in dataclasses.fields(cls)}
    unknown = set(data) - names - {"kind"}
    if unknown:
        raise ValueError(f"{where}: unknown fields {sorted(unknown)}")
    try:
        return cls(**{n: _decode(hints[n], data[n], f"{where}.{n}") for n in names if n in data})
    except TypeError as error:
        raise ValueError(f"{where}: {error}") from None


def _decode_tuple(items: tuple[Any, ...], data: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise ValueError(f"{where}: expected a list, got {data!r}")
    if len(items) == 2 and items[1] is Ellipsis:
        return tuple(_decode(items[0], value, f"{where}[{i}]") for i, value in enumerate(data))
    if len(items) != len(data):
        raise ValueError(f"{where}: expected {len(items)} items, got {len(data)}")
    return tuple(_decode(h, v, f"{where}[{i}]") for i, (h, v) in enumerate(zip(items, data, strict=True)))


def _decode_union(members: tuple[Any, ...], data: Any, where: str) -> Any:
    if isinstance(data, dict) and "kind" in data:
        for member in members:
            if getattr(member, "kind", None) == data["kind"]:
                return _decode_dataclass(member, data, where)
    for member in members:
        try:
            return _decode(member, data, where)
        except (ValueError, TypeError):
            continue
    raise ValueError(f"{where}: {data!r} fits none of {members}")
