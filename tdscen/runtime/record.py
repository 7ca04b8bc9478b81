"""`run.json`: what ran, from what, with what, and how it ended. It is begun in `opening`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from tdscen import codec
from tdscen.runtime import folder, locks
from tdscen.runtime.status import ExitStatus


def fail(
    run: Path,
    cause: str,
    federate: str | None,
    at_s: float | None,
    status: ExitStatus = ExitStatus.FEDERATE_FAILED,
    waiting: Sequence[str] = (),
) -> None:
    """Write down the first cause of a failure; a later one changes nothing."""
    folder.release(run)
    info = read(run)
    if info["state"] == "running":
        write(
            run,
            info
            | {
                "state": "failed",
                "cause": cause,
                "federate": federate,
                "failed_at_s": at_s,
                "waiting": list(waiting),
                "exit_status": int(status),
            },
        )


def close_abandoned(run: Path) -> None:
    """Write down that a run was killed together with its broker, if that is what happened to it."""
    if not (run / folder.RUN).exists() or locks.is_held(folder.status_file(run, folder.BROKER)):
        return
    try:
        fail(run, "the run and its broker were killed (no last words)", folder.BROKER, None)
    except ValueError:  # the record is damaged; readers know without it
        return


def read(run: Path) -> dict[str, Any]:
    """The record of a run. Raises `OSError` where there is none, `ValueError` for a damaged one."""
    info = json.loads((run / folder.RUN).read_text(encoding="utf-8"))
    if not isinstance(info, dict):
        raise ValueError(f"{folder.RUN} is no JSON object")
    return info


def write(run: Path, info: dict[str, Any]) -> None:
    """Replace the record of a run."""
    folder.replace_text(run / folder.RUN, codec.dumps(info))


def now() -> str:
    """The present instant in the machine's time zone, to the second (ISO 8601)."""
    return datetime.now().astimezone().isoformat(timespec="seconds")
