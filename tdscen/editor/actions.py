"""The mends of diagnostics that an editor can make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tdscen.diagnostics import Diagnostic, Fix
from tdscen.editor.analysis import Analysis
from tdscen.source import Source, Span


def mends(analysis: Analysis, start: int, end: int) -> Iterator[tuple[Diagnostic, Fix]]:
    """Every mend of a diagnostic that touches a stretch of the document."""
    for problem in analysis.diagnostics:
        place = analysis.source.clamp(problem.span)
        if problem.span.file == 0 and place.start <= end and start <= place.end:
            yield from ((problem, _tidy(fix, analysis.sources[fix.span.file])) for fix in problem.fixes)


def _tidy(fix: Fix, source: Source) -> Fix:
    """What is taken out takes its line with it where nothing else stands there."""
    text, span = source.text, fix.span
    first = text.rfind("\n", 0, span.start) + 1
    last = text.find("\n", span.end) + 1
    alone = not text[first : span.start].strip() and not text[span.end : last].strip()
    return replace(fix, span=Span(first, last, span.file)) if not fix.text and last and alone else fix
