"""Reading files that somebody else has written: plain files of a bounded size, and nothing else.

A name in a scenario or in a model may lead to a device, a pipe or a file of many gigabytes; none of them is read.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

MB = 2**20
SCENARIO_MB = 2
"""A scenario or an include: 5,000 interfaces written one by one take 0.8 MB."""

TABLE_MB = 64
"""A CSV file: a year of minutes takes 12 MB."""

MODEL_MB = 256
"""A file of a model, and all files of a model together: the largest case that ANDES ships has 4 MB."""


class UnreadableError(OSError):
    """A file that is there and is not read; `strerror` says why."""


def read_plain(path: Path, most_mb: int) -> bytes:
    """The bytes of a plain file of at most `most_mb`. Raises `OSError` for what is not there, no file, or larger."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise UnreadableError(0, "it is a folder", str(path))
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError(0, "it is no plain file (a device or a pipe)", str(path))
        found = b"" if status.st_size > most_mb * MB else file.read(most_mb * MB + 1)
    if status.st_size > most_mb * MB or len(found) > most_mb * MB:
        raise UnreadableError(0, f"it has more than {most_mb} MB", str(path))
    return found
