"""The scenario as it was written, and the values that its parameters had in the run."""

from __future__ import annotations

from dataclasses import dataclass

from tdscen.results.run import Run
from tdscen.runtime.folder import SCENARIO

MOST_LINES = 1500
"""Of one file on the page; a table of a thousand interfaces is still whole."""


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A text that the study was read from, by its path in `scenario/` of the run; `left`: lines not on the page."""

    path: str
    text: str
    left: int


def written(run: Run) -> tuple[WrittenFile, ...]:
    """The scenario first, then its includes and tables, then `command-line.txt` (values given with `--set`).

    Nothing for runs of folders that were compiled before tdscen kept the text.
    """
    home = run.folder / SCENARIO
    paths = sorted(path for path in home.rglob("*") if path.is_file())
    own = [path for path in paths if path.parent == home and path.stem == run.plan.name]
    return tuple(
        _file(path.relative_to(home).as_posix(), path.read_text("utf-8", "replace"))
        for path in (*own, *(path for path in paths if path not in own))
    )


def _file(path: str, text: str) -> WrittenFile:
    lines = text.splitlines(keepends=True)
    return WrittenFile(path, "".join(lines[:MOST_LINES]).rstrip("\n"), max(0, len(lines) - MOST_LINES))


def seeds(run: Run) -> tuple[tuple[str, str], ...]:
    """Seeds and who draws by them, each seed once: `981`, `bus4, bus5`. Many names are counted."""
    users: dict[str, list[str]] = {}
    for name, numbers in (run.info.get("seeds") or {}).items():
        if numbers:
            users.setdefault(", ".join(map(str, numbers)), []).append(name)
    return tuple((numbers, _names(names)) for numbers, names in users.items())


def _names(names: list[str], most: int = 8) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
