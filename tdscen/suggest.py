"""Nearest names, for messages that say what the writer may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name closest to `name` (letter case aside), or None where nothing is near."""
    by_folded = {item.casefold(): item for item in known}
    if name.casefold() in by_folded:
        return by_folded[name.casefold()]
    matches = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[matches[0]] if matches else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`did you mean x?`, or nothing."""
    match = nearest(name, known)
    return f"did you mean {match}?" if match else ""


def one_of(names: Iterable[str]) -> str:
    """`a, b or c`."""
    items = list(names)
    return " or ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)
