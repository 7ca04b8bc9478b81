"""What `tdscen sweep` says while it goes on: a bar in a terminal, a line now and then elsewhere, JSON, nothing."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

import click

from tdscen.cli.live import LINE_EVERY_S, say, span

if TYPE_CHECKING:
    from tdscen.studies.running import Row


class SilentSweep:
    """Says nothing; what the others fill in."""

    def __init__(self, points: int) -> None:
        self._points, self._done, self._failed = points, 0, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        return

    def shown(self, row: Row) -> None:
        """A point has come to its end."""
        self._done += 1
        self._failed += row.state == "failed"

    def told(self, sentence: str) -> None:
        """What the points are waiting for."""


class SweepJson(SilentSweep):
    """One object for every point, on standard output."""

    def shown(self, row: Row) -> None:
        """The point."""
        say("point", number=row.point.number, state=row.state, computed=row.fresh, why=row.why)

    def told(self, sentence: str) -> None:
        """On standard error, where it is no object of a point."""
        click.echo(sentence, err=True)


class SweepLines(SilentSweep):
    """A line on standard error every ten seconds, when a point ends. Points that are remembered take no time."""

    def __init__(self, points: int) -> None:
        super().__init__(points)
        self._computed = 0
        self._began = self._spoken = time.monotonic()

    def shown(self, row: Row) -> None:
        """The line, when the time for it has come."""
        super().shown(row)
        self._computed += row.fresh
        now = time.monotonic()
        if now - self._spoken < LINE_EVERY_S or self._done == self._points:
            return
        self._spoken = now
        left_s = (now - self._began) / self._computed * (self._points - self._done) if self._computed else None
        failed = f", {self._failed} failed" if self._failed else ""
        left = "" if left_s is None else f", {span(left_s)} left"
        self.told(f"{self._done} of {self._points} points{failed}, {span(now - self._began)} gone{left}")

    def told(self, sentence: str) -> None:
        """As it is."""
        click.echo(sentence, err=True)


class SweepBar(SilentSweep):
    """A bar in the terminal, gone when the sweep has ended."""

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        columns = (MofNCompleteColumn(), TextColumn("points{task.description}"), BarColumn(30), TimeElapsedColumn())
        left = (TimeRemainingColumn(), TextColumn("left"))
        self._bar = Progress(*columns, *left, console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task("", total=self._points)
        self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.stop()

    def shown(self, row: Row) -> None:
        """One point further."""
        super().shown(row)
        self._bar.update(self._task, advance=1, description=f", {self._failed} failed" if self._failed else "")

    def told(self, sentence: str) -> None:
        """Above the bar."""
        self._bar.console.print(sentence, markup=False, highlight=False)


def sweep_view(points: int, *, quiet: bool, json_lines: bool) -> SilentSweep:
    """What is fitting, as for `tdscen run`."""
    if quiet:
        return SilentSweep(points)
    if json_lines:
        return SweepJson(points)
    return SweepBar(points) if sys.stderr.isatty() else SweepLines(points)
