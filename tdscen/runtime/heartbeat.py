"""What a federate says of itself while it lives: `status/<federate>.json`, rewritten in place, locked for its life."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from tdscen import codec
from tdscen.runtime import locks

ROOM = 1024
"""A file is so long from its first word on: where a disk is full, last words still replace what stands there."""

State = Literal["joined", "loading", "equilibrium", "running", "finished", "failed"]


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A federate's state. `waiting`: it is inside HELICS, waiting for another one. `time_s` None: before t = 0.

    `cause` is its own sentence where it failed, `timings` and `notes` are there from its end on.
    """

    name: str
    pid: int
    state: State
    waiting: bool = False
    time_s: float | None = None
    exchanges: int = 0
    wall_s: float = 0.0
    cause: str | None = None
    timings: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def ended(self) -> bool:
        """It has said its last word."""
        return self.state in ("finished", "failed")


_FIELDS = tuple(field.name for field in fields(Heartbeat))


class HeartbeatFile:
    """The writing side; the lock is held until `close` or the end of the process."""

    def __init__(self, path: Path) -> None:
        """Create and lock the file; what an interrupted run has left in it goes."""
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        locks.hold(self._file)
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, b" " * ROOM, 0)
        self._width = ROOM

    def write(self, beat: Heartbeat) -> None:
        """Replace what stands there; padded, so that an earlier, longer text leaves nothing behind."""
        text = json.dumps({name: getattr(beat, name) for name in _FIELDS}, allow_nan=False).encode()
        self._width = max(self._width, len(text))
        if not self._put(text.ljust(self._width)):
            # No room on the disk: what matters fits into the room that was taken at the start.
            short = replace(beat, notes=(), timings={}, cause=(beat.cause or "")[:500] or None)
            text = json.dumps({name: getattr(short, name) for name in _FIELDS}, allow_nan=False).encode()
            self._put(text.ljust(ROOM))
            os.ftruncate(self._file, max(ROOM, len(text)))

    def _put(self, text: bytes) -> bool:
        """Whether the file now holds it."""
        try:
            return os.pwrite(self._file, text, 0) == len(text)
        except OSError:
            return False

    def touch(self) -> None:
        """A sign of life without any news."""
        os.utime(self._file)

    def close(self) -> None:
        """Let go of the lock."""
        os.close(self._file)


def read(path: Path) -> Heartbeat | None:
    """The last state written, None where there is none (yet, or it is being written this instant)."""
    try:
        data: Any = json.loads(path.read_bytes())
    except (FileNotFoundError, json.JSONDecodeError, UnicodeDecodeError):
        return None
    return codec.decode(Heartbeat, data)


def look(path: Path) -> tuple[Heartbeat | None, bool]:
    """The last state written, and whether its writer is gone without a last word."""
    beat = read(path)
    if beat is None or beat.ended or locks.is_held(path):
        return beat, False
    beat = read(path) or beat  # it may have said its last word between the two looks; now nothing changes any more
    return beat, not beat.ended
