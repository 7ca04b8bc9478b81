"""Pages of the site that are made from the program or stand outside of docs/: a hook of mkdocs.

`commands.md` is made from `--help`, `diagnostics.md` from the catalogue, so that neither can say something else than
`tdscen COMMAND --help` and `tdscen explain CODE` do. What people expect at the root of a repository stays there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from mkdocs.structure.files import File, Files

from tdscen import catalogue
from tdscen.cli import COMMANDS, main

ROOT = Path(__file__).resolve().parents[2]
FAMILIES = {
    "1": "Text",
    "2": "Names",
    "3": "Blocks and values",
    "40": "Models",
    "41": "Models",
    "42": "Time",
    "43": "Events and data",
    "44": "Requirements",
    "45": "Studies without dynamics",
    "5": "Not supported yet",
}
"""Headings by the first digits of a code."""

BEHIND = {"changelog.md", "decisions.md", "faults.md", "hostile.md", "lesson.md", "steady_cases.md"}
"""Long pages of measurements and history: the search names them behind those that explain."""


def on_files(files: Files, config: Any) -> Files:
    """Add the made pages to those of docs/."""
    for name, text in pages().items():
        files.append(File.generated(config, name, content=text))
    return files


def pages() -> dict[str, str]:
    """The made pages by their names."""
    return {
        "commands.md": "\n".join(_commands()),
        "diagnostics.md": "\n".join(_diagnostics()),
        **{f"{name.lower()}.md": _from_root(name) for name in ("CONTRIBUTING", "CHANGELOG", "SECURITY")},
    }


def _commands() -> Iterator[str]:
    yield "# Commands\n"
    yield "What `tdscen COMMAND --help` prints.\n"
    with click.Context(main, info_name="tdscen") as context:
        yield f"```text\n{main.get_help(context)}\n```\n"
        for name in COMMANDS:
            command = main.get_command(context, name)
            assert command is not None
            with click.Context(command, parent=context, info_name=name) as inner:
                yield f"## tdscen {name}\n\n```text\n{command.get_help(inner)}\n```\n"


def _diagnostics() -> Iterator[str]:
    yield "# Diagnostics\n"
    yield "What `tdscen explain CODE` prints. A code keeps its meaning; `tdscen check --format json` is for programs.\n"
    heading = None
    for entry in catalogue.entries():
        digits = entry.code.removeprefix("TDS")
        family = next(title for start, title in FAMILIES.items() if digits.startswith(start))
        if family != heading:
            heading = family
            yield f"## {family}\n"
        yield f"### {entry.code}: {entry.title}\n\n{entry.text}\n"


def _from_root(name: str) -> str:
    """A page of the repository's root; its links into docs/ lead to their neighbours."""
    text = (ROOT / f"{name}.md").read_text(encoding="utf-8")
    return re.sub(r"\]\(docs/", "](", text)


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Links from docs/ to pages of the repository's root lead to the copies of the site."""
    if page.file.src_uri in BEHIND:
        page.meta["search"] = {"boost": 0.2}
    return re.sub(r"\]\(\.\./(CONTRIBUTING|CHANGELOG|SECURITY)\.md", lambda found: f"]({found[1].lower()}.md", markdown)
