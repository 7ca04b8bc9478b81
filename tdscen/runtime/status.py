"""How a run ends, for the shell."""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """Exit status of `tdscen run` and of a run's `broker.py`; 1 and 2 are the compiler's."""

    COMPLETE = 0
    BAD_INPUT = 1
    USAGE = 2
    FEDERATE_FAILED = 3
    REQUIREMENT_VIOLATED = 4
    NOT_STARTED = 5
    INTERRUPTED = 130
