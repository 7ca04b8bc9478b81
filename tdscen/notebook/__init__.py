"""The `%%tds` cell magic, and how scenarios look in a notebook. IPython is imported when the magic is registered."""

from __future__ import annotations

from typing import Any


def register(shell: Any) -> None:
    """Give the shell the cell magic `%%tds`."""
    from tdscen.notebook.magic import HELP, tds

    def magic(line: str, cell: str) -> None:
        tds(shell, line, cell)

    magic.__doc__ = HELP
    shell.register_magic_function(magic, magic_kind="cell", magic_name="tds")
