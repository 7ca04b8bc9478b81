"""Running variants, at most two at a time, each in a generated folder of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tdscen.emit import emit, write
from tdscen.results.errors import ResultsError
from tdscen.results.run import Run, open_run
from tdscen.runtime.launch import Launch
from tdscen.runtime.progress import progress
from tdscen.runtime.record import close_abandoned
from tdscen.verify.variants import Variant

AT_ONCE = 2
"""Each run is several processes that wait for each other: more runs only take turns."""

LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Done:
    """A variant that was run: its run where it is complete, else why there is none."""

    variant: Variant
    run: Run | None
    failure: str | None


Shown = Callable[[Variant, float], None]
"""Is told how far each variant has come, in simulated seconds."""


def run_all(variants: Sequence[Variant], models: Mapping[str, bytes], folder: Path, shown: Shown) -> tuple[Done, ...]:
    """Run all of them in folders below `folder`; one that fails does not stop the others.

    Raises `NotStarted` where no process can be started. An interrupt ends what runs.
    """
    waiting, going, done = list(variants), list[_Going](), dict[str, Done]()
    with ExitStack() as launches:
        try:
            while waiting or going:
                while waiting and len(going) < AT_ONCE:
                    going.append(_Going(waiting.pop(0), models, folder, launches))
                time.sleep(LOOK_EVERY_S)
                for one in going:
                    shown(one.variant, one.reached_s())
                ended = [one for one in going if one.ended]
                going = [one for one in going if one not in ended]
                done |= {one.variant.name: one.close() for one in ended}
        except KeyboardInterrupt:
            for one in going:
                one.stop()
            raise
    return tuple(done[variant.name] for variant in variants)


class _Going:
    """A variant that is running."""

    def __init__(self, variant: Variant, models: Mapping[str, bytes], folder: Path, launches: ExitStack) -> None:
        self.variant = variant
        self._folder = folder / variant.name
        write(emit(variant.plan, models), self._folder)
        self._launch = launches.enter_context(Launch(self._folder))

    @property
    def ended(self) -> bool:
        return self._launch.poll() is not None

    def reached_s(self) -> float:
        """The time that all its federates have reached."""
        run = self._launch.run
        times = [federate.time_s or 0.0 for federate in progress(run)] if run else []
        return min(times, default=0.0)

    def stop(self) -> None:
        self._launch.stop()

    def close(self) -> Done:
        """What came of it."""
        status, run = self._launch.finish(), self._launch.run
        if run is None:
            last = (self._launch.said().strip() or "no message").splitlines()[-1]
            return self._failed(f"the broker ended with status {status} before a run began: {last}")
        close_abandoned(run)
        try:
            opened = open_run(run)
        except ResultsError as error:
            return self._failed(str(error))
        return Done(self.variant, opened, None) if opened.complete else self._failed(opened.cause or "no cause given")

    def _failed(self, why: str) -> Done:
        return Done(self.variant, None, why)
