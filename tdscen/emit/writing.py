"""Artifacts into the generated folder: nothing half-written, nothing of the user's lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tdscen.emit import exchange
from tdscen.emit.artifacts import MANIFEST, MANIFEST_FORMAT, Artifact
from tdscen.runtime import locks

SWEEPS = "sweeps"
"""Folder in the generated folder that belongs to `tdscen sweep`; it may be there before anything else."""


class WriteError(Exception):
    """The folder cannot be written; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Written:
    """What happened to each file, by its path below the folder.

    `kept` are those left alone because the user has changed them.
    """

    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[str, ...]:
        """The files that are not as they were."""
        return (*self.created, *self.updated, *self.removed)


def write(artifacts: Sequence[Artifact], folder: Path, force: bool = False) -> Written:
    """Bring `folder` up to date with `artifacts`.

    Scripts that differ from what the last compilation wrote (its manifest) are kept, unless `force`. Files of the last
    compilation that are no longer made are removed. `runs/` and logs are not touched. Waits for runs that are starting
    in the folder. Raises `WriteError`.
    """
    try:
        if exchange.is_waiting(folder):
            folder.mkdir(parents=True, exist_ok=True)
            with locks.changing(folder):
                exchange.finish(folder)
        _last_manifest(folder, force=force)  # before anything is made: it may not be our folder
        folder.mkdir(parents=True, exist_ok=True)
        planned = _compare(artifacts, folder, force=force)
        if planned.changes:
            with locks.changing(folder):
                planned = _compare(artifacts, folder, force=force)  # another compilation may have come first
                changed = {a.path: a.content for a in artifacts if a.path in planned.changes}
                exchange.replace(changed, planned.removed, folder)
        return planned
    except TimeoutError:
        raise WriteError(
            f"{folder} was not changed: a run that was started there has been loading its models for "
            f"{locks.STARTING_S:g} s; end it, or choose another folder"
        ) from None
    except OSError as error:
        raise WriteError(f"{error.filename or folder} cannot be written: {error.strerror or error}") from None


def _compare(artifacts: Sequence[Artifact], folder: Path, *, force: bool) -> Written:
    """What has to happen to each file."""
    before = _last_manifest(folder, force=force)
    states = {artifact.path: _state(artifact, folder, before, force=force) for artifact in artifacts}
    stale = [path for path in before if path not in states and (folder / path).is_file()]
    doomed = [path for path in stale if force or _hash(folder / path) == before[path]]

    def those(state: str) -> tuple[str, ...]:
        return tuple(path for path, its_state in states.items() if its_state == state)

    return Written(
        created=those("created"),
        updated=those("updated"),
        unchanged=those("unchanged"),
        kept=(*those("kept"), *(path for path in stale if path not in doomed)),
        removed=tuple(doomed),
    )


def _last_manifest(folder: Path, *, force: bool) -> dict[str, str]:
    """Paths and hashes of the last compilation; a folder that is not ours is refused."""
    path = folder / MANIFEST
    others = folder.is_dir() and any(entry.name != SWEEPS for entry in folder.iterdir())
    if others and not path.exists() and not force:
        raise WriteError(
            f"{folder} holds other files and no {MANIFEST} of tdscen: choose another folder, or use --force"
        )
    if not path.exists():
        return {}
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] == MANIFEST_FORMAT:
            return {_inside(folder, str(name)): str(digest) for name, digest in data["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    if force:
        return {}
    raise WriteError(f"{path} is not a manifest of tdscen: choose another folder, or use --force")


def _inside(folder: Path, path: str) -> str:
    """`path` if it leads to a place below `folder`, symbolic links followed."""
    if not (folder / path).resolve().is_relative_to(folder.resolve()):
        raise WriteError(f"{folder / path} leads out of the folder: it is neither written nor removed")
    return path


def _state(artifact: Artifact, folder: Path, before: dict[str, str], *, force: bool) -> str:
    path = folder / _inside(folder, artifact.path)
    if not path.exists():
        return "created"
    found = _hash(path)
    if found == artifact.sha256:
        return "unchanged"
    changed = artifact.is_script and artifact.path in before and found != before[artifact.path]
    return "kept" if changed and not force else "updated"


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
