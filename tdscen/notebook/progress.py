"""A run's progress: a display of the notebook that is updated in place, or a line of the terminal; nothing is left."""

from __future__ import annotations

import sys
from html import escape
from types import TracebackType
from typing import Any, Self, TextIO

from tdscen.api.running import Progress


class Display:
    """One display of a notebook."""

    def __init__(self) -> None:
        from IPython.display import display

        self._handle: Any = display({"text/plain": "starting"}, raw=True, display_id=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._handle.update({"text/plain": "", "text/html": ""}, raw=True)

    def __call__(self, reached: Progress) -> None:
        """Show what the run has reached."""
        self._handle.update({"text/plain": text(reached), "text/html": html(reached)}, raw=True)


class Line:
    """One line of a terminal; where there is none, nothing is written."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._width = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._write("")

    def __call__(self, reached: Progress) -> None:
        """Show what the run has reached."""
        self._write(text(reached))

    def _write(self, line: str) -> None:
        if self._stream.isatty():
            self._stream.write(f"\r{line:<{self._width}}" if line else f"\r{'':<{self._width}}\r")
            self._stream.flush()
            self._width = len(line)


def shown_by(shell: Any) -> Display | Line:
    """What fits the shell: kernels can update what they have displayed."""
    return Display() if hasattr(shell, "kernel") else Line()


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
