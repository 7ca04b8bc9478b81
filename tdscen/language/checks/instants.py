"""Times at which something switches: within the run, apart from each other, and with steps that fit around them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from tdscen.diagnostics import Diagnostic, Label
from tdscen.language.checks.time import whole_steps
from tdscen.language.instants import distinct, instants, over
from tdscen.language.mending import argument
from tdscen.language.models import Models
from tdscen.language.study import CheckedBlock, Study
from tdscen.language.values import Chosen, Quantity
from tdscen.times import LEAST_OFFSET_S, SAME_S, SWITCH_S, communication_times_s, exchange_offset_s

APART_S = 2 * SWITCH_S
"""The step behind an event is 0.1 ms long, and the next one no shorter."""


def in_time(study: Study, _models: Models) -> Iterator[Diagnostic]:
    """An event, and a fault's clearing, lies within the simulation."""
    simulation = study.first("simulation")
    stop_s = simulation.number("stop") if simulation else None
    if simulation is None or stop_s is None:
        return
    label = Label(simulation.span("stop"), f"the simulation stops at {stop_s:g} s")
    for event in study.all("event"):
        at_s, over_s = event.number("at"), over(event)
        if at_s is None or over_s is None:
            continue
        if at_s >= stop_s - SAME_S:
            message = f"event {event.label} comes when the simulation is over"
            yield Diagnostic("TDS424", message, event.span("at"), labels=(label,))
        elif over_s >= stop_s - SAME_S:
            message = f"the fault of event {event.label} is never cleared: that would be at t = {over_s:g} s"
            span = event.span("clear_after")
            yield Diagnostic("TDS429", message, span, labels=(label,), severity="warning")


def far_enough_apart(study: Study, models: Models) -> Iterator[Diagnostic]:
    """Two instants are one time, or a step apart; so are they from the start and the end."""
    found = instants(study, models)
    simulation = study.first("simulation")
    stop_s = simulation.number("stop") if simulation else None
    for before, after in pairwise(found):
        if SAME_S < after.at_s - before.at_s < APART_S - SAME_S:
            gap = f"{(after.at_s - before.at_s) * 1000:.3g} ms"
            message = f"{after.what} comes {gap} after {before.what}"
            help = "give both the same time, or put 0.2 ms or more between them"
            label = Label(before.span, f"{before.what}: t = {before.at_s:.9g} s")
            yield Diagnostic("TDS425", message, after.span, f"t = {after.at_s:.9g} s", help, (label,))
    for instant in found:
        if SAME_S < instant.at_s < APART_S - SAME_S:
            message = f"{instant.what} comes {instant.at_s * 1000:.3g} ms after the start"
            yield Diagnostic("TDS425", message, instant.span, "", "let it come at 0 s, or at 0.2 ms or later")
        if stop_s is not None and stop_s - instant.at_s < APART_S - SAME_S:
            message = f"{instant.what} comes {(stop_s - instant.at_s) * 1000:.3g} ms before the end"
            yield Diagnostic("TDS425", message, instant.span, "", "let the simulation last 0.2 ms longer, or more")


def refine_fits(study: Study, models: Models) -> Iterator[Diagnostic]:
    """A refined step is shorter than a step, and there is something to refine around."""
    simulation = study.first("simulation")
    refine = simulation.inner("refine") if simulation else None
    if simulation is None or refine is None:
        return
    step_s, fine_s = simulation.number("step"), refine.number("step")
    if step_s is not None and fine_s is not None:
        label = Label(simulation.span("step"), f"step is {step_s:g} s")
        if fine_s >= step_s - SAME_S:
            message = f"the refined step of {fine_s:g} s is not smaller than the step"
            yield Diagnostic("TDS426", message, refine.span("step"), labels=(label,))
        elif fine_s < APART_S - SAME_S:
            message = f"the refined step of {fine_s * 1000:.3g} ms is too small"
            help = "the step behind an event is 0.1 ms long in any case, the next ones are 0.2 ms or longer"
            yield Diagnostic("TDS426", message, refine.span("step"), "", help)
    if not study.all("event") and not instants(study, models):
        message = "refine has nothing to refine around: this study has no event"
        help = "add an `event`, or keep those of the case (`disable_events = false`)"
        yield Diagnostic("TDS427", message, refine.header, "", help, severity="warning")


def exchanges_fit(study: Study, models: Models) -> Iterator[Diagnostic]:
    """With iterative coupling all exchanges of a step fit into the shortest one, in HELICS's time."""
    simulation = study.first("simulation")
    coupling = simulation.value("coupling") if simulation else None
    most = coupling.argument("max") if isinstance(coupling, Chosen) and coupling.name == "iterative" else None
    room_s = shortest_step_s(study, models)
    if simulation is None or not isinstance(most, Quantity) or room_s is None:
        return
    if exchange_offset_s(room_s, int(most.value)) < LEAST_OFFSET_S:
        fits = math.floor(room_s / (4 * LEAST_OFFSET_S)) - 2
        message = f"{most.value:g} exchanges do not fit into a step of {room_s:.3g} s, the shortest one"
        at = f"{fits} would" if fits > 0 else ""
        help = "time requests of one step are 10 ns apart or more; choose fewer exchanges (`max`) or a longer step"
        fixes = argument(simulation.entries.get("coupling"), "max", str(fits)) if fits > 0 else ()
        yield Diagnostic("TDS428", message, simulation.span("coupling"), at, help, fixes=fixes)


def shortest_step_s(study: Study, models: Models) -> float | None:
    """The shortest communication step of a study; None where its steps are not known."""
    simulation = study.first("simulation")
    step_s, stop_s = (simulation.number("step"), simulation.number("stop")) if simulation else (None, None)
    steps = whole_steps(stop_s, step_s) if step_s is not None and stop_s is not None else None
    if simulation is None or step_s is None or steps is None:
        return None
    times_s = distinct(instants(study, models))
    if not times_s:
        return step_s
    fine_s, for_s = _refined(simulation.inner("refine"))
    return min(b - a for a, b in pairwise(communication_times_s(step_s, steps, times_s, fine_s, for_s)))


def _refined(refine: CheckedBlock | None) -> tuple[float | None, float]:
    if refine is None:
        return None, 0.0
    return refine.number("step"), refine.number("for") or 0.0
