"""When something switches in a study: its events, what ends them, and events of the case that are kept."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from tdscen.facts import CaseEvent
from tdscen.language.models import Models
from tdscen.language.study import CheckedBlock, Study
from tdscen.source import Span
from tdscen.times import SAME_S


@dataclass(frozen=True, slots=True)
class Instant:
    """A time in s, and whose it is: `event dip`, `the clearing of event dip`, `event 1 of the case`.

    `fixed`: it follows from something else, to the last bit.
    """

    at_s: float
    what: str
    span: Span
    fixed: bool = False


def instants(study: Study, models: Models) -> tuple[Instant, ...]:
    """Those before the end of the run, in the order of time."""
    stop_s = _stop_s(study)
    found = []
    for event in kept_events(study, models):
        block = study.all("transmission")[0]
        times_s = (event.time_s, event.until_s)
        what, span = f"event {event.idx} of the case", block.span("disable_events")
        found += [Instant(t, what, span, fixed=True) for t in _known(times_s)]
    for block in study.all("event"):
        at_s, over_s = block.number("at"), over(block)
        if over_s is not None and over_s != at_s:
            what = f"the clearing of event {block.label}"
            found.append(Instant(over_s, what, block.span("clear_after"), fixed=True))
        if at_s is not None:
            found.append(Instant(at_s, f"event {block.label}", block.span("at")))
    return tuple(sorted((i for i in found if i.at_s < stop_s - SAME_S), key=lambda instant: instant.at_s))


def over(event: CheckedBlock) -> float | None:
    """When an event block's event is over: a fault's clearing, else its time."""
    at_s = event.number("at")
    clear_after_s = event.number("clear_after") if "fault" in event.entries else None
    return at_s if at_s is None or clear_after_s is None else at_s + clear_after_s


def kept_events(study: Study, models: Models) -> tuple[CaseEvent, ...]:
    """Events of the case that are not switched off and happen in the run."""
    stop_s = _stop_s(study)
    block = study.first("transmission")
    facts = models.transmission(block.label) if block else None
    if block is None or facts is None or block.flag("disable_events") is not False:
        return ()
    return tuple(e for e in facts.events if e.online and any(t < stop_s for t in _known((e.time_s, e.until_s))))


def distinct(found: Iterable[Instant]) -> tuple[float, ...]:
    """The times in order; those that are one time to HELICS once, as what is fixed has it."""
    kept: list[float] = []
    for instant in sorted(found, key=lambda instant: not instant.fixed):
        if all(abs(instant.at_s - other) > SAME_S for other in kept):
            kept.append(instant.at_s)
    return tuple(sorted(kept))


def _known(times_s: tuple[float | None, ...]) -> list[float]:
    return [t for t in times_s if t is not None and math.isfinite(t) and t >= 0]


def _stop_s(study: Study) -> float:
    simulation = study.first("simulation")
    stop_s = simulation.number("stop") if simulation else None
    return math.inf if stop_s is None else stop_s
