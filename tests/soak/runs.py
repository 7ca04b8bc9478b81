"""Starting one run by one of the launchers, and what came of it."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from soak.studies import TDSCEN, Study
from tdscen.results.errors import ResultsError
from tdscen.results.run import read_info
from tdscen.runtime.folder import run_folders
from tdscen.runtime.progress import find_run

COPY = "helics run, copy"
PATIENCE_S = 180.0

_LAUNCH = """
import sys
from pathlib import Path
from tdscen.runtime.launch import Launch
with Launch(Path(sys.argv[1])) as launch:
    status = launch.finish()
    print(launch.said() if status else launch.run)
sys.exit(status)
"""


@dataclass(frozen=True)
class Ended:
    """`results`: SHA-256 of every file of results; `port`: of its broker; `fault`: why it counts as failed."""

    launcher: str
    run: Path | None
    port: int
    results: tuple[tuple[str, str], ...]
    fault: str | None


def start(study: Study, launcher: str, folder: Path) -> subprocess.Popen[str]:
    """The launcher's process, for a run in `folder`."""
    helics = str(Path(sys.executable).parent / "helics")
    commands = {
        "tdscen run": [*TDSCEN, "run", str(study.scenario), "-o", str(folder), "--quiet"],
        "Launch": [sys.executable, "-c", _LAUNCH, str(folder)],
        "helics run": [helics, "run", f"--path={folder / 'runner.json'}"],
        COPY: [helics, "run", f"--path={folder / 'runner.json'}"],
    }
    return subprocess.Popen(
        commands[launcher],
        env=study.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def end(process: subprocess.Popen[str], launcher: str, folder: Path) -> Ended:
    """Wait for a launcher and look at its run."""
    try:
        said, _ = process.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        return Ended(launcher, None, 0, (), f"not over within {PATIENCE_S:g} s")
    run = _run_of(process.pid, launcher, folder, said)
    if process.returncode != 0 or run is None:
        return Ended(launcher, run, 0, (), f"status {process.returncode}: {' '.join(said.split())[-600:]}")
    try:
        info = read_info(run)
    except ResultsError as error:
        return Ended(launcher, run, 0, (), str(error))
    fault = None if info["state"] == "complete" else f"{info['state']}: {info['cause']}"
    return Ended(launcher, run, info["port"], _results(run), fault)


def _run_of(pid: int, launcher: str, folder: Path, said: str) -> Path | None:
    if launcher == COPY:
        runs = run_folders(folder)
        return runs[0] if len(runs) == 1 else None
    return find_run(folder, pid)


def _results(run: Path) -> tuple[tuple[str, str], ...]:
    files = [run / "results.parquet", *sorted((run / "journal").iterdir())]
    return tuple((path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files if path.exists())
