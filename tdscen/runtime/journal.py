"""The journal of a federate: one row of float64 a communication step, in the file as soon as it is written."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tdscen.runtime import folder
from tdscen.runtime.errors import RunError
from tdscen.times import SAME_S

TIME = "time_s"


class Journal:
    """Appends rows, each with one write(2): what a killed federate leaves are whole rows."""

    def __init__(self, run: Path, federate: str, columns: Sequence[str], rows: int = 0) -> None:
        """Open the journal of `federate`; `columns` without the time, which always comes first.

        `rows`: how many a resumed run has already.
        """
        self.columns = (TIME, *columns)
        if len(set(self.columns)) != len(self.columns):
            twice = next(name for name in self.columns if self.columns.count(name) > 1)
            raise RunError(f"{federate} records {twice} twice: two quantities of the scenario have one name")
        folder.replace_text(folder.journal_columns(run, federate), json.dumps({"columns": self.columns}))
        path = folder.journal_rows(run, federate)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self.rows = rows

    def append(self, time_s: float, values: NDArray[np.float64]) -> None:
        """Write the row of `time_s`; `values` in the columns' order. Raises `RunError` for a number that is none."""
        if values.shape != (len(self.columns) - 1,):
            raise RunError(f"{values.size} values for {len(self.columns) - 1} recorded quantities at t = {time_s:g} s")
        wrong = np.flatnonzero(~np.isfinite(values))
        if wrong.size:
            raise RunError(f"{self.columns[int(wrong[0]) + 1]} is no finite number at t = {time_s:g} s")
        write_whole(self._file, np.concatenate(((time_s,), values)).astype("<f8", copy=False).tobytes(), time_s)
        self.rows += 1

    def sync(self) -> None:
        """Have the disk hold all rows: they then survive a loss of power too."""
        os.fsync(self._file)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def write_whole(file: int, row: bytes, time_s: float) -> None:
    """One write(2) of a row of `time_s`. Raises `RunError` where not all of it finds a place."""
    try:
        written = os.write(file, row)
    except OSError as error:
        why = error.strerror or str(error)
    else:
        why = "is the disk full?"
        if written == len(row):
            return
    raise RunError(f"the journal could not be written at t = {time_s:g} s: {why}")


def count(run: Path, federate: str, times_s: Sequence[float]) -> int:
    """How many whole rows there are, as far as their times are those of the plan; 0 where the columns are not known."""
    width = _width(run, federate)
    path = folder.journal_rows(run, federate)
    if not width or not path.is_file() or path.stat().st_size < 8 * width:
        return 0
    rows = min(path.stat().st_size // (8 * width), len(times_s))
    found_s = np.memmap(path, "<f8", "r", shape=(rows, width))[:, 0]
    wrong = np.flatnonzero(~(np.abs(found_s - np.array(times_s[:rows])) <= SAME_S))
    return int(wrong[0]) if wrong.size else rows


def cut(run: Path, federate: str, rows: int) -> None:
    """Cut a journal behind so many rows."""
    os.truncate(folder.journal_rows(run, federate), 8 * _width(run, federate) * rows)


def _width(run: Path, federate: str) -> int:
    """How many columns a journal has, 0 where that cannot be read."""
    try:
        return len(json.loads(folder.journal_columns(run, federate).read_text(encoding="utf-8"))["columns"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0
