"""Nothing survives its launcher, and federates do not survive their broker."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tdscen.runtime import locks

LOOK_EVERY_S = 0.2
_PR_SET_PDEATHSIG = 1

LAUNCHER = "TDSCEN_LAUNCHER"
"""Environment variable in which a launcher of ours says its process id."""


def die_with_parent(number: signal.Signals = signal.SIGKILL) -> None:
    """Have this process get signal `number` when the process that started it ends, however it ends.

    The kernel does it on Linux; elsewhere a thread looks for the parent. A parent that has ended before this is called
    is noticed too: by what it said of itself (`LAUNCHER`), or because this process belongs to nobody any more.
    """
    parent = int(os.environ.get(LAUNCHER) or os.getppid())
    if os.getppid() != parent or _orphaned():
        os.kill(os.getpid(), number)
    if sys.platform == "linux":
        import ctypes

        if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(number)) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
        if os.getppid() != parent:  # it ended in between
            os.kill(os.getpid(), number)
    else:
        threading.Thread(target=_watch_parent, args=(parent, number), name="lifeline", daemon=True).start()


def _orphaned() -> bool:
    """Whether this process fell to the first process of the system, which has not launched it.

    In a container `helics run` may be the first process itself.
    """
    if os.getppid() != 1:
        return False
    try:
        first = Path("/proc/1/cmdline").read_bytes()
    except OSError:
        return False
    return b"helics" not in first and b"python" not in first and b"sh" not in first.split(b"\0")[0]


def _watch_parent(parent: int, number: signal.Signals) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_S)
    os.kill(os.getpid(), number)


def when_released(path: Path, action: Callable[[], None]) -> None:
    """Call `action` in a thread of its own as soon as nobody holds the lock of `path`."""

    def watch() -> None:
        locks.wait_released(path)
        action()

    threading.Thread(target=watch, name="lifeline", daemon=True).start()


def when_silent(path: Path, silent_s: float, action: Callable[[float], None]) -> None:
    """Call `action` with the time in s, in a thread of its own, when nobody has touched `path` for `silent_s`.

    Judged by the clock of this process: one that was stopped together with the other does not blame it.
    """

    def watch() -> None:
        touched, since = 0, time.monotonic()
        look_every_s = min(1.0, silent_s / 10)
        while True:
            before, seen = time.monotonic(), path.stat().st_mtime_ns
            if seen != touched:
                touched, since = seen, before
            elif before - since > silent_s:
                action(before - since)
                return
            time.sleep(look_every_s)
            if time.monotonic() - before > 2 * look_every_s + 1.0:  # this process was stopped itself
                since = time.monotonic()

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
