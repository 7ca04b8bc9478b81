"""What stands in fences on a page of the documentation: files, sessions at a console, parts of scenarios.

A fence with `title="FILE"` is that file. In a fence `console`, `$ COMMAND` is a command and what follows its output, in
which a line `...` stands for any lines; a remark `# exit status N` says how it ends where that is not 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tdscen.diagnostics import render_text
from tdscen.language.analyse import analyse
from tdscen.language.checks import check
from tdscen.language.models import Models
from tdscen.source import Source
from tdscen.syntax import parse

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])

_FENCE = re.compile(r"^```(\w*)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_STATUS = re.compile(r"# exit status (\d+)")


@dataclass(frozen=True, slots=True)
class Fence:
    """A block of a page; `title` is the file that it is, empty for all others."""

    language: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a session, its exit status and the lines that the page shows of its output."""

    line: str
    status: int
    output: tuple[str, ...]


def fences(page: str) -> Iterator[Fence]:
    """All blocks of a page in their order."""
    for found in _FENCE.finditer(page):
        title = re.search(r'title="([^"]+)"', found[2])
        yield Fence(found[1], title[1] if title else "", found[3])


def session(text: str) -> Iterator[Command]:
    """The commands of a block `console`."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, *output = part.splitlines()
        status = _STATUS.search(line)
        shown = tuple(each.rstrip() for each in output if each.strip() not in ("", "..."))
        yield Command(line, int(status[1]) if status else 0, shown)


REST = {
    "scenario": 'scenario "a study"\n',
    "transmission": 'transmission ieee14 {\n  case = "ieee14/ieee14_full.xlsx"\n}\n',
    "distribution": 'distribution ieee34 {\n  model = "feeders/ieee34/ieee34.dss"\n}\n',
    "interface": "interface bus4 {\n  transmission = ieee14.bus[4]\n  distribution = ieee34\n}\n",
    "simulation": "simulation {\n  step = 1 s\n  stop = 15 s\n}\n",
}
"""A study that a part of a scenario joins, but for the blocks that the part has itself."""


def completed(part: str, rest: dict[str, str] | None = None) -> str:
    """The part with what a scenario must have besides."""
    around = REST if rest is None else rest
    return (
        part + "\n" + "".join(t for keyword, t in around.items() if not re.search(rf"^{keyword}\b", part, re.MULTILINE))
    )


def problems(text: str, folder: Path) -> list[str]:
    """What the language says of a scenario; its models are not looked at."""
    source = Source.from_text("page.tds", text)
    document, unread = parse(source)
    study, unsound = analyse(document, source, folder)
    found = (*unread, *unsound, *check(study, Models()))
    return [render_text(problem, [source]) for problem in found if problem.code != "TDS209"]
