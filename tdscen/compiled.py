"""Generated folders that are still what their scenario compiles to, so that `tdscen run` need not compile again.

What is remembered rests on the same things as a sound scenario (`soundness`), and on the files that were written: they
are compared with the manifest, and the manifest with the one remembered. A folder in which anything was edited is
never up to date.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tdscen import soundness

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Remembered:
    """A generated folder and what was said when it was compiled, line by line."""

    folder: Path
    said: tuple[str, ...]
    manifest: str = ""
    """SHA-256 of its manifest."""


def recall(scenario: Path, output: Path | None, settings: Sequence[str]) -> Remembered | None:
    """The folder that `scenario` was compiled to where nothing has changed since; None where it must be compiled."""
    record = soundness.recall(scenario, _settings(output, settings))
    if record is None:
        return None
    known = json.loads(record)
    folder = Path(known["folder"])
    if not _as_written(folder, known["manifest"]):
        return None
    return Remembered(folder, tuple(known["said"]), known["manifest"])


def keep(
    scenario: Path,
    output: Path | None,
    settings: Sequence[str],
    remembered: Remembered,
    files: Iterable[Path],
    packages: Iterable[tuple[str, str]],
) -> None:
    """Remember a folder that has just been compiled without any problem; `files` and `packages` as `soundness.keep`."""
    known = {"folder": str(remembered.folder), "said": remembered.said, "manifest": remembered.manifest}
    soundness.keep(scenario, _settings(output, settings), json.dumps(known), files, packages)


def _settings(output: Path | None, settings: Sequence[str]) -> tuple[str, ...]:
    """Another folder is another record; so is another working folder where the output is relative to it."""
    return ("compiled to", str((output or Path("generated")).absolute()), *settings)


def _as_written(folder: Path, manifest: str) -> bool:
    try:
        if _hash(folder / MANIFEST) != manifest:
            return False
        files = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        return all(_hash(folder / path) == written for path, written in files.items())
    except OSError:
        return False


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
