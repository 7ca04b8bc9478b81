"""What a federate says of itself while it lives, and what its wall time went into."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from tdscen.runtime.heartbeat import Heartbeat, HeartbeatFile, State

STARTED = time.perf_counter()

_STAGES = ("connect_s", "load_s", "equilibrium_s", "loop_s")


class Presence:
    """The heartbeat of a federate, which is written whenever it changes; its last one carries an account of its time.

    `recording_s`: spent on recording. `replayed_s`: on the part of a resumed run that was recorded before.
    """

    def __init__(self, name: str, path: Path, waited_s: Callable[[], float]) -> None:
        """`path`: where it is written. `waited_s`: how long the federate has waited for others since t = 0."""
        self.beat = Heartbeat(name, os.getpid(), "joined")
        self.recording_s = self.replayed_s = 0.0
        self._file = HeartbeatFile(path)
        self._waited_s = waited_s
        self._marks = [STARTED]
        self._beside_s = 0.0
        self._released: float | None = None
        self.say(waiting=True)

    @property
    def when(self) -> str:
        """The current time for a sentence."""
        return f"at t = {self.beat.time_s:g} s" if self.beat.time_s is not None else "before t = 0"

    @property
    def running(self) -> bool:
        """Whether the sides have agreed on t = 0."""
        return self.beat.state == "running"

    @property
    def stage_s(self) -> float:
        """Since the present stage began."""
        return time.perf_counter() - self._marks[-1]

    def say(
        self,
        *,
        waiting: bool,
        state: State | None = None,
        time_s: float | None = None,
        exchanges: int | None = None,
        cause: str | None = None,
    ) -> None:
        """Write the heartbeat with these changes."""
        beat = self.beat
        self.beat = replace(
            beat,
            state=state or beat.state,
            waiting=waiting,
            time_s=beat.time_s if time_s is None else time_s,
            exchanges=beat.exchanges if exchanges is None else exchanges,
            cause=cause,
            wall_s=time.perf_counter() - STARTED,
            timings=self._timings() if state in ("finished", "failed") else {},
        )
        self._file.write(self.beat)

    def enter(self, state: State, *, waiting: bool, time_s: float | None = None) -> None:
        """A stage is over, and the next one begins."""
        self._marks.append(time.perf_counter())
        self.say(state=state, waiting=waiting, time_s=time_s)

    def note(self, sentences: tuple[str, ...]) -> None:
        """Keep these for the last heartbeat."""
        self.beat = replace(self.beat, notes=(*self.beat.notes, *sentences))

    def released(self) -> None:
        """What follows is done beside the others, until `returned`."""
        self._released = time.perf_counter()

    def returned(self) -> None:
        """The others are waited for again."""
        if self._released is not None:
            self._beside_s += time.perf_counter() - self._released
            self._released = None

    def _timings(self) -> dict[str, float]:
        spans = np.diff([*self._marks, time.perf_counter()]).tolist()
        done = dict(zip(_STAGES, spans, strict=False))
        if "loop_s" in done:
            done |= {"waiting_s": self._waited_s(), "recording_s": self.recording_s, "beside_s": self._beside_s}
        if self.replayed_s:
            done |= {"loop_s": done["loop_s"] - self.replayed_s, "replay_s": self.replayed_s}
        return done
