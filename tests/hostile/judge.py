"""Calling the real command on a hostile input, and everything that must hold of what it did."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from hostile.case import ROOT, Case
from tdscen.cache import cache_path

COMMAND = (sys.executable, "-c", "from tdscen.cli import main; main()")
ALLOWED = ("out", "generated", "home", "cache")
"""What may change beside the scenario: the output folder, and the caches."""


@dataclass(frozen=True)
class Outcome:
    """What a command said and cost, and what is wrong with that (nothing, if all is well)."""

    status: int
    said: str
    seconds: float
    mb: float
    wrong: tuple[str, ...]


def outcome(case: Case, folder: Path) -> Outcome:
    """Make the input in `folder` (empty), call the command there, and judge what came of it."""
    work, temporary, home = (folder / name for name in ("a b", "tmp", "home"))
    for path in (work, temporary, home):
        path.mkdir()
    case.make(work)
    before = seen(folder)
    report = called(case.command, work, case.seconds, {"TMPDIR": str(temporary), "HOME": str(home)})
    after = seen(folder)
    status, said = report["status"], report["said"]
    errors = len(re.findall(r"^error", said, re.MULTILINE)) + len(re.findall(r"^Error: ", said, re.MULTILINE))
    judged = {
        f"left with status {status}, not {case.status}": status != case.status,
        f"does not say {case.says!r}": case.says not in " ".join(said.split()),
        f"says {errors} errors, not one": case.status == 1 and errors != 1,
        "shows a traceback": "Traceback" in said or re.search(r"^  File \"", said, re.MULTILINE) is not None,
        "talks too much": len(said) > 4000,
        f"took {report['seconds']:.1f} s": report["seconds"] >= case.seconds,
        f"took {report['mb']:.0f} MB": report["mb"] > case.mb,
        f"changed {sorted(changes(before, after, case.status))}": bool(changes(before, after, case.status)),
    }
    return Outcome(status, said, report["seconds"], report["mb"], tuple(text for text, true in judged.items() if true))


def called(command: tuple[str, ...], work: Path, seconds: float, environment: dict[str, str]) -> dict:
    """Status, text, time and memory of a command in the folder `work`."""
    settings = {"TDSCEN_CACHE": str(cache_path()), "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **environment}
    done = subprocess.run(
        [sys.executable, "-I", str(Path(__file__).with_name("launch.py")), str(seconds), *COMMAND, *command],
        cwd=work,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def seen(folder: Path) -> dict[str, str]:
    """Every path below a folder, and a hash of what it is."""
    return {path.relative_to(folder).as_posix(): _state(path) for path in folder.rglob("*")}


def changes(before: dict[str, str], after: dict[str, str], status: int) -> set[str]:
    """The paths that came, went or changed; a command that succeeds may write its output."""
    differing = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    if status == 0:
        differing -= {path for path in differing if set(Path(path).parts) & set(ALLOWED)}
    return differing


def _state(path: Path) -> str:
    if path.is_symlink():
        return f"-> {os.readlink(path)}"
    if not path.is_file():
        return "folder" if path.is_dir() else "device"
    status = path.stat()
    if status.st_size > 2**20:
        return f"{status.st_size} {status.st_mtime_ns}"
    return hashlib.sha256(path.read_bytes()).hexdigest()
