"""Running one point in its folder, in whatever process that is, and what is remembered of it there.

A point's folder is a generated folder with a run in it. `point.json` is written when the point is done, in one step: it
is there completely or not at all, so that a point that was interrupted by anything begins anew, and no other does.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tdscen import codec
from tdscen.results.errors import ResultsError
from tdscen.results.run import open_run
from tdscen.runtime.errors import NotStarted
from tdscen.runtime.folder import RUNS, replace_text
from tdscen.runtime.record import close_abandoned
from tdscen.runtime.warm import Warm, WarmLaunch
from tdscen.studies.measures import Figure, measures

DONE = "point.json"
FORMAT = 1
LOOK_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a point. `reason`: why there are no figures. `run`: its folder, below the point's."""

    reason: str | None
    run: str | None
    wall_s: float
    measures: tuple[tuple[str, Figure], ...] = ()
    format: int = FORMAT


def remembered(folder: Path) -> Done | None:
    """What stands in a point's folder, None where the point is not done (or was by another version)."""
    try:
        data: Any = json.loads((folder / DONE).read_text(encoding="utf-8"))
        found = codec.decode(Done, data)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return found if found.format == FORMAT else None


def run_point(folder: Path, preload: Sequence[str]) -> Done:
    """Run the generated folder of a point and write down what came of it. An interrupt ends the run."""
    began = time.monotonic()
    shutil.rmtree(folder / RUNS, ignore_errors=True)  # of an attempt that was interrupted
    try:
        reason, run = _run(folder, preload)
        figures: dict[str, Figure] = {}
        if run is not None:
            opened = open_run(run)
            reason = opened.cause
            figures = measures(opened) if opened.complete else {}
    except (NotStarted, ResultsError, OSError) as error:
        reason, run, figures = str(error), None, {}
    name = run.relative_to(folder).as_posix() if run is not None else None
    done = Done(reason, name, round(time.monotonic() - began, 3), tuple(figures.items()))
    replace_text(folder / DONE, codec.dumps(done))
    return done


def _run(folder: Path, preload: Sequence[str]) -> tuple[str | None, Path | None]:
    """The run that was begun, or why none was."""
    with WarmLaunch(folder, _warm(tuple(preload))) as launch:
        try:
            while launch.poll() is None:
                time.sleep(LOOK_EVERY_S)
        except KeyboardInterrupt:
            launch.stop()
            raise
        status, run = launch.finish(), launch.run
        if run is None:
            last = (launch.said().strip() or "no message").splitlines()[-1]
            return f"the broker ended with status {status} before a run began: {last}", None
    close_abandoned(run)
    return None, run


_processes: dict[tuple[str, ...], Warm] = {}


def _warm(preload: tuple[str, ...]) -> Warm:
    """This process's own warm one, started when the first point is run; anew where it was killed."""
    warm = _processes.get(preload)
    if warm is not None and not warm.alive:
        cool()
        warm = None
    if warm is None:
        _processes[preload] = warm = Warm(preload)
        atexit.register(cool)
    return warm


def cool() -> None:
    """End the warm processes."""
    while _processes:
        with contextlib.suppress(NotStarted):
            _processes.popitem()[1].close()
