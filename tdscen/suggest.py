"""Nearest names, for messages that say what the writer may have meant."""

from __future__ import annotations

import difflib
import re
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


def offered(sentence: str) -> str | None:
    """The name that a sentence which ends as `did_you_mean` does offers."""
    found = re.search(r"\bdid you mean (\S.*)\?$", sentence)
    return found[1] if found else None


def one_of(names: Iterable[str]) -> str:
    """`a, b or c`."""
    items = list(names)
    return " or ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)
