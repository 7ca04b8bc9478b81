"""Judging the federates of a run from their heartbeats: is all well, is it over, who failed first?"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tdscen.runtime import folder, heartbeat, locks
from tdscen.runtime.heartbeat import Heartbeat
from tdscen.runtime.status import ExitStatus

JOIN_S = 60.0
"""A federate that has not joined by then will not."""

_LOOK_FOR_DEAD_AFTER_S = 0.5


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run ends early: one sentence, the federate that is to blame and the time it had reached."""

    cause: str
    federate: str | None
    at_s: float | None
    status: ExitStatus = ExitStatus.FEDERATE_FAILED


class Watch:
    """Looks at the federates of one run."""

    def __init__(self, run: Path, federates: Sequence[str], timeout_s: float, join_s: float = JOIN_S) -> None:
        """`timeout_s`: for how long nobody may make progress."""
        self.beats: dict[str, Heartbeat] = {}
        self._files = {name: folder.status_file(run, name) for name in federates}
        self._timeout_s, self._join_s = timeout_s, join_s
        self._began = self._progress_at = time.monotonic()

    @property
    def finished(self) -> bool:
        """All federates have done all steps."""
        return len(self.beats) == len(self._files) and all(b.state == "finished" for b in self.beats.values())

    @property
    def reached_s(self) -> float | None:
        """The time that every federate has reached."""
        times = [beat.time_s for beat in self.beats.values() if beat.time_s is not None]
        return min(times) if len(times) == len(self._files) else None

    def look(self) -> Failure | None:
        """Read all heartbeats; the first failure if there is one."""
        before = {name: replace(beat, wall_s=0.0) for name, beat in self.beats.items()}
        held = {name: locks.is_held(path) for name, path in self._files.items()}
        for name, path in self._files.items():
            beat = heartbeat.read(path)
            if beat is not None:
                self.beats[name] = beat
        if before != {name: replace(beat, wall_s=0.0) for name, beat in self.beats.items()}:
            self._progress_at = time.monotonic()
        # One that vanished comes before one that complains: the complaint may be about the loss.
        gone = (_gone(beat) for name, beat in self.beats.items() if not held[name] and not beat.ended)
        failed = (_failed(beat) for beat in self.beats.values() if beat.state == "failed")
        return next(gone, None) or next(failed, None) or self._absent() or self._stalled()

    def kill(self) -> None:
        """End every federate that still works. Only holders of a lock are killed: a process id may be used again."""
        for name, path in self._files.items():
            beat = self.beats.get(name)
            if beat is not None and not beat.ended and locks.is_held(path):
                os.kill(beat.pid, signal.SIGKILL)

    def _absent(self) -> Failure | None:
        missing = [name for name in self._files if name not in self.beats]
        waited_s = time.monotonic() - self._began
        if not missing or waited_s < _LOOK_FOR_DEAD_AFTER_S:
            return None
        dead = _dead_siblings(missing, {beat.pid for beat in self.beats.values()})
        if dead:
            name = dead[0]
            return Failure(f"{name} ended before it joined the run: see {name}.log", name, None, ExitStatus.NOT_STARTED)
        if waited_s > self._join_s:
            return Failure(
                f"{missing[0]} has not joined the run within {self._join_s:g} s: see {missing[0]}.log",
                missing[0],
                None,
                ExitStatus.NOT_STARTED,
            )
        return None

    def _stalled(self) -> Failure | None:
        waited_s = time.monotonic() - self._progress_at
        if waited_s < self._timeout_s or len(self.beats) < len(self._files):
            return None
        busy = [beat for beat in self.beats.values() if not beat.waiting and not beat.ended]
        if not busy:
            return Failure(f"every federate has waited for the others for {waited_s:.0f} s", None, self.reached_s)
        return Failure(
            f"{busy[0].name} has not answered for {waited_s:.0f} s {_at(busy[0])} (federation.timeout)",
            busy[0].name,
            busy[0].time_s,
        )


def _gone(beat: Heartbeat) -> Failure:
    return Failure(f"{beat.name} was killed (no last words) {_at(beat)}", beat.name, beat.time_s)


def _failed(beat: Heartbeat) -> Failure:
    return Failure(f"{beat.name} failed {_at(beat)}: {beat.cause}", beat.name, beat.time_s)


def _at(beat: Heartbeat) -> str:
    return "before t = 0" if beat.time_s is None else f"at t = {beat.time_s:g} s"


def _dead_siblings(missing: Sequence[str], joined: set[int]) -> list[str]:
    """Those of `missing` whose process is over, though the launcher started it and has not looked at it yet."""
    import psutil

    try:
        siblings = psutil.Process(os.getppid()).children()
        zombies = [p for p in siblings if p.status() == psutil.STATUS_ZOMBIE and p.pid not in joined]
        alive = {Path(word).name for p in siblings if p not in zombies for word in p.cmdline()}
    except psutil.Error:  # a process that ends while it is looked at: the next look will tell
        return []
    return [name for name in missing if f"{name}.py" not in alive] if zombies else []
