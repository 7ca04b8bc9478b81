"""Runs from Python: the processes that `tdscen run` starts, and none of them left behind, however the call ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tdscen.api.compiling import refuse_what_differs, write_folder
from tdscen.api.errors import RunError
from tdscen.api.scenario import Scenario, Settings, as_scenario
from tdscen.emit.artifacts import MANIFEST
from tdscen.interrupted import interrupted, only_results_missing
from tdscen.results import open_run
from tdscen.results.errors import ResultsError
from tdscen.results.run import Run
from tdscen.runtime.errors import NotStarted
from tdscen.runtime.launch import Launch
from tdscen.runtime.progress import FederateProgress
from tdscen.runtime.progress import progress as progress_of
from tdscen.runtime.record import close_abandoned
from tdscen.runtime.status import ExitStatus

LOOK_EVERY_S = 0.02
TELL_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Progress:
    """What a run has reached. `reached_s`: simulated time that every federate has come to, of `stop_s`."""

    run: Path
    federates: tuple[FederateProgress, ...]
    stop_s: float

    @property
    def reached_s(self) -> float:
        """Simulated time in s, 0 before it starts."""
        return max(0.0, min((federate.time_s or 0.0 for federate in self.federates), default=0.0))


Told = Callable[[Progress], None]


def run(
    scenario: str | Path | Scenario,
    output: str | Path | None = None,
    *,
    set: Settings | None = None,
    force: bool = False,
    locked: bool = False,
    progress: Told | None = None,
    name: str = "scenario",
    folder: str | Path = ".",
) -> Run:
    """Compile a scenario, run it to its end, and open the run, as `open_run` does.

    A violated requirement is a finding, not an error: see `Run.checks`. `progress` is called five times a second while
    the run goes on. Can be called from any thread and inside of a running event loop; it returns, or is interrupted
    (Ctrl-C), when every process of the run has ended. Other arguments: as in `compile`. Raises `ScenarioError`, and
    `RunError` where the run does not complete.
    """
    found = as_scenario(scenario, set, name, folder)
    if locked:
        refuse_what_differs(found)
    compiled = found.written_out()
    generated = write_folder(compiled, output, force=force)
    plan = compiled.checked.plan
    assert plan is not None  # or `write_folder` would have raised
    manifest = next(artifact.sha256 for artifact in compiled.artifacts if artifact.path == MANIFEST)
    return _run(generated, None, manifest, plan.simulation.stop_s, progress)


def resume(run: str | Path | Run, *, progress: Told | None = None) -> Run:
    """Go on with an interrupted run to its end, and open it: the numbers are those of a run that was not interrupted.

    `run` is a run folder, a generated folder (its latest run), or the run of a `RunError`. Otherwise as `run`. Raises
    `RunError`, also where there is nothing to resume.
    """
    try:
        found = interrupted(run.folder if isinstance(run, Run) else Path(run))
        if only_results_missing(found):
            return _opened(found.run)
    except NotStarted as error:
        raise RunError(str(error), error.status) from None
    return _run(found.run.parent.parent, found.run, None, found.plan.simulation.stop_s, progress)


def _run(generated: Path, resumed: Path | None, manifest: str | None, stop_s: float, progress: Told | None) -> Run:
    """Start a generated folder, or go on with one of its runs, and wait for the end."""
    try:
        with Launch(generated, resumed, manifest) as launch:
            try:
                _watch(launch, stop_s, progress)
            except BaseException:
                launch.stop()
                raise
            status = launch.finish()
            if launch.run is None:
                said = launch.said().rstrip()
                raise RunError(f"the broker ended with status {status} before a run began\n{said}", status)
            return _opened(launch.run)
    except NotStarted as error:
        raise RunError(str(error), error.status) from None


def _watch(launch: Launch, stop_s: float, told: Told | None) -> None:
    """Wait for the end of the run, telling what it has reached."""
    next_s = 0.0
    while launch.poll() is None:
        where = launch.run
        if told is not None and where is not None and time.monotonic() >= next_s:
            told(Progress(where, progress_of(where), stop_s))
            next_s = time.monotonic() + TELL_EVERY_S
        time.sleep(LOOK_EVERY_S)


def _opened(folder: Path) -> Run:
    close_abandoned(folder)
    try:
        opened = open_run(folder)
    except ResultsError as error:
        raise RunError(str(error), ExitStatus.FEDERATE_FAILED) from None
    if not opened.complete:
        status = opened.info.get("exit_status")
        said = f"{opened.plan.name}, run {folder.name}: {opened.cause}"
        raise RunError(said, ExitStatus.FEDERATE_FAILED if status is None else status, opened)
    return opened
