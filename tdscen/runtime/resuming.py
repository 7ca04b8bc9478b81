"""Taking up an interrupted run where it was left: what can be resumed, and making its folder ready for it.

Every communication time whose row stands in all journals can be gone back to. Rows behind it, of federates that were a
little ahead of the others, are cut.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path

from tdscen import codec
from tdscen.plan import Plan
from tdscen.runtime import folder, heard, journal, locks
from tdscen.runtime.errors import NotStarted

PATIENCE_S = 5.0
"""Federates of a run whose broker was killed end within milliseconds."""


@dataclass(frozen=True, slots=True)
class Resumption:
    """An interrupted run and the row to go back to: it has `rows` common rows, the last of them at `at_s`."""

    run: Path
    plan: Plan
    rows: int
    at_s: float


def look(generated: Path, run: Path) -> Resumption:
    """What there is to resume of a run of this generated folder.

    Raises `NotStarted` with one sentence where it is going on or complete, where the folder's plan is another one by
    now, or where it has recorded nothing.
    """
    if locks.is_held(folder.status_file(run, folder.BROKER)):
        raise NotStarted(f"run {run.name} is going on: there is nothing to resume")
    return _look(generated, run)


def _look(generated: Path, run: Path) -> Resumption:
    plan, planned = _plan(run), _plan(generated)
    if _essence(plan) != _essence(planned):
        raise NotStarted(
            f"run {run.name} is of another plan than {generated / folder.PLAN}: compile the scenario as it was then "
            "to resume it, or start a new run"
        )
    rows = min(_rows(run, federate, plan) for federate in federates(plan))
    if rows == plan.steps + 1 and _state(run) == "complete":
        raise NotStarted(f"run {run.name} is complete: there is nothing to resume")
    if rows == 0:
        raise NotStarted(f"run {run.name} has not recorded t = 0 in every journal: start a new run")
    return Resumption(run, plan, rows, plan.times_s[rows - 1])


def prepare(generated: Path, run: Path) -> Resumption:
    """Leave in the run's folder what a resumed run goes on from.

    To be called by the run's new broker when it holds the lock of its status file: what `look` saw may be outdated.
    Raises `NotStarted` as `look` does, and where a federate still works there. Wherever this is interrupted, the
    run can be resumed afterwards.
    """
    plan = _plan(run)
    for federate in federates(plan):
        _wait_for_end(folder.status_file(run, federate), f"{federate} of run {run.name} still works")
    found = _look(generated, run)
    for federate in federates(plan):
        folder.status_file(run, federate).unlink(missing_ok=True)
        folder.node_voltages(run, federate).unlink(missing_ok=True)
        journal.cut(run, federate, found.rows)
        heard.cut(folder.heard_rows(run, federate), found.rows)
    (run / folder.RESULTS).unlink(missing_ok=True)
    for half in run.glob(".*.*.*"):  # `.run.json.1234`, of a process that was killed while it wrote
        half.unlink(missing_ok=True)
    return found


def federates(plan: Plan) -> tuple[str, ...]:
    """All that keep a journal, T first."""
    return (plan.transmission.name, *(federate.name for federate in plan.feeder_federates))


def _rows(run: Path, federate: str, plan: Plan) -> int:
    """How many communication times can be replayed from what a federate has recorded."""
    return min(journal.count(run, federate, plan.times_s), heard.count(folder.heard_rows(run, federate), plan.times_s))


def _essence(plan: Plan) -> Plan:
    """What decides on the numbers: not how the run is executed and watched, nor the scenario's own text."""
    simulation = replace(plan.simulation, checkpoint_s=None)
    plain = replace(plan.federation, port=None, timeout_s=0.0, log_level="")
    return replace(plan, simulation=simulation, federation=plain, source_sha256="")


def _plan(place: Path) -> Plan:
    path = place / folder.PLAN
    try:
        return codec.decode(Plan, json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise NotStarted(f"{path} cannot be read ({error}): there is nothing to resume") from None


def _state(run: Path) -> str | None:
    try:
        state = json.loads((run / folder.RUN).read_text(encoding="utf-8")).get("state")
    except (OSError, ValueError, AttributeError):
        return None
    return state if isinstance(state, str) else None


def _wait_for_end(status: Path, what: str) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while locks.is_held(status):
        if time.monotonic() > give_up:
            raise NotStarted(f"{what}: end it before the run is resumed")
        time.sleep(0.01)
