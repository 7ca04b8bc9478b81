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

TIME = "time_s"


class Journal:
    """Appends rows, each with one write(2): what a killed federate leaves are whole rows."""

    def __init__(self, run: Path, federate: str, columns: Sequence[str]) -> None:
        """Create the journal of `federate`; `columns` without the time, which always comes first."""
        self.columns = (TIME, *columns)
        if len(set(self.columns)) != len(self.columns):
            twice = next(name for name in self.columns if self.columns.count(name) > 1)
            raise RunError(f"{federate} records {twice} twice: two quantities of the scenario have one name")
        folder.replace_text(folder.journal_columns(run, federate), json.dumps({"columns": self.columns}))
        path = folder.journal_rows(run, federate)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self.rows = 0

    def append(self, time_s: float, values: NDArray[np.float64]) -> None:
        """Write the row of `time_s`; `values` in the columns' order. Raises `RunError` for a number that is none."""
        if values.shape != (len(self.columns) - 1,):
            raise RunError(f"{values.size} values for {len(self.columns) - 1} recorded quantities at t = {time_s:g} s")
        wrong = np.flatnonzero(~np.isfinite(values))
        if wrong.size:
            raise RunError(f"{self.columns[int(wrong[0]) + 1]} is no finite number at t = {time_s:g} s")
        row = np.concatenate(((time_s,), values)).astype("<f8", copy=False).tobytes()
        if os.write(self._file, row) != len(row):
            raise RunError(f"the journal could not be written at t = {time_s:g} s: is the disk full?")
        self.rows += 1

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
