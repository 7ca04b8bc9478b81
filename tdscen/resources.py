"""Where grammar/ and templates/ are: at the top of the source tree, or inside an installed wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).parent


@cache
def folder(name: str) -> Path:
    """The folder `grammar` or `templates`. Raises `FileNotFoundError` where the installation is broken."""
    for candidate in (_PACKAGE / "_resources" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"this installation of tdscen has no folder {name}/; install it again")


def read_grammar() -> str:
    """The text of grammar/tds.lark."""
    return (folder("grammar") / "tds.lark").read_text(encoding="utf-8")
