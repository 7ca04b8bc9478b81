"""Many files of a folder exchanged as one: whenever the process is killed, the folder is the old, the new, or waiting.

All new files are first written into a hidden folder beside it (a full disk is met there), which then gets its final
name in one step: that is the moment of decision. From then on the new files take their places; whoever comes next
finishes what was cut short (`finish`). Meanwhile the folder has no `runner.json`, so that no mixture can be run.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from tdscen.scratch import scratch_folder

GATE = "runner.json"
"""The file without which nothing runs: it goes first and comes last."""

_NEW, _REMOVED = "new", "removed.json"


def replace(files: Mapping[str, bytes], doomed: Sequence[str], folder: Path) -> None:
    """Write `files` (by their path below `folder`) and remove the `doomed` ones. Raises `OSError`: nothing was done."""
    if not files and not doomed:
        return
    _look_for_obstacles(files, folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(_decided(folder), ignore_errors=True)  # a finished one that was not quite cleared away
    with scratch_folder(folder.parent, f".{folder.name}.") as staging:
        for name, content in files.items():
            path = staging / _NEW / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        (staging / _REMOVED).write_text(json.dumps(list(doomed)), encoding="utf-8")
        staging.rename(_decided(folder))
    finish(folder)


def is_waiting(folder: Path) -> bool:
    """Whether an exchange was decided and cut short."""
    return (_decided(folder) / _REMOVED).is_file()


def finish(folder: Path) -> None:
    """Put the files of a decided exchange in their places, if there is one; can be cut short and called again."""
    decided = _decided(folder)
    if not is_waiting(folder):
        return
    _close(folder, decided)
    new = [path.relative_to(decided / _NEW) for path in (decided / _NEW).rglob("*") if path.is_file()]
    _remove_all(folder, decided)
    for name in sorted(new, key=lambda name: (name == Path(GATE), name)):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (decided / _NEW / name).replace(target)
    (decided / _REMOVED).unlink()
    shutil.rmtree(decided, ignore_errors=True)


def _close(folder: Path, decided: Path) -> None:
    """Take the gate away until all else is done; one that does not change comes back as it was."""
    gate, waiting = folder / GATE, decided / _NEW / GATE
    if not gate.exists():
        return
    if waiting.exists():
        gate.unlink()
    else:
        waiting.parent.mkdir(parents=True, exist_ok=True)
        gate.replace(waiting)


def _remove_all(folder: Path, decided: Path) -> None:
    """Remove the doomed files, and the folders that are empty without them."""
    for name in json.loads((decided / _REMOVED).read_text(encoding="utf-8")):
        (folder / name).unlink(missing_ok=True)
        for parent in (folder / name).parents:
            if parent == folder or not parent.is_dir() or any(parent.iterdir()):
                break
            parent.rmdir()


def _decided(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.new"


def _look_for_obstacles(files: Mapping[str, bytes], folder: Path) -> None:
    """Raise `OSError` where a file stands in the place of a folder or the other way round."""
    for name in files:
        target = folder / name
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
        for parent in target.parents:
            if parent.exists() and not parent.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(parent))
            if parent == folder:
                break
