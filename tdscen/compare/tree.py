"""Two trees of JSON values, and where they differ.

Lists of named things (`{"name": "bus4", ...}`, `["tol", 1e-8]`) are matched by name, whatever their order; every
other list is one value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

Path = tuple[str, ...]
"""Fields and, in brackets, names: `("interfaces", "[bus4]", "bus")`."""

KEYS: Final = ("name", "column", "parameter")
"""What a list's items are told apart by."""


class _Nothing:
    """The value of what is not there (None is a value)."""

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING: Final = _Nothing()


@dataclass(frozen=True, slots=True)
class Difference:
    """A place of two trees with its values; `NOTHING` on the side where it is absent."""

    path: Path
    old: Any
    new: Any

    @property
    def pattern(self) -> str:
        """The path without names: `interfaces.scale.p_factor`."""
        return pattern(self.path)

    @property
    def key(self) -> str:
        """The name of the thing that the path begins with (`bus4`), empty where it has none."""
        return self.path[1][1:-1] if self.path[1:] and self.path[1].startswith("[") else ""


def pattern(path: Path) -> str:
    """The fields of a path, joined by points."""
    return ".".join(step for step in path if not step.startswith("["))


def shown(path: Path) -> str:
    """A path as people write it: `interfaces[bus4].scale.p_factor`."""
    return "".join(step if step.startswith("[") else f".{step}" for step in path).lstrip(".")


def differences(old: Any, new: Any, path: Path = ()) -> Iterator[Difference]:
    """Where two trees differ, in the order of the old one, what is new after it."""
    if old == new and type(old) is type(new):
        return
    a, b = _branches(old), _branches(new)
    if a is None or b is None or not _alike(old, new):
        if old != new:
            yield Difference(path, old, new)
        return
    for step in [*a, *(s for s in b if s not in a)]:
        yield from differences(a.get(step, NOTHING), b.get(step, NOTHING), (*path, step))


def _branches(value: Any) -> dict[str, Any] | None:
    """What hangs below a value, by field or name; None for a value without parts."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, list):
        return None
    named = [_name(item) for item in value]
    names = [name for name, _ in named if name is not None]
    if len(set(names)) < len(named):
        return None
    return {f"[{name}]": rest for name, rest in named}


def _name(item: Any) -> tuple[str | None, Any]:
    if isinstance(item, dict):
        key = next((key for key in KEYS if key in item), None)
        return (None if key is None else str(item[key])), {k: v for k, v in item.items() if k != key}
    if isinstance(item, list) and len(item) == 2 and isinstance(item[0], str):
        return item[0], item[1]
    return None, item


def _alike(old: Any, new: Any) -> bool:
    """Whether comparing part by part makes sense.

    Profiles of different kinds are compared as wholes, and so is what an event acts on.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        return "system" not in new and all(old.get(mark) == new.get(mark) for mark in ("kind", "operator"))
    return isinstance(old, list) and isinstance(new, list)
