"""Events in the order of their times: nothing is opened that is open, and nothing has two things done at once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from tdscen.diagnostics import Diagnostic, Label
from tdscen.facts import FeederLine, Key, Line
from tdscen.language.checks.events import action_of
from tdscen.language.instants import kept_events, over
from tdscen.language.models import Models
from tdscen.language.study import Study
from tdscen.language.targets import find, own_key
from tdscen.source import Span
from tdscen.times import SAME_S

Device = tuple[str, str, Key]
"""System, kind (a switch is a line), key."""


@dataclass(frozen=True, slots=True)
class _Step:
    """Something that happens to a device; `toggle` is an event of the case. `quantity` belongs to `set`."""

    at_s: float
    action: str
    device: Device
    what: str
    span: Span
    over_s: float
    quantity: str | None = None


def in_order(study: Study, models: Models) -> Iterator[Diagnostic]:
    """Each event finds its device as it needs it."""
    states: dict[Device, tuple[bool, str, Span | None]] = {}
    steps = sorted(_steps(study, models), key=lambda step: step.at_s)
    for i, step in enumerate(steps):
        twin = next((s for s in steps[:i] if _at_once(s, step)), None)
        if twin is not None:
            system, kind, key = step.device
            message = f"{step.what} and {twin.what} do something to {kind} {key} of {system} at the same time"
            help = "leave out one of them, or let one come later by more than 0.2 ms"
            yield Diagnostic("TDS432", message, step.span, "the second one", help, (Label(twin.span, "the first one"),))
            continue
        if step.action == "set":
            continue
        if step.action == "fault":
            yield from _one_fault(steps[:i], step)
            continue
        on, why, cause = states.get(step.device) or (_on(models, step.device), "in the model", None)
        wanted = {"close": True, "toggle": not on}.get(step.action, False)
        if on == wanted:
            yield _nothing_to_do(step, on, why, cause)
        states[step.device] = (wanted, f"since {step.what} at t = {step.at_s:g} s", step.span)


def _steps(study: Study, models: Models) -> Iterator[_Step]:
    case = study.first("transmission")
    for kept in kept_events(study, models):
        if case is not None and kept.key is not None:
            action = "fault" if kept.device == "bus" else "toggle"
            device = (case.label, kept.device, kept.key)
            over_s = kept.time_s if kept.until_s is None else kept.until_s
            yield _Step(
                kept.time_s, action, device, f"event {kept.idx} of the case", case.span("disable_events"), over_s
            )
    for block in study.all("event"):
        at_s, happening = block.number("at"), action_of(block)
        if at_s is None or happening is None or happening[1].key is None:
            continue
        action, target = happening
        cleared_s = over(block) if "clear_after" in block.entries else None
        over_s = math.inf if cleared_s is None else cleared_s
        kind = "line" if target.device == "switch" else target.device
        device = (target.owner or "", kind, own_key(study, models, target))
        quantity = target.quantity.casefold() if target.quantity else None
        yield _Step(at_s, action, device, f"event {block.label}", block.span("at"), over_s, quantity)


def _at_once(one: _Step, other: _Step) -> bool:
    """Whether two events do something to the same (quantity of a) device at the same time."""
    same = one.device == other.device and (one.action == "set") == (other.action == "set")
    return same and one.quantity == other.quantity and abs(one.at_s - other.at_s) <= SAME_S


def _on(models: Models, device: Device) -> bool:
    """Whether a line is closed in the model; other devices have been checked to be in service."""
    system, kind, key = device
    facts = models.facts(system)
    found = find(facts, kind, key) if facts is not None else None
    match found:
        case (_, Line(online=on)) | (_, FeederLine(closed=on)):
            return on
    return True


def _one_fault(before: list[_Step], step: _Step) -> Iterator[Diagnostic]:
    for other in before:
        if other.action == "fault" and other.device == step.device and other.over_s > step.at_s + SAME_S:
            system, _, key = step.device
            message = f"bus {key} of {system} has the fault of {other.what} still when {step.what} comes"
            label = Label(other.span, "the first fault")
            yield Diagnostic("TDS431", message, step.span, "", "clear the first one before (`clear_after`)", (label,))


def _nothing_to_do(step: _Step, on: bool, why: str, cause: Span | None) -> Diagnostic:
    system, kind, key = step.device
    state = ("closed" if on else "open") if kind == "line" else ("in service" if on else "out of service")
    message = f"{step.what} finds {kind} {key} of {system} {state} already"
    labels = (Label(cause, f"{state} {why}"),) if cause is not None else ()
    at = "" if cause is not None else f"{state} {why}"
    help = "events are followed in the order of their times"
    return Diagnostic("TDS431", message, step.span, at, help, labels)
