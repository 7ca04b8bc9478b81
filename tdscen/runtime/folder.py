"""What lies where in a generated folder and in the folder of a run.

Imported by everything that reads or writes runs, so it imports nothing but the standard library.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

PLAN = "plan.json"
MANIFEST = "manifest.json"
RUNNER = "runner.json"
SCENARIO = "scenario"
"""Folder with the scenario as it was written: in the generated folder, and copied from there into each run."""

RUNS = "runs"
RENDEZVOUS = ".rendezvous"

RUN = "run.json"
RUN_FORMAT = 1
"""Version of the layout of run.json; a reader refuses another."""

RESULTS = "results.parquet"
JOURNAL = "journal"
LOGS = "logs"
STATUS = "status"
VOLTAGES = "voltages"
MONITORS = "monitors"

RESERVE = ".reserve"
RESERVE_BYTES = 64 * 1024
"""Room on the disk for the last words of a run that fills it: given back when a run ends."""

BROKER = "broker"
"""Name under which the broker's own log and status stand beside those of the federates."""


def next_run_folder(generated: Path) -> Path:
    """Make `runs/NNNN` with the next free number and its subfolders; never an existing one.

    Raises `OSError` where the folder cannot be written.
    """
    runs = generated / RUNS
    runs.mkdir(exist_ok=True)
    number = max((int(run.name) for run in run_folders(generated)), default=0) + 1
    while True:
        run = runs / f"{number:04d}"
        try:
            run.mkdir()  # atomic: of two runs that start together one gets the next number
            break
        except FileExistsError:
            number += 1
    for name in (JOURNAL, LOGS, STATUS):
        (run / name).mkdir()
    return run


def keep_scenario(generated: Path, run: Path) -> None:
    """Copy the scenario's text into a new run. Folders made before there was one have none. Raises `OSError`."""
    if (generated / SCENARIO).is_dir() and not (run / SCENARIO).exists():
        shutil.copytree(generated / SCENARIO, run / SCENARIO)


def reserve(run: Path) -> None:
    """Take `RESERVE_BYTES` of the disk for later. Raises `OSError` where it has no room for them."""
    (run / RESERVE).write_bytes(bytes(RESERVE_BYTES))


def release(run: Path) -> None:
    """Give the reserve back: what is written now are the last words."""
    (run / RESERVE).unlink(missing_ok=True)


def run_folders(generated: Path) -> tuple[Path, ...]:
    """The runs of a generated folder, oldest first."""
    runs = generated / RUNS
    if not runs.is_dir():
        return ()
    found = (entry for entry in runs.iterdir() if entry.name.isdecimal() and entry.is_dir())
    return tuple(sorted(found, key=lambda run: int(run.name)))


def latest_run(generated: Path) -> Path | None:
    """The run with the highest number, None where there is none."""
    runs = run_folders(generated)
    return runs[-1] if runs else None


def find_run(path: Path) -> Path | None:
    """The run that `path` is, by its record or its journals, or the latest one of the generated folder that it is."""
    return path if (path / RUN).is_file() or (path / JOURNAL).is_dir() else latest_run(path)


def journal_columns(run: Path, federate: str) -> Path:
    """The JSON file that names the columns of a federate's journal."""
    return run / JOURNAL / f"{federate}.json"


def journal_rows(run: Path, federate: str) -> Path:
    """The rows of a federate's journal, little-endian float64."""
    return run / JOURNAL / f"{federate}.f64"


def heard_rows(run: Path, federate: str) -> Path:
    """What a federate heard of the others, row by row; see `tdscen.runtime.heard`."""
    return run / JOURNAL / f"{federate}.heard"


def node_voltages(run: Path, federate: str) -> Path:
    """The JSON file that says which nodes a federate has watched; see `tdscen.runtime.node_voltages`."""
    return run / VOLTAGES / f"{federate}.json"


def node_voltages_values(run: Path, federate: str) -> Path:
    """Their voltages, little-endian float64."""
    return run / VOLTAGES / f"{federate}.f64"


def log_file(run: Path, federate: str) -> Path:
    """What a federate (or `BROKER`) printed."""
    return run / LOGS / f"{federate}.log"


def status_file(run: Path, federate: str) -> Path:
    """Where a federate (or `BROKER`) says what it is doing, locked while it lives."""
    return run / STATUS / f"{federate}.json"


def replace_text(path: Path, text: str) -> None:
    """Write a whole file or nothing: readers never see half of it. Raises `OSError` and leaves the old file."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
