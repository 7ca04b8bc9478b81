"""The catalogue of diagnostics: one Markdown file a code, with a title, the reason and an example."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Entry:
    """A code, its title, and the long form as `tdscen explain` prints it."""

    code: str
    title: str
    text: str


@cache
def entries() -> tuple[Entry, ...]:
    """All entries in the order of their codes."""
    found = []
    for file in files(__name__).iterdir():
        if file.name.endswith(".md"):
            title, _, text = file.read_text(encoding="utf-8").partition("\n")
            found.append(Entry(file.name.removesuffix(".md"), title.removeprefix("# "), text.strip()))
    return tuple(sorted(found, key=lambda entry: entry.code))


def find(code: str) -> Entry | None:
    """The entry of a code, letter case aside."""
    return next((entry for entry in entries() if entry.code == code.upper()), None)
