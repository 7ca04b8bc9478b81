"""What a federate hears of the others, kept so that an interrupted run can be told it again.

`journal/<federate>.heard`: a record a communication time, little-endian float64: the time, how many numbers follow, the
numbers in the order in which they were asked for. A record is written before the journal's row of its time, so a row
in the journal says that its record is there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tdscen.runtime.journal import write_whole
from tdscen.times import SAME_S

Floats = NDArray[np.float64]

_HEAD = 2
"""Numbers in front of a record: its time, its length."""


class Heard:
    """The writing side; what is added counts from `close_row` on."""

    def __init__(self, path: Path) -> None:
        """Open the file to append to it."""
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._numbers: list[float] = []

    def add(self, numbers: Sequence[float]) -> None:
        """Something was heard."""
        self._numbers += numbers

    def close_row(self, time_s: float) -> None:
        """What was added belongs to `time_s`. Raises `RunError` where it cannot be written."""
        record = np.array([time_s, len(self._numbers), *self._numbers], "<f8")
        write_whole(self._file, record.tobytes(), time_s)
        self._numbers.clear()

    def sync(self) -> None:
        """Have the disk hold all records."""
        os.fsync(self._file)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def records(path: Path) -> Iterator[Floats]:
    """The whole records of a file, each with its time and length in front; none where there is no file."""
    if not path.is_file() or path.stat().st_size < 8 * _HEAD:
        return
    numbers = np.memmap(path, "<f8", "r", shape=(path.stat().st_size // 8,))
    at = 0
    while at + _HEAD <= len(numbers):
        length = float(numbers[at + 1])
        if not 0 <= length <= len(numbers) - at - _HEAD:  # cut off, or what a loss of power has left
            return
        end = at + _HEAD + int(length)
        yield np.array(numbers[at:end])
        at = end


def count(path: Path, times_s: Sequence[float]) -> int:
    """How many whole records there are, as far as their times are those of the plan."""
    found = 0
    for record, time_s in zip(records(path), times_s, strict=False):
        if abs(record[0] - time_s) > SAME_S:
            break
        found += 1
    return found


def cut(path: Path, rows: int) -> None:
    """Cut the file behind so many records."""
    kept = sum(record.size for record, _ in zip(records(path), range(rows), strict=False))
    os.truncate(path, 8 * kept)
