"""The mends of diagnostics that an editor can make."""

from __future__ import annotations

from collections.abc import Iterator

from tdscen.diagnostics import Diagnostic, Fix
from tdscen.editor.analysis import Analysis


def mends(analysis: Analysis, start: int, end: int) -> Iterator[tuple[Diagnostic, Fix]]:
    """Every mend of a diagnostic that touches a stretch of the document."""
    for problem in analysis.diagnostics:
        place = analysis.source.clamp(problem.span)
        if problem.span.file == 0 and place.start <= end and start <= place.end:
            yield from ((problem, fix) for fix in problem.fixes)
