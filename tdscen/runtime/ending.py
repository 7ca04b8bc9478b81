"""How a federate ends: once, with a word to the run and to the launcher about why."""

from __future__ import annotations

import os
import signal
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from tdscen.runtime import folder, heartbeat, locks, output, record
from tdscen.runtime.errors import RunError
from tdscen.runtime.output import Output
from tdscen.runtime.presence import Presence
from tdscen.runtime.status import ExitStatus

LINGER_S = 10.0
"""A failed federate stays until the broker has written down why, because `helics run` kills the broker a second
after it sees any process end with an error."""


class Ending:
    """The one end of a federate of a run; the threads that watch the broker may ask for it too."""

    def __init__(self, run: Path, presence: Presence, log: Output, keep: Callable[[], None]) -> None:
        """`keep` writes down what is kept beside the journal."""
        self._run, self._presence, self._log, self._keep = run, presence, log, keep
        self._name = presence.beat.name
        self._broker = folder.status_file(run, folder.BROKER)
        self._lock = threading.Lock()

    def finished(self) -> None:
        """All steps are done and written down."""
        with self._lock:
            self._presence.say(state="finished", waiting=False)

    def fail(self, error: BaseException) -> NoReturn:
        """Last words, for the run and for the launcher; then wait for the broker to have heard them."""
        with self._lock:
            cause = sentence(error)
            if not isinstance(error, RunError):
                self._log.log("".join(traceback.format_exception(error)))
            self._log.say(f"{self._name} failed {self._presence.when}: {cause}")
            with suppress(Exception):  # a simulator that failed may not be able to say more
                self._keep()
            self._presence.say(state="failed", waiting=False, cause=cause)
            listening = threading.Thread(target=locks.wait_released, args=(self._broker,), daemon=True)
            listening.start()
            listening.join(LINGER_S)
            if not listening.is_alive():  # it wrote the cause down, unless it was killed: then that is why this failed
                self._blame_broker(f"was killed (no last words) {self._presence.when}")
            _exit(ExitStatus.FEDERATE_FAILED)

    def broker_gone(self) -> None:
        """Called in a thread when the broker has ended; a federate that still works is then alone."""
        if self._lock.acquire(blocking=False) and self._presence.beat.state != "finished":
            self._stop(f"was killed (no last words) {self._presence.when}")
            _exit(ExitStatus.FEDERATE_FAILED)

    def broker_silent(self, waited_s: float) -> None:
        """Called in a thread when the broker lives and shows no sign of it: nobody would notice anything any more."""
        if self._lock.acquire(blocking=False) and self._presence.beat.state != "finished":
            self._stop(f"has shown no sign of life for {waited_s:.0f} s {self._presence.when}")
            broker = heartbeat.read(self._broker)
            if broker is not None and locks.is_held(self._broker):  # else another process may have its number by now
                os.kill(broker.pid, signal.SIGKILL)
            _exit(ExitStatus.FEDERATE_FAILED)

    def _stop(self, what: str) -> None:
        cause = self._blame_broker(what)
        self._log.say(f"{self._name} stopped: {cause}")

    def _blame_broker(self, what: str) -> str:
        cause = f"the broker of the run {what}"
        record.fail(self._run, cause, folder.BROKER, self._presence.beat.time_s)
        return cause


def sentence(error: BaseException) -> str:
    """tdscen's own errors are sentences; of others the kind matters too."""
    if isinstance(error, SystemExit):
        return f"its script called sys.exit({'' if error.code is None else repr(error.code)})"
    text = " ".join(str(error).split())
    return text if type(error).__module__.startswith("tdscen.") else f"{type(error).__name__}: {text}"


def _exit(status: int) -> NoReturn:
    """Leave at once: HELICS's own clean-up would wait for the others."""
    output.flush()
    os._exit(status)
