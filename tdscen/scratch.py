"""Temporary folders that do not stay for ever, however the process ends that made them.

A process that is killed cannot clean up. So each folder is locked by its maker for as long as it lives, and whoever
makes the next one at the same place removes those whose maker is gone.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MARK = "tdscen-scratch-"
"""What the name of every such folder contains; eight letters, digits or underscores follow."""


@contextmanager
def scratch_folder(place: Path | None = None, prefix: str = "") -> Iterator[Path]:
    """A new folder below `place` (None: the system's temporary folder), gone afterwards. Raises `OSError`."""
    place = Path(tempfile.gettempdir()) if place is None else place
    _sweep(place, prefix)
    folder, lock = _make(place, prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def _make(place: Path, prefix: str) -> tuple[Path, int | None]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=f"{prefix}{MARK}", dir=place))
        lock = _locked(folder)
        if folder.is_dir():  # else another process took it for a remnant before it was locked
            return folder, lock
        if lock is not None:
            os.close(lock)


def _sweep(place: Path, prefix: str) -> None:
    """Remove what makers that are gone have left."""
    ours = re.compile(re.escape(f"{prefix}{MARK}") + "[a-z0-9_]{8}")
    with os.scandir(place) as entries:
        found = [Path(e.path) for e in entries if ours.fullmatch(e.name) and e.is_dir(follow_symlinks=False)]
    for folder in found:
        lock = _locked(folder, wait=False)
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _locked(folder: Path, *, wait: bool = True) -> int | None:
    """The locked folder's descriptor; None where it is gone, somebody else's, or on a disk that locks no folders."""
    try:
        file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        if os.fstat(file).st_uid == os.getuid():
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            return file
    except OSError:
        pass
    os.close(file)
    return None
