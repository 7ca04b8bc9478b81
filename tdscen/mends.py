"""Mends that follow from what was written and what is known: the nearest name in the place of a wrong one."""

from __future__ import annotations

from collections.abc import Iterable

from tdscen.diagnostics import Fix
from tdscen.facts import Key
from tdscen.source import Span
from tdscen.suggest import nearest


def instead(span: Span | None, text: str | None) -> tuple[Fix, ...]:
    """`text` in the place of what stands at `span`; nothing where either is not known."""
    return (Fix(f"Change to {text}", span, text),) if span is not None and text is not None else ()


def spelling(span: Span | None, name: str, known: Iterable[str]) -> tuple[Fix, ...]:
    """The known name that `did_you_mean` offers for `name`."""
    return instead(span, nearest(name, known))


def device(span: Span | None, key: Key, known: Iterable[Key]) -> tuple[Fix, ...]:
    """The nearest device's number, or its name in quotes, in the place of a key that there is not."""
    by_text = {str(own): own for own in known}
    near = nearest(str(key), by_text)
    own = by_text[near] if near is not None else None
    return instead(span, str(own) if isinstance(own, int) else f'"{own}"' if own is not None else None)
