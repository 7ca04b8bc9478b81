"""The first words of a run's record: what runs, from what, with what. Only the broker begins one; it needs the plan."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from tdscen import codec
from tdscen.event_words import happenings
from tdscen.plan import Plan
from tdscen.runtime import folder, rendezvous
from tdscen.runtime.record import now, read, write

PACKAGES = ("tdscen", "helics", "andes", "dss-python", "numpy")
"""Distributions whose versions are kept; one that is not installed is left out."""

_OF_ITS_END = ("waiting", "steps_done", "results", "requirements", "checks")
"""What a run's end adds to its record."""


def open_record(run: Path, plan: Plan, port: int) -> None:
    """Write the record of a run that begins; `launcher` is the process that started it."""
    write(
        run,
        {
            "format": folder.RUN_FORMAT,
            "name": plan.name,
            "title": plan.title,
            "state": "running",
            "cause": None,
            "federate": None,
            "failed_at_s": None,
            "scenario": {"file": plan.source, "sha256": plan.source_sha256},
            "models": _models(plan),
            "versions": _versions(),
            "seeds": plan.drawn_seeds(),
            "scale": {i.name: codec.encode(i.scale) for i in plan.interfaces},
            "coupling": plan.simulation.coupling,
            "step_s": plan.simulation.step_s,
            "stop_s": plan.simulation.stop_s,
            "events": codec.encode(happenings(plan)),
            "started": now(),
            "launcher": os.getppid(),
            "launch": rendezvous.launch_id(),
            "port": port,
            "timings": {"wall_s": 0.0, "federates": {}},
            "notes": {},
            "exit_status": None,
        },
    )


def reopen(run: Path, plan: Plan, port: int, row: int, at_s: float) -> None:
    """The run is taken up again behind `row`: what its end had left in the record goes, its interruption is kept."""
    try:
        info = read(run)
    except (OSError, ValueError):  # the record was lost with the interruption
        open_record(run, plan, port)
        info = read(run) | {"cause": "the run's record was lost"}
    again = {
        "row": row,
        "at_s": at_s,
        "when": now(),
        "interrupted": info.get("cause") or "the run and its broker were killed (no last words)",
        "wall_s": info.get("timings", {}).get("wall_s", 0.0),
    }
    if info.get("versions") != _versions():
        again["versions_before"] = info.get("versions")
    kept = {key: value for key, value in info.items() if key not in _OF_ITS_END}
    write(
        run,
        kept
        | {"state": "running", "cause": None, "federate": None, "failed_at_s": None, "exit_status": None}
        | {"resumed": [*info.get("resumed", ()), again], "versions": _versions()}
        | {"launcher": os.getppid(), "launch": rendezvous.launch_id(), "port": port}
        | {"timings": {"wall_s": 0.0, "federates": {}}},
    )


def _models(plan: Plan) -> dict[str, dict[str, str]]:
    models = {plan.transmission.name: plan.transmission.case} | {d.name: d.model for d in plan.distributions}
    return {name: {"path": m.path, "origin": m.origin, "sha256": m.sha256} for name, m in models.items()}


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version  # 30 ms that only the broker needs

    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
