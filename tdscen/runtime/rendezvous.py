"""How the federates of a run find their broker: a file that is named by their common parent process.

`helics run` starts broker and federates as its children. The broker writes the file, the federates wait for it; two
runs in one folder have two parents, hence two files. `tdscen run` gives each run a token of its own instead.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tdscen import codec
from tdscen.runtime import folder, locks
from tdscen.runtime.errors import NotStarted

LAUNCH = "TDSCEN_LAUNCH"
"""Environment variable by which `launch` tells the processes of a run that they belong together."""

RESUME = "TDSCEN_RESUME"
"""Environment variable by which `launch` names the run that its broker takes up again."""

OBSERVERS = "TDSCEN_OBSERVERS"
"""Environment variable: so many federates besides the study's own have to join before the run starts."""

PATIENCE_S = 30.0
LOOK_EVERY_S = 0.005


@dataclass(frozen=True, slots=True)
class Rendezvous:
    """Where a run is: its folder below `runs/`, HELICS's broker port, and the key that the broker asks for.

    `rows`: how many rows a resumed run has of before (0: it is a new run).
    """

    run: str
    port: int
    key: str
    rows: int = 0

    def options(self, core: str) -> str:
        """What HELICS's own programs (`helics_recorder`) have to be given to join."""
        return f"--core_type={core} --broker=tcp://127.0.0.1 --brokerport={self.port} --brokerkey={self.key}"


def observers() -> int:
    """How many federates besides the study's own the run waits for. Raises `NotStarted` for what is no number."""
    text = os.environ.get(OBSERVERS, "0")
    if not text.isdecimal() or len(text) > 3:
        raise NotStarted(f"{OBSERVERS} is {text!r}; give the number of federates that will join, as in {OBSERVERS}=1")
    return int(text)


def of_launch(generated: Path, launch: str) -> Rendezvous | None:
    """The run that was launched with this token, None where its broker does not live (yet)."""
    return _read(generated, generated / folder.RUNS / folder.RENDEZVOUS / f"{launch}.json")


def announce(generated: Path, rendezvous: Rendezvous) -> Path:
    """Write this run's file, clean up what dead brokers have left, return the file."""
    place = generated / folder.RUNS / folder.RENDEZVOUS
    place.mkdir(parents=True, exist_ok=True)
    for left in place.glob("*.json"):
        if _read(generated, left) is None:
            left.unlink(missing_ok=True)
    path = place / _file_name()
    folder.replace_text(path, codec.dumps(rendezvous))
    return path


def wait(generated: Path, patience_s: float = PATIENCE_S) -> Rendezvous:
    """The run of this process's siblings. Raises `NotStarted` where no broker shows up in time."""
    path = generated / folder.RUNS / folder.RENDEZVOUS / _file_name()
    give_up = time.monotonic() + patience_s
    while time.monotonic() < give_up:
        found = _read(generated, path)
        if found is not None:
            return found
        time.sleep(LOOK_EVERY_S)
    raise NotStarted(
        f"no broker.py showed up within {patience_s:g} s: start the whole federation with "
        f"`helics run --path={generated / folder.RUNNER}`"
    )


def _read(generated: Path, path: Path) -> Rendezvous | None:
    """What a file says, None where there is none or its broker no longer lives."""
    import json

    try:
        found = codec.decode(Rendezvous, json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    run = generated / folder.RUNS / found.run
    return found if locks.is_held(folder.status_file(run, folder.BROKER)) else None


def launch_id() -> str:
    """What the processes of one run have in common: the launcher's token, else their parent process."""
    parent = os.getppid()
    return os.environ.get(LAUNCH) or f"{parent}-{started(parent)}"


def _file_name() -> str:
    return f"{launch_id()}.json"


def started(pid: int) -> Any:
    """When a process started, in the system's own unit: a process id alone is used again after a while."""
    if sys.platform == "linux":
        # Field 22 of proc_pid_stat(5), counted behind the command's name, which may contain anything. psutil would
        # convert it to wall time, which differs between processes when the clock is set.
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    else:
        import psutil

        return psutil.Process(pid).create_time()
