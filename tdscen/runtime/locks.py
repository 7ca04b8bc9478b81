"""Locks that tell whether a process lives.

A federate holds an exclusive `flock` on its status file for its whole life. The kernel drops it however the process
ends, also by SIGKILL and also while it is still a zombie that its parent has not waited for.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

PATIENCE_S = 1.0
"""Those who are just looking (`is_held`) are gone within microseconds."""


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
