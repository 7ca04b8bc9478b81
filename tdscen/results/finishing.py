"""The end of a run: what its journals hold becomes one table, its requirements are judged, `run.json` is completed.

Importing this module costs a quarter of a second (pyarrow); a broker imports it while the run is going on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tdscen import codec
from tdscen.plan import Plan
from tdscen.results.errors import RunDamaged
from tdscen.results.journal import read_journals
from tdscen.results.recording import EMPTY, Recording
from tdscen.results.requirements import judge
from tdscen.results.run import read_info, read_plan
from tdscen.results.store import write_parquet
from tdscen.runtime.folder import RESULTS, RUN, replace_text
from tdscen.runtime.status import ExitStatus


def finish(run_folder: Path) -> ExitStatus:
    """Write `results.parquet` and complete `run.json`; see `tdscen.results.finish`.

    Added to `run.json`: `steps_done`, `results` (the table's file name; None where no step was completed or no table
    could be written), `requirements` and `checks` (lists of `Outcome`). `state`, `cause` and `exit_status` are made
    consistent: a failed run keeps its cause and its status (3 where it gave none), a complete one has 0, or 4 when a
    requirement is violated, and a run that stopped short without saying why has failed.
    """
    plan, info = read_plan(run_folder), read_info(run_folder)
    try:
        recording = read_journals(run_folder, plan)
    except RunDamaged as error:
        recording, info = EMPTY, _fail(info, str(error))
    written = bool(recording.rows)
    if written:
        try:
            write_parquet(run_folder / RESULTS, recording)
        except OSError as error:
            written = False
            info = _fail(
                info, f"{RESULTS} could not be written ({error.strerror or error}); the journals hold all rows"
            )

    outcomes = judge(plan, recording)
    violated = any(outcome.required and outcome.holds is False for outcome in outcomes)
    info = _conclude(info, plan, recording, violated=violated) | {
        "steps_done": max(recording.rows - 1, 0),
        "results": RESULTS if written else None,
        "requirements": [outcome for outcome in outcomes if outcome.required],
        "checks": [outcome for outcome in outcomes if not outcome.required],
    }
    replace_text(run_folder / RUN, codec.dumps(info))
    return ExitStatus(info["exit_status"])


def _conclude(info: dict[str, Any], plan: Plan, recording: Recording, *, violated: bool) -> dict[str, Any]:
    steps = plan.steps
    if info["state"] != "failed" and recording.rows == steps + 1:
        status = ExitStatus.REQUIREMENT_VIOLATED if violated else ExitStatus.COMPLETE
        return info | {"state": "complete", "cause": None, "exit_status": int(status)}
    if recording.rows:
        return _fail(info, f"the run ended after {recording.rows - 1} of {steps} steps and left no cause")
    return _fail(info, "the run ended before its first step was recorded and left no cause")


def _fail(info: dict[str, Any], cause: str) -> dict[str, Any]:
    """`info` of a failed run; what it says of its failure already stays."""
    already = info["state"] == "failed"
    return info | {
        "state": "failed",
        "cause": (already and info.get("cause")) or cause,
        "exit_status": (already and info.get("exit_status")) or int(ExitStatus.FEDERATE_FAILED),
    }
