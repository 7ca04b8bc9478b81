"""A run on disk, opened for reading."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tdscen import codec
from tdscen.plan import FORMAT as PLAN_FORMAT
from tdscen.plan import Plan
from tdscen.results.errors import RunDamaged, RunNotFound, UnknownQuantity
from tdscen.results.journal import read_journals
from tdscen.results.recording import Recording
from tdscen.runtime.folder import JOURNAL, PLAN, RESULTS, RUN, RUN_FORMAT, find_run

if TYPE_CHECKING:
    import pandas as pd

    from tdscen.results.summary import Summary


@dataclass(frozen=True, eq=False, repr=False)
class Run:
    """One run: its plan, what `run.json` says of it, and its numbers up to the last completed step."""

    folder: Path
    plan: Plan
    info: dict[str, Any]
    recording: Recording

    @property
    def steps_done(self) -> int:
        """How many steps after t = 0 are complete."""
        return max(self.recording.rows - 1, 0)

    @property
    def complete(self) -> bool:
        """Whether the run reached its stop time and recorded every step of it."""
        return self.info["state"] == "complete" and self.recording.rows == self.plan.steps + 1

    @property
    def reached_s(self) -> float | None:
        """The last time that every federate has recorded, None where there is none."""
        return float(self.recording.time_s[-1]) if self.recording.rows else None

    @property
    def cause(self) -> str | None:
        """Why the run is not complete, in one sentence (None: it is)."""
        if self.complete:
            return None
        done = f"{self.steps_done} of {self.plan.steps} steps are recorded"
        match self.info["state"]:
            case "running":
                return f"the run has not ended, or was killed together with its broker; {done}"
            case "lost":
                return f"the record of the run ({RUN}) is lost; {done}"
            case "complete":
                return f"the run calls itself complete, but {done}"
        return self.info.get("cause") or f"the run failed without a recorded cause; {done}"

    @property
    def names(self) -> tuple[str, ...]:
        """All recorded quantities."""
        return self.recording.names[1:]

    @cached_property
    def table(self) -> pd.DataFrame:
        """Everything recorded: one row a communication time, `time_s` first, then every quantity under its name.

        Names end in units; `attrs["units"]` has them by column.
        """
        from tdscen.results.tables import wide_table

        return wide_table(self.recording)

    @cached_property
    def interfaces(self) -> pd.DataFrame:
        """The interfaces: one row for each time and interface, in the plan's order; columns as in `tables.INTERFACE`.

        A quantity that the run did not record is NaN throughout. `attrs["units"]` has the units by column.
        """
        from tdscen.results.tables import interface_table

        return interface_table(self.recording, tuple(interface.name for interface in self.plan.interfaces))

    @cached_property
    def summary(self) -> Summary:
        """What the run has to say for itself, as data: extents, scales with their derivation, checks, events."""
        from tdscen.results.summary import summary

        return summary(self)

    @cached_property
    def checks(self) -> pd.DataFrame:
        """Requirements and checks: one row each with its figure, limits, unit, time, place, and whether it holds.

        `holds` is missing (NA) where there was nothing to judge; `required` is False for the checks that every run has.
        """
        from tdscen.results.tables import checks_table

        return checks_table(self.summary.outcomes)

    def series(self, name: str) -> pd.Series[float]:
        """One recorded quantity, indexed by `time_s`. Raises `UnknownQuantity` with the nearest names."""
        from tdscen.results.tables import time_series

        if name not in self.names:
            near = difflib.get_close_matches(name, self.names, n=3)
            mend = f"did you mean {' or '.join(near)}?" if near else "`run.names` lists what was recorded"
            raise UnknownQuantity(f"{self.folder.name} did not record {name}; {mend}")
        return time_series(self.recording, name)

    def __repr__(self) -> str:
        done = f"{self.steps_done} of {self.plan.steps} steps"
        return f"<Run {self.plan.name} {self.folder.name}: {self.info['state']}, {done}>"

    def __str__(self) -> str:
        """The summary that `tdscen results` prints."""
        from tdscen.results.render import render_text

        return render_text(self.summary, width=100)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """In IPython; without the wall time, so that a notebook that runs again says the same."""
        from tdscen.results.render import render_text

        printer.text(render_text(replace(self.summary, wall_s=None), width=100))

    def _repr_html_(self) -> str:
        from tdscen.results.notebook import run_html

        return run_html(self)


def open_run(path: str | Path) -> Run:
    """Open the run in `path`: a run's folder, or a generated folder (its latest run).

    Raises `RunNotFound`, or `RunDamaged` where the run's files cannot be read or contradict each other.
    """
    folder = _find(Path(path))
    plan, info = read_plan(folder), read_info(folder)
    table = folder / RESULTS
    if not table.is_file():
        return Run(folder, plan, info, read_journals(folder, plan))
    from tdscen.results.store import read_parquet

    return Run(folder, plan, info, read_parquet(table))


def _find(path: Path) -> Path:
    if not path.is_dir():
        raise RunNotFound(f"{path} is not a folder; give a run (generated/NAME/runs/0001) or a generated folder")
    found = find_run(path)
    if found is None:
        raise RunNotFound(f"{path} holds no run; start one with `tdscen run`, or give a run's own folder")
    return found


def read_plan(folder: Path) -> Plan:
    """The plan that ran. Raises `RunNotFound`, `RunDamaged`."""
    data = _read_json(folder / PLAN)
    if data.get("format") != PLAN_FORMAT:
        raise RunDamaged(
            f"{folder / PLAN} has plan format {data.get('format')}, this tdscen reads format {PLAN_FORMAT}; "
            "read the run with the tdscen that made it"
        )
    try:
        return codec.decode(Plan, data)
    except ValueError as error:
        raise RunDamaged(f"{folder / PLAN} is not a plan: {error}") from None


def read_info(folder: Path) -> dict[str, Any]:
    """`run.json` as it stands. Raises `RunNotFound`, `RunDamaged`.

    Where it is lost (a file system that was not ready for the end of power) the journals still are the run: of its
    record there is then the state `lost` only.
    """
    try:
        info = _read_json(folder / RUN)
    except (RunNotFound, RunDamaged):
        if not (folder / JOURNAL).is_dir():
            raise
        return {"format": RUN_FORMAT, "state": "lost"}
    if info.get("format") != RUN_FORMAT or info.get("state") not in ("running", "complete", "failed"):
        raise RunDamaged(
            f"{folder / RUN} has format {info.get('format')} and state {info.get('state')}, which this tdscen "
            f"(run format {RUN_FORMAT}) does not read; read the run with the tdscen that made it"
        )
    return info


def _read_json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunNotFound(f"{path.parent} holds no run: it has no {path.name}") from None
    except (OSError, ValueError) as error:
        raise RunDamaged(f"{path} cannot be read ({error})") from None
    if not isinstance(data, dict):
        raise RunDamaged(f"{path} is not a JSON object")
    return data
