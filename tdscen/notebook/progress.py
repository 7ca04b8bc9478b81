"""A run's progress in a notebook: one display that is updated in place, and cleared when the run ends."""

from __future__ import annotations

from html import escape
from typing import Any

from tdscen.api.running import Progress


class Bar:
    """Draws what a run has reached. A context manager; call it with each `Progress`."""

    def __init__(self) -> None:
        from IPython.display import display

        self._handle: Any = display({"text/plain": "starting"}, raw=True, display_id=True)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._handle is not None:
            self._handle.update({"text/plain": "", "text/html": ""}, raw=True)

    def __call__(self, reached: Progress) -> None:
        """Show what the run has reached."""
        if self._handle is not None:
            self._handle.update({"text/plain": text(reached), "text/html": html(reached)}, raw=True)


def text(reached: Progress) -> str:
    """`7 of 15 s (ieee14 running, ieee34 running)`."""
    states = ", ".join(f"{federate.name} {federate.state}" for federate in reached.federates)
    return f"{reached.reached_s:g} of {reached.stop_s:g} s ({states})"


def html(reached: Progress) -> str:
    """A bar and the same text."""
    return (
        f'<progress value="{reached.reached_s:g}" max="{reached.stop_s:g}" style="width:16em"></progress> '
        f"<code>{escape(text(reached))}</code>"
    )
