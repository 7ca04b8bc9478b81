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

PATIENT = 10.0
"""So many times as long as the slowest step so far may a step take, where that is more than the timeout."""

_LOOK_FOR_DEAD_AFTER_S = 0.1
"""Federates that have not joined by then are looked for among the launcher's processes."""

_ALL_STARTED_AFTER_S = 5.0
"""By then a launcher has started every process: one that is not there has ended, and the launcher has waited for it."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run ends early: one sentence, the federate that is to blame and the time it had reached."""

    cause: str
    federate: str | None
    at_s: float | None
    status: ExitStatus = ExitStatus.FEDERATE_FAILED
    waiting: tuple[str, ...] = ()
    """The federates that were waiting for it, inside HELICS."""


class Watch:
    """Looks at the federates of one run."""

    def __init__(self, run: Path, federates: Sequence[str], timeout_s: float, join_s: float = JOIN_S) -> None:
        """`timeout_s`: for how long nobody may make progress; more where the study's own steps are long (`PATIENT`)."""
        self.beats: dict[str, Heartbeat] = {}
        self._files = {name: folder.status_file(run, name) for name in federates}
        self._timeout_s, self._join_s = timeout_s, join_s
        self._began = self._progress_at = time.monotonic()
        self._longest_s = 0.0

    @property
    def finished(self) -> bool:
        """All federates have done all steps."""
        return len(self.beats) == len(self._files) and all(b.state == "finished" for b in self.beats.values())

    @property
    def under_way(self) -> bool:
        """All federates have loaded their models."""
        loaded = ("equilibrium", "running", "finished")
        return len(self.beats) == len(self._files) and all(b.state in loaded for b in self.beats.values())

    @property
    def reached_s(self) -> float | None:
        """The time that every federate has reached."""
        times = [beat.time_s for beat in self.beats.values() if beat.time_s is not None]
        return min(times) if len(times) == len(self._files) else None

    def look(self) -> Failure | None:
        """Read all heartbeats; the first failure if there is one."""
        before = {name: replace(beat, wall_s=0.0) for name, beat in self.beats.items()}
        gone = []
        for name, path in self._files.items():
            beat, is_gone = heartbeat.look(path)
            if beat is not None:
                self.beats[name] = beat
                gone += [_gone(beat)] if is_gone else []
        if before != {name: replace(beat, wall_s=0.0) for name, beat in self.beats.items()}:
            now = time.monotonic()
            if all(beat.state == "running" for beat in before.values()):
                self._longest_s = max(self._longest_s, now - self._progress_at)
            self._progress_at = now
        failed = [_failed(beat) for beat in self.beats.values() if beat.state == "failed"]
        # One that never joined comes first, because the launcher kills the others for it; one that vanished comes
        # before one that complains, because the complaint may be about the loss.
        found = [*self._absent(others_gone=bool(gone)), *gone, *failed, *self._stalled()]
        return replace(found[0], waiting=self._waiting(found[0].federate)) if found else None

    def kill(self) -> None:
        """End every federate that still works. Only holders of a lock are killed: a process id may be used again."""
        for name, path in self._files.items():
            beat = self.beats.get(name)
            if beat is not None and not beat.ended and locks.is_held(path):
                os.kill(beat.pid, signal.SIGKILL)

    def _absent(self, *, others_gone: bool) -> list[Failure]:
        missing = [name for name in self._files if name not in self.beats]
        waited_s = time.monotonic() - self._began
        if not missing or waited_s < _LOOK_FOR_DEAD_AFTER_S:
            return []
        late = waited_s > _ALL_STARTED_AFTER_S
        dead = _without_process(missing, {beat.pid for beat in self.beats.values()}, sure=others_gone or late)
        if dead:
            what = "ended before it joined the run"
        elif waited_s > self._join_s:
            what = f"has not joined the run within {self._join_s:g} s"
        else:
            return []
        name = (dead or missing)[0]
        return [Failure(f"{name} {what}: see {name}.log", name, None, ExitStatus.NOT_STARTED)]

    def _stalled(self) -> list[Failure]:
        """Nobody has made progress for the timeout, or for `PATIENT` times the run's slowest step so far."""
        waited_s = time.monotonic() - self._progress_at
        if waited_s < max(self._timeout_s, PATIENT * self._longest_s) or len(self.beats) < len(self._files):
            return []
        busy = [beat for beat in self.beats.values() if not beat.waiting and not beat.ended]
        if not busy:
            what = f"every federate has waited for the others for {waited_s:.0f} s"
            return [Failure(what, None, self.reached_s)]
        what = f"{busy[0].name} has not answered for {waited_s:.0f} s {_at(busy[0])} (federation.timeout)"
        return [Failure(what, busy[0].name, busy[0].time_s)]

    def _waiting(self, federate: str | None) -> tuple[str, ...]:
        """Who was waiting, inside HELICS, when `federate` failed."""
        return tuple(name for name, beat in self.beats.items() if beat.waiting and not beat.ended and name != federate)


def _gone(beat: Heartbeat) -> Failure:
    return Failure(f"{beat.name} was killed (no last words) {_at(beat)}", beat.name, beat.time_s)


def _failed(beat: Heartbeat) -> Failure:
    return Failure(f"{beat.name} failed {_at(beat)}: {beat.cause}", beat.name, beat.time_s)


def _at(beat: Heartbeat) -> str:
    return "before t = 0" if beat.time_s is None else f"at t = {beat.time_s:g} s"


def _without_process(missing: Sequence[str], joined: set[int], *, sure: bool) -> list[str]:
    """Those of `missing` that the launcher started and whose process is over.

    Seen by a process that the launcher has not waited for yet, unless it is `sure` that something has ended.
    """
    import psutil

    try:
        siblings = psutil.Process(os.getppid()).children()
        ended = [p for p in siblings if p.status() == psutil.STATUS_ZOMBIE]
        alive = {Path(word).name for p in siblings if p not in ended for word in p.cmdline()}
    except psutil.Error:  # a process that ends while it is looked at: the next look will tell
        return []
    if "broker.py" not in alive:  # they are forked from a process that keeps its own command line
        return []
    if not sure and all(p.pid in joined for p in ended):
        return []
    return [name for name in missing if f"{name}.py" not in alive]
