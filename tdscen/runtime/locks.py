"""Locks that tell whether a process lives, and those by which a folder is not compiled while a run reads it.

A federate holds an exclusive `flock` on its status file for its whole life. The kernel drops it however the process
ends, also by SIGKILL and also while it is still a zombie that its parent has not waited for.

A generated folder is locked itself, without a file: shared by the runs that start in it, until their federates have
loaded what they need of it; by one compilation alone while it replaces files. Network file systems that lock no folders
(NFS) do without: there, do not compile a folder in the instant in which it is started.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 1.0
"""Those who are just looking (`is_held`) are gone within microseconds."""

STARTING_S = 60.0
"""How long a compilation waits for the runs that are starting in its folder."""

LOOK_EVERY_S = 0.02


def hold(file: int) -> None:
    """Take the lock of an open file. Raises `OSError` where another process holds it."""
    give_up = time.monotonic() + PATIENCE_S
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if time.monotonic() > give_up:
                raise OSError(error.errno, "another process holds the lock: it works on this run") from None
            time.sleep(0.001)


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock of `path`; False where there is no such file."""
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def wait_released(path: Path) -> None:
    """Sleep in the kernel until nobody holds the lock of `path`; wakes within a millisecond."""
    file = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(file, fcntl.LOCK_SH)
    finally:
        os.close(file)


class Reading:
    """A generated folder is read: it is not changed until `end`, or until this process ends."""

    def __init__(self, generated: Path) -> None:
        """Wait for a compilation that is replacing files (milliseconds). Raises `OSError` where there is no folder."""
        self._file: int | None = os.open(generated, os.O_RDONLY | os.O_DIRECTORY)
        _lock_folder(self._file, fcntl.LOCK_SH)

    def end(self) -> None:
        """Let others change it; once is enough."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


@contextmanager
def changing(generated: Path, patience_s: float = STARTING_S) -> Iterator[None]:
    """Nobody reads or changes the generated folder meanwhile.

    Raises `TimeoutError` when runs that are starting there take longer than `patience_s`.
    """
    file = os.open(generated, os.O_RDONLY | os.O_DIRECTORY)
    give_up = time.monotonic() + patience_s
    try:
        while not _lock_folder(file, fcntl.LOCK_EX | fcntl.LOCK_NB):
            if time.monotonic() > give_up:
                raise TimeoutError
            time.sleep(LOOK_EVERY_S)
        yield
    finally:
        os.close(file)


def _lock_folder(file: int, how: int) -> bool:
    """Whether the lock was taken, or there is none to take."""
    try:
        fcntl.flock(file, how)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in (errno.EBADF, errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL):
            raise
    return True
