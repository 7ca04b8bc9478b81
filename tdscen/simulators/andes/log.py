"""ANDES's own log lines: kept for our messages, never printed, never written to a file."""

from __future__ import annotations

import logging
import re


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        # On one line, and file names without folders: messages are the same on every machine.
        text = re.sub(r"(?:/[^\s\"'/]+)+/", "", " ".join(record.getMessage().split()))
        # Code made for another state of ANDES's models would give wrong numbers; ANDES only says so in passing.
        if record.levelno >= logging.WARNING or "is stale" in text:
            self.lines.append(text)
            del self.lines[:-50]


_collector = _Collector()


def collect() -> None:
    """Take ANDES's log lines from now on; forget those taken so far."""
    logger = logging.getLogger("andes")
    if _collector not in logger.handlers:
        logger.handlers[:] = [_collector]
        logger.setLevel(logging.INFO)
        logger.propagate = False
    _collector.lines.clear()


def collected() -> tuple[str, ...]:
    """Warnings and errors since `collect`, oldest first."""
    return tuple(_collector.lines)


def last(fallback: str = "no reason given") -> str:
    """The last warning or error since `collect`."""
    return _collector.lines[-1].rstrip(".") if _collector.lines else fallback
