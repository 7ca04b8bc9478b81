"""What the functions of this package raise on purpose, each with a text that is made to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

PUBLIC = "tdscen"
"""Where users find these classes, and what a traceback calls them."""

if TYPE_CHECKING:
    from tdscen.diagnostics import Diagnostic
    from tdscen.results.run import Run


class ScenarioError(Exception):
    """A scenario cannot be compiled. The text is what `tdscen check` prints: every error with place, mark and mend.

    `diagnostics` are the same as data, none where the reason is not in the scenario (a folder that cannot be written).
    """

    __module__ = PUBLIC

    def __init__(self, text: str, diagnostics: tuple[Diagnostic, ...] = ()) -> None:
        super().__init__(text)
        self.diagnostics = diagnostics


class RunError(Exception):
    """A run did not start or did not complete; the text is the first cause.

    `run` is the run as far as it came, None where none began; `status` what `tdscen run` would have exited with.
    """

    __module__ = PUBLIC

    def __init__(self, text: str, status: int, run: Run | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.run = run


class SweepError(Exception):
    """A sweep cannot be run; the text is one sentence."""

    __module__ = PUBLIC


class ScenarioWarning(UserWarning):
    """Something about a scenario or its generated folder that does not keep it from running."""

    __module__ = PUBLIC


class ScriptKept(ScenarioWarning):
    """A generated script that the user has changed was left as it is."""

    __module__ = "tdscen.api.errors"
