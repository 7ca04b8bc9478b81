"""What `tdscen run` says while a run goes on: a table in a terminal, a line now and then elsewhere, JSON, nothing."""

from __future__ import annotations

import json
import math
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

import click

from tdscen.runtime.folder import PLAN
from tdscen.runtime.progress import FederateProgress, progress

if TYPE_CHECKING:
    from rich.table import Table

WINDOW_S = 10.0
"""The pace is that of so many seconds of wall time."""
DRAW_EVERY_S = 0.12
LINE_EVERY_S = 10.0
JSON_EVERY_S = 1.0
ROWS = 12
"""So many federates are shown; of more, those that are behind the others."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A run at one moment. `time_s`: of the federate that is furthest behind. None: not to be said yet."""

    stop_s: float
    wall_s: float
    time_s: float
    wall_s_per_s: float | None
    left_s: float | None
    federates: tuple[FederateProgress, ...]


class Clock:
    """Wall time, simulated time, and from both the pace and the time left."""

    def __init__(self, stop_s: float) -> None:
        self._stop_s = stop_s
        self._began = time.monotonic()
        self._seen: deque[tuple[float, float]] = deque()

    def look(self, federates: Sequence[FederateProgress]) -> Reached:
        """Where the run is now."""
        return self.at(time.monotonic() - self._began, federates)

    def at(self, wall_s: float, federates: Sequence[FederateProgress]) -> Reached:
        """The same at a wall time since the start."""
        time_s = max(min((f.time_s or 0.0 for f in federates), default=0.0), 0.0)
        started = bool(federates) and all(f.time_s is not None for f in federates)
        if started:
            self._seen.append((wall_s, time_s))
        while len(self._seen) > 2 and self._seen[0][0] < wall_s - WINDOW_S:
            self._seen.popleft()
        pace = None
        if started and time_s > self._seen[0][1]:
            pace = (wall_s - self._seen[0][0]) / (time_s - self._seen[0][1])
        left = None if pace is None else pace * max(self._stop_s - time_s, 0.0)
        return Reached(self._stop_s, wall_s, time_s, pace, left, tuple(federates))


class View(Protocol):
    """Shows a run while it is going on; looked at many times a second."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...
    def look(self, run: Path) -> None:
        """Show it, if it is time to."""
        ...


class Silent:
    """Shows nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        return

    def look(self, run: Path) -> None:
        """Nothing."""


class _Timed(Silent):
    """Reads the run now and then; the stop time comes from its plan."""

    every_s = 1.0

    def __init__(self) -> None:
        self._next = 0.0
        self._clock: Clock | None = None

    def look(self, run: Path) -> None:
        """Show the run when the time for it has come."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + self.every_s
        if self._clock is None:
            plan = json.loads((run / PLAN).read_text(encoding="utf-8"))
            self._clock = Clock(float(plan["simulation"]["stop_s"]))
            self.begin(run, self._clock)
        self.show(run, self._clock.look(progress(run)))

    def begin(self, run: Path, clock: Clock) -> None:
        """The run is there."""

    def show(self, run: Path, reached: Reached) -> None:
        """Show it."""
        raise NotImplementedError


class Lines(_Timed):
    """A line on standard error every ten seconds: logs of batch systems and CI. Short runs have none.

    Looks more often, so that the first line has a pace, though starting takes a part of its ten seconds.
    """

    def begin(self, run: Path, clock: Clock) -> None:
        """The first line comes after the first ten seconds."""
        self._due_s = LINE_EVERY_S

    def show(self, run: Path, reached: Reached) -> None:
        """One line, when the time for it has come."""
        if reached.wall_s < self._due_s:
            return
        self._due_s = reached.wall_s + LINE_EVERY_S
        pace = "" if reached.wall_s_per_s is None else f", {reached.wall_s_per_s:.3g} s of wall time a simulated second"
        left = "" if reached.left_s is None else f", {span(reached.left_s)} left"
        click.echo(f"run {run.name}: t = {reached.time_s:g} of {reached.stop_s:g} s{pace}{left}", err=True)


class JsonLines(_Timed):
    """One JSON object a line on standard output, at most one a second (`docs/results.md` has the fields)."""

    every_s = JSON_EVERY_S

    def begin(self, run: Path, clock: Clock) -> None:
        """The run began."""
        names = [federate.name for federate in progress(run)]
        say("started", run=run.as_posix(), stop_s=clock.look(()).stop_s, federates=names)

    def show(self, run: Path, reached: Reached) -> None:
        """Where it is."""
        federates = [
            {"name": f.name, "state": f.state, "time_s": f.time_s, "exchanges": f.exchanges, "waiting": f.waiting}
            for f in reached.federates
        ]
        numbers = {"wall_s": rounded(reached.wall_s), "time_s": reached.time_s, "stop_s": reached.stop_s}
        paces = {"wall_s_per_s": rounded(reached.wall_s_per_s), "left_s": rounded(reached.left_s)}
        say("progress", **numbers, **paces, federates=federates)


def say(event: str, **fields: Any) -> None:
    """Print one object of the JSON-lines mode."""
    click.echo(json.dumps({"event": event, **fields}, ensure_ascii=False, allow_nan=False))


def rounded(value: float | None) -> float | None:
    """For programs that read progress: six digits; nothing where it is no number."""
    return float(f"{value:.6g}") if value is not None and math.isfinite(value) else None


class Drawn(_Timed):
    """A table in the terminal, drawn over itself, gone when the run has ended."""

    every_s = DRAW_EVERY_S

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.live import Live

        self._live = Live(console=Console(stderr=True), transient=True, auto_refresh=False)
        self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._live.stop()

    def show(self, run: Path, reached: Reached) -> None:
        """Draw it."""
        self._live.update(table(reached), refresh=True)


def table(reached: Reached) -> Table:
    """A line for each federate, those furthest behind where there are many; below, pace and time left."""
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    shown = sorted(reached.federates, key=lambda f: f.time_s or 0.0)[:ROWS]
    drawn = Table.grid(padding=(0, 2))
    for federate in (f for f in reached.federates if f in shown):
        at_s = max(federate.time_s or 0.0, 0.0)
        drawn.add_row(
            Text(federate.name),
            "waiting" if federate.waiting and federate.state == "running" else federate.state,
            ProgressBar(total=reached.stop_s, completed=at_s, width=30),
            f"{at_s:g} of {reached.stop_s:g} s",
            f"{federate.exchanges} exchanges",
        )
    further = len(reached.federates) - len(shown)
    pace = "" if reached.wall_s_per_s is None else f"{reached.wall_s_per_s:.3g} s a simulated second"
    left = "" if reached.left_s is None else f"{span(reached.left_s)} left"
    more = f"{further} more" if further > 0 else ""
    drawn.add_row(more, f"{reached.wall_s:.0f} s", Text(pace, style="dim"), Text(left, style="dim"), "")
    return drawn


def span(seconds: float) -> str:
    """`45 s`, `3 min 20 s`, `2 h 05 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def view(*, quiet: bool, json_lines: bool) -> View:
    """What is fitting: where standard error is a terminal a table, else lines."""
    import sys

    if quiet:
        return Silent()
    if json_lines:
        return JsonLines()
    return Drawn() if sys.stderr.isatty() else Lines()
