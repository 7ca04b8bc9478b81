"""What goes wrong while a run is going on, each said in one sentence."""

from __future__ import annotations

from tdscen.runtime.status import ExitStatus


class RunError(Exception):
    """A federate cannot go on; the text is one sentence that says where, what and how to mend."""


class NotStarted(RunError):  # noqa: N818 - the name says what happened
    """The run could not begin."""

    status = ExitStatus.NOT_STARTED
