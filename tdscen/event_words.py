"""What happens in a study, in words: for summaries, figures and records of a run."""

from __future__ import annotations

from dataclasses import dataclass

from tdscen.plan import Event, Plan
from tdscen.times import SAME_S


@dataclass(frozen=True, slots=True)
class Happening:
    """Something at `at_s`, over at `until_s` (None: it lasts), in words: `line ieee14[Line_3] opens`."""

    name: str
    at_s: float
    what: str
    until_s: float | None = None


def happenings(plan: Plan) -> tuple[Happening, ...]:
    """The events of the scenario and those kept of the case, in the order of time."""
    stop_s = plan.simulation.stop_s
    found = [Happening(e.name, e.at_s, what(e), _over_s(e, stop_s)) for e in plan.events]
    found += [Happening(k.name, k.at_s, f"{k.what} (of the case)", k.until_s) for k in plan.kept_events]
    return tuple(sorted(found, key=lambda happening: happening.at_s))


def what(event: Event) -> str:
    """What an event does: `fault at bus 4 of ieee14 through j0.3 pu, cleared after 80 ms`."""
    target = event.target
    device = f"{target.device} {target.key} of {target.system}"
    match event.action:
        case "fault":
            cleared = "" if event.clear_after_s is None else f", cleared after {event.clear_after_s * 1000:.6g} ms"
            return f"fault at {device}{_through(event)}{cleared}"
        case "open" | "close":
            return f"{device} {event.action}s"
        case "trip":
            return f"{device} trips"
        case "set":
            return f"{target.quantity} of {device} is set to {quantity(event.value or 0.0, event.unit)}"


def quantity(number: float, unit: str) -> str:
    """A value with its unit, what is small in a thousandth of it."""
    if unit in _SMALLER and abs(number) < 1:
        number, unit = number * 1000, _SMALLER[unit]
    return f"{number:.6g} {unit}".strip()


_SMALLER = {"MW": "kW", "MVAr": "kvar", "kV": "V"}


def _through(event: Event) -> str:
    resistance, reactance = event.resistance_pu or 0.0, event.reactance_pu or 0.0
    parts = [f"{resistance:g}"] if resistance else []
    parts += [f"j{reactance:g}"] if reactance else []
    return f" through {' + '.join(parts)} pu"


def _over_s(event: Event, stop_s: float) -> float | None:
    if event.clear_after_s is None:
        return None
    over_s = event.at_s + event.clear_after_s
    return over_s if over_s < stop_s - SAME_S else None
