"""Runs that are killed on their way, all processes at once, and taken up again."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

from federations import until

from tdscen.runtime.launch import Launch
from tdscen.runtime.progress import progress


def whole(study: Path) -> Path:
    """A run that nobody interrupts."""
    with Launch(study) as launch:
        assert launch.finish() in (0, 4), launch.said()
        assert launch.run is not None
        return launch.run


def killed(study: Path, at_s: float, resume: Path | None = None) -> Path:
    """A run (or `resume`, taken up again) whose processes all get SIGKILL when every federate has reached `at_s`."""
    with Launch(study, resume) as launch:

        def reached() -> Path | None:
            run = launch.run
            there = run and all(f.time_s is not None and f.time_s >= at_s for f in progress(run))
            return run if there else None

        run: Path = until(reached, f"t = {at_s} s")
        for process in launch._processes.values():
            process.send_signal(signal.SIGSTOP)  # else the last ones may write down that the first are gone
        for process in launch._processes.values():
            process.kill()
    return run


def resumed(study: Path, run: Path) -> dict[str, Any]:
    """Take the run up again to its end; its record."""
    with Launch(study, run) as launch:
        assert launch.finish() in (0, 4), launch.said()
        assert launch.run == run
    return info(run)


def info(run: Path) -> dict[str, Any]:
    """`run.json`."""
    found: dict[str, Any] = json.loads((run / "run.json").read_text())
    return found


def journals(run: Path) -> dict[str, bytes]:
    """Every file that a run's federates have written row by row."""
    return {path.name: path.read_bytes() for path in sorted((run / "journal").iterdir())}
