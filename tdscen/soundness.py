"""Scenarios that were found without any problem, remembered until anything that the finding rests on changes.

A finding rests on the scenario, everything that reading it reads (includes, tables, CSV files, models), files that were
looked for and not there, the settings, the simulators' versions, and tdscen's own code. All of it stands in the
record as hashes and is compared before the record is believed. Scenarios with a problem, even a warning, are never
remembered. This module is imported before anything else of a check and imports next to nothing itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tdscen import resources
from tdscen.cache import cache_folder, cache_path
from tdscen.installed import version_of

ABSENT = "absent"


def recall(scenario: Path, settings: Sequence[str]) -> str | None:
    """What was said of a scenario that is still sound; None where it is not known or something has changed."""
    try:
        record = json.loads(_record(scenario, settings).read_text(encoding="utf-8"))
        sound = record["code"] == _code() and all(version_of(p, m) == v for p, m, v in record["versions"])
        sound = sound and all(_hash(Path(path)) == found for path, found in record["files"].items())
        return str(record["said"]) if sound else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(
    scenario: Path,
    settings: Sequence[str],
    said: str,
    files: Iterable[Path],
    packages: Iterable[tuple[str, str]],
) -> None:
    """Remember a sound scenario. `files`: all that was read or looked for; `packages`: (distribution, module)."""
    record: dict[str, Any] = {
        "code": _code(),
        "files": {os.path.abspath(path): _hash(path) for path in files},
        "versions": [(package, module, version_of(package, module)) for package, module in packages],
        "said": said,
    }
    path = _record(scenario, settings)
    try:
        part = cache_folder("sound") / f"{path.name}.{os.getpid()}"
        part.write_text(json.dumps(record, sort_keys=True), encoding="utf-8")
        part.replace(path)
    except OSError:
        return  # nothing is remembered; the next check computes again


def _record(scenario: Path, settings: Sequence[str]) -> Path:
    name = "\0".join([os.path.abspath(scenario), *settings])
    return cache_path() / "sound" / f"{hashlib.sha256(name.encode()).hexdigest()}.json"


def _hash(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ABSENT


def _code() -> str:
    """The state of tdscen's own files and of the interpreter: a change of any is a new checker."""
    digest = hashlib.sha256(sys.version.encode())
    outside = [resources.folder(name) for name in ("grammar", "templates")]  # of the package in the source tree
    for root in (Path(__file__).parent, *outside):
        for folder, below, names in os.walk(root):
            below[:] = sorted(name for name in below if name != "__pycache__")
            for name in sorted(names):
                status = os.stat(os.path.join(folder, name))
                digest.update(f"{folder}/{name} {status.st_size} {status.st_mtime_ns}\0".encode())
    return digest.hexdigest()
