"""The scenario as it was written, for the generated folder: each run keeps a copy beside its numbers."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from tdscen.language.overrides import SETTING
from tdscen.runtime.folder import SCENARIO
from tdscen.source import Source

SETTINGS = "command-line.txt"
"""The file that holds values given with `--set`, as they were given."""


def scenario_files(sources: Sequence[Source]) -> dict[str, bytes]:
    """The texts that a study was read from, by their path below the generated folder; `sources[0]` is the scenario.

    Includes keep their places beside the scenario, so that the copy can be read by `tdscen fmt` or `check` too. What
    lies outside of the scenario's folder is put into `outside1/`, `outside2/` ...: no path of the machine is kept.
    """
    home = posixpath.dirname(sources[0].name)
    found: dict[str, bytes] = {}
    outside = 0
    settings = ""
    for source in sources:
        if source.name == SETTING:
            settings += f"{SETTING} {source.text}"
            continue
        place = posixpath.relpath(source.name, home or ".")
        if place.startswith("../"):
            outside += 1
            place = f"outside{outside}/{posixpath.basename(place)}"
        found["/".join((SCENARIO, *map(_plain, PurePosixPath(place).parts)))] = source.text.encode("utf-8", "replace")
    if settings:
        found[f"{SCENARIO}/{SETTINGS}"] = settings.encode("utf-8", "replace")
    return found


def _plain(part: str) -> str:
    """A name that every file system takes."""
    return re.sub(r"[^\w .-]", "_", part)
