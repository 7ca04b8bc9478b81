"""Recorded quantities: one change a system for all that are added, one for all that are gone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tdscen.compare.change import Change

MOST = 6
"""Columns that a line names before it counts."""

_MARK = ".observe["


def gather_observed(changes: Iterable[Change]) -> list[Change]:
    """The changes with those of single columns put together."""
    kept: dict[tuple[str, str], Change] = {}
    for change in changes:
        place, mark, column = change.path.partition(_MARK)
        if not mark:
            kept[change.path, change.kind] = change
            continue
        path = (f"{place}.observe", change.kind)
        first = kept.get(path) or replace(change, path=path[0], old=None, new=None)
        removed = change.kind == "removed"
        columns = [*((first.old if removed else first.new) or ()), column.removesuffix("]")]
        text = _text(columns, change.kind)
        kept[path] = replace(first, old=columns, text=text) if removed else replace(first, new=columns, text=text)
    return list(kept.values())


def _text(columns: list[str], kind: str) -> str:
    names = ", ".join(columns[:MOST]) + (f" and {len(columns) - MOST} more" if len(columns) > MOST else "")
    return f"{'no longer records' if kind == 'removed' else 'also records'} {names}"
