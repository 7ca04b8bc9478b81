"""Text for terminals that is the same wherever it is made."""

from __future__ import annotations

import io

from rich.console import Console


def recording_console(width: int, *, color: bool) -> Console:
    """A console whose output is captured; nothing of the environment has a say in it."""
    return Console(
        file=io.StringIO(),
        width=width,
        force_terminal=color,
        force_jupyter=False,  # in a notebook it would display what it prints, and capture nothing
        color_system="standard" if color else None,
        legacy_windows=False,
        markup=False,
        highlight=False,
        emoji=False,
        _environ={},
    )
