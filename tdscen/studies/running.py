"""A sweep from its definition to its rows: what is remembered is taken, the rest is compiled and run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tdscen.compiler import Compiled
from tdscen.emit import WriteError, write
from tdscen.plan import Plan, Sweep
from tdscen.simulators.registry import simulator
from tdscen.studies.identity import identity
from tdscen.studies.point import DONE, Done, remembered
from tdscen.studies.points import Point, points

POINTS = "points"

CompilePoint = Callable[[Sequence[str]], Compiled]
"""Compiles the scenario with the values of a point, each `NAME=VALUE`."""

Execute = Callable[[Iterable[Path], Sequence[str]], Iterator[tuple[Path, Done]]]
"""Runs the points in these folders and says of each what came of it, in any order."""


@dataclass(frozen=True, slots=True)
class Row:
    """One point of the table. `key`: its folder below `points/`. `done` None: not run yet.

    `reason` is that of a point that does not compile, which has no folder.
    """

    point: Point
    key: str | None
    done: Done | None
    fresh: bool = False
    reason: str | None = None

    @property
    def state(self) -> str:
        """`complete`, `failed` or `waiting`."""
        if self.why is not None:
            return "failed"
        return "waiting" if self.done is None else "complete"

    @property
    def why(self) -> str | None:
        """Why a point failed."""
        return self.reason or (self.done.reason if self.done is not None else None)


Shown = Callable[[Row], None]


class Sweeping:
    """The points of one sweep of a scenario; `folder` is the place of all sweeps of the scenario."""

    def __init__(self, compile: CompilePoint, sweep: Sweep, folder: Path, *, retry: bool = False) -> None:
        """`retry`: points that have failed before are run again."""
        self.points = points(sweep)
        self.rows = [Row(point, None, None) for point in self.points]
        self._compile, self._folder, self._retry = compile, folder, retry

    def run(self, plan: Plan, execute: Execute, shown: Shown) -> None:
        """Bring every point to an end. After an interrupt, `rows` has what was done until then.

        Raises what `execute` raises, and `WriteError` where the folder cannot be written.
        """
        where: dict[Path, list[int]] = {}
        try:
            for folder, done in execute(self._due(where, shown), preload(plan)):
                for at in where[folder]:
                    self._set(Row(self.points[at], folder.name, done, fresh=True), shown)
        except KeyboardInterrupt:
            self._look_again(where, shown)
            raise

    def _look_again(self, where: dict[Path, list[int]], shown: Shown) -> None:
        """Take what workers had finished and written down, but nobody had heard of."""
        for folder, places in where.items():
            known = remembered(folder)
            for at in places:
                if known is not None and self.rows[at].done is None:
                    self._set(Row(self.points[at], folder.name, known, fresh=True), shown)

    def _due(self, where: dict[Path, list[int]], shown: Shown) -> Iterator[Path]:
        """Compile point after point, when the next one is wanted; those that have to be run."""
        for at, point in enumerate(self.points):
            found = self._compile(point.settings)
            plan = found.checked.plan
            if plan is None:
                errors = [d.message for d in found.checked.diagnostics if d.severity == "error"]
                reason = errors[0] if errors else "a model could not be looked at"
                self._set(Row(point, None, None, reason=f"it does not compile: {reason}"), shown)
                continue
            folder = self._folder / POINTS / identity(plan)
            known = remembered(folder)
            if known is not None and not (known.reason and self._retry):
                self._set(Row(point, folder.name, known), shown)
            elif folder in where:  # another point is the same computation
                where[folder].append(at)
                known = self._of(folder)
                if known is not None:
                    self._set(Row(point, folder.name, known, fresh=True), shown)
            else:
                where[folder] = [at]
                self.rows[at] = Row(point, folder.name, None)
                (folder / DONE).unlink(missing_ok=True)
                write(found.artifacts, folder, force=True)
                yield folder

    def _of(self, folder: Path) -> Done | None:
        return next((row.done for row in self.rows if row.key == folder.name and row.done is not None), None)

    def _set(self, row: Row, shown: Shown) -> None:
        self.rows[row.point.number - 1] = row
        shown(row)


def preload(plan: Plan) -> tuple[str, ...]:
    """What the processes of a plan's runs import, see `tdscen.runtime.warm`."""
    names = sorted({plan.transmission.simulator, *(distribution.simulator for distribution in plan.distributions)})
    known = [simulator(name) for name in names]
    return tuple(dict.fromkeys(name for one in known for name in (one.runtime.partition(":")[0], *one.warm)))


__all__ = ["Row", "Sweeping", "WriteError", "preload"]
