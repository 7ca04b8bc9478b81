"""Changes for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tdscen.compare.change import Change

SAME = "same study"

MOST = 4
"""Names that a line speaks of before it counts."""


def render_text(changes: Iterable[Change]) -> str:
    """One line a change; what several interfaces have in common stands in one line. `same study` for none."""
    alike: dict[tuple[str, str, str, tuple[str, ...]], list[Change]] = {}
    for change in changes:
        alike.setdefault((change.subject, change.kind, change.text, change.follows_from), []).append(change)
    return "\n".join(same[0].sentence(_names([c.name for c in same])) for same in alike.values()) or SAME


def _names(names: list[str]) -> str:
    rest = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + rest


def render_json(changes: Iterable[Change]) -> str:
    """A JSON list with one object a change; values in the plan's units."""
    data = [
        {
            "path": c.path,
            "kind": c.kind,
            "old": c.old,
            "new": c.new,
            "text": c.sentence(),
            "follows_from": list(c.follows_from),
        }
        for c in changes
    ]
    return json.dumps(data, indent=2, ensure_ascii=False)
