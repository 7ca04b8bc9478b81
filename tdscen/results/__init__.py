"""Reading runs: `open_run` for the user, `finish` for the end of a run.

The package itself is light: pandas, pyarrow and matplotlib are imported by the modules that need them, and those are
imported when a function is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tdscen.results.run import Run
    from tdscen.runtime.status import ExitStatus

__all__ = ["finish", "open_run"]


def open_run(path: str | Path) -> Run:
    """Open a run: a run's folder, or a generated folder (its latest run).

    Raises `RunNotFound` where there is none, `RunDamaged` where what is there contradicts itself.
    """
    from tdscen.results.run import open_run as open_

    return open_(path)


def finish(run_folder: Path) -> ExitStatus:
    """Close a run that has ended: journals to `results.parquet`, requirements judged, `run.json` completed.

    Works for failed runs too, and may be called again. Returns the status with which the run has to exit.
    Raises `RunNotFound` where `run_folder` holds no run.
    """
    from tdscen.results.finishing import finish as finish_

    return finish_(run_folder)
