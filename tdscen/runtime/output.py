"""Where a process of a run prints: everything into the run's own log, the words that matter to its launcher too.

`helics run` keeps one `NAME.log` beside the runner file and shows its last lines when something fails; it is
overwritten by the next run. The log in the run's folder is the lasting one.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path


class Output:
    """Standard output and error of this process, moved to a log file at the level of file descriptors.

    At that level because simulators and HELICS print from C.
    """

    def __init__(self, log: Path) -> None:
        """Move both streams to `log`."""
        sys.stdout.flush()
        sys.stderr.flush()
        self._launcher = os.dup(1)
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(file, 1)
        os.dup2(file, 2)
        os.close(file)
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]

    def say(self, text: str) -> None:
        """Print `text` to the log and to whoever launched this process."""
        self.log(text)
        with_newline = f"{text}\n".encode(errors="backslashreplace")
        try:
            os.write(self._launcher, with_newline)
        except OSError:  # the launcher has closed its end; the log has the text
            return

    @staticmethod
    def log(text: str) -> None:
        """Print `text` to the log; on a full disk it is lost, which ends nothing."""
        with suppress(OSError):
            print(text, flush=True)


def flush() -> None:
    """Hand on what was printed; on a full disk it is lost, which ends nothing."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
