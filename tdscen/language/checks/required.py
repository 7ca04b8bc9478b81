"""What is required can be measured in this study."""

from __future__ import annotations

from collections.abc import Iterator

from tdscen.diagnostics import Diagnostic
from tdscen.language.models import Models
from tdscen.language.study import Study


def recovery_has_events(study: Study, models: Models) -> Iterator[Diagnostic]:
    """A voltage recovers from something: the scenario has an event, or keeps one of the case."""
    if study.all("event"):
        return
    for transmission in study.all("transmission"):
        facts = models.transmission(transmission.label)
        kept = not transmission.flag("disable_events")
        if kept and (facts is None or any(event.online for event in facts.events)):
            return
    for block in study.all("require"):
        if "recovery" in block.entries:
            yield Diagnostic(
                "TDS440",
                "there is nothing to recover from: this study has no event",
                block.entries["recovery"].name_span,
                help="add an `event`, or keep those of the case (`disable_events = false`)",
            )
