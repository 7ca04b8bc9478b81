"""Finding a file by a name that is not quite its own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from tdscen.suggest import did_you_mean

MOST = 5000
"""Files that are looked at around a place."""


class Ambiguous(Exception):  # noqa: N818 - an answer rather than an error
    """Several files fit; the text names them."""


def same_in_any_case(folder: Path, name: str) -> Path | None:
    """The file or folder that `name` (with forward slashes) leads to from `folder`, letter case aside.

    Raises `Ambiguous` where several differ from the name, and from each other, by letter case only.
    """
    here = folder
    for part in name.split("/"):
        if part in ("", "."):
            continue
        if part == "..":
            here = here.parent
            continue
        if (here / part).exists():
            here = here / part
            continue
        fitting = [path for path in here.iterdir() if path.name.casefold() == part.casefold()] if here.is_dir() else []
        if len(fitting) > 1:
            raise Ambiguous(" or ".join(sorted(path.name for path in fitting)))
        if not fitting:
            return None
        here = fitting[0]
    return here


def below_folder(folder: Path, parts: Sequence[str]) -> Path | None:
    """The file below `folder` that has the most of the end of a path's parts, letter case aside.

    Where no end of the path leads there from `folder`, the one file of that name anywhere below. Raises `Ambiguous`.
    """
    for first in range(len(parts)):
        found = same_in_any_case(folder, "/".join(parts[first:]))
        if found is not None and found.is_file():
            return found
    wanted = parts[-1].casefold() if parts else ""
    fitting = [path for path in _files(folder) if path.name.casefold() == wanted]
    if len(fitting) > 1:
        raise Ambiguous(" or ".join(sorted(shown(path, folder) for path in fitting)))
    return fitting[0] if fitting else None


def near(folder: Path, name: str) -> str:
    """`: did you mean x?` from the files around the place where `name` should be."""
    known = [shown(path, folder) for path in _files(folder)]
    parent = Path(os.path.normpath(folder / name)).parent
    if parent.is_dir() and not parent.is_relative_to(folder):
        known += [shown(path, folder) for path in parent.iterdir() if path.is_file()]
    hint = did_you_mean(Path(name).as_posix(), known)
    return f": {hint}" if hint else ""


def shown(file: Path, base: Path) -> str:
    """The file as seen from `base`, with forward slashes."""
    return Path(os.path.relpath(file, base)).as_posix()


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()][:MOST] if folder.is_dir() else []
