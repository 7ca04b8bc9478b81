"""The words for what differs: one table of the fields that deserve some, and rules for all others."""

from __future__ import annotations

from typing import Any

from tdscen import codec, event_words
from tdscen.compare.change import Change, Kind
from tdscen.compare.tree import NOTHING, Difference, Path, pattern, shown
from tdscen.compare.values import label, show, time, two
from tdscen.plan import Event

SUBJECTS = {
    "parameters": "parameter",
    "distributions": "distribution",
    "profiles": "profile",
    "interfaces": "interface",
    "events": "event",
    "kept_events": "event of the case",
    "resources": "der",
    "external_federates": "federate",
    "sweeps": "sweep",
    "requirements": "require",
    "interfaces.scale.rule": "scale rule of",
    "interfaces.scale.p_factor": "scale of",
    "interfaces.scale.q_factor": "scale of Q of",
    "interfaces.scale.shunt_mvar": "shunt of",
}
"""What a change is about, by its whole path or the path's first field (else that field itself)."""

LABELS = {
    "transmission.case.path": "case",
    "transmission.case.sha256": "case",
    "transmission.case.origin": "origin of the case",
    "transmission.case.extra": "additional files",
    "transmission.step_s": "integration step",
    "distributions.model.path": "model",
    "distributions.model.sha256": "model",
    "distributions.model.extra": "additional files",
    "transmission.model_sha256": "case",
    "distributions.model_sha256": "model",
    "interfaces.load_p_mw": "load at its bus",
    "interfaces.load_q_mvar": "load at its bus",
    "interfaces.replace_mw": "replaces",
    "interfaces.replace_mvar": "replaces",
    "interfaces.profile": "load",
    "requirements.within": "",
    "simulation.max_exchanges": "most exchanges",
    "events.value": "to",
}
"""What of it, by the whole path (else made of the fields' names)."""

WORDS = {"options": "option", "control_options": "control option", "environment": "variable", "axes": ""}
WORDS |= {"hosts": "host", "left": "left operand,", "right": "right operand,"}

ABSENT = {"federation.port": "free", "interfaces.replace_mw": "the whole load"}
"""What it means that a field is None (else `none`)."""


def change(difference: Difference, system: str) -> Change:
    """A difference with its wording; `system` is the name of the transmission system."""
    path = difference.path
    kind: Kind = "changed"
    if difference.old is NOTHING or difference.new is NOTHING:
        kind = "added" if difference.old is NOTHING else "removed"
    return Change(
        path=shown(path),
        kind=kind,
        old=None if difference.old is NOTHING else difference.old,
        new=None if difference.new is NOTHING else difference.new,
        subject=subject(difference),
        name=difference.key or (system if path[0] == "transmission" else ""),
        text=_text(difference, kind),
    )


def subject(difference: Difference) -> str:
    """`interface`, `scale of`, `simulation`."""
    first = difference.path[0]
    return SUBJECTS.get(difference.pattern) or SUBJECTS.get(first) or first.replace("_", " ")


def what(difference: Difference) -> str:
    """`controls`, `option tol`; empty where the subject says it all."""
    path = difference.path
    if difference.pattern in LABELS:
        return LABELS[difference.pattern]
    if difference.pattern in SUBJECTS:
        return ""
    own = len(path) - len(_below(path))
    return " ".join(filter(None, (_word(path[: i + 1]) for i in range(own, len(path)))))


def _below(path: Path) -> Path:
    """The path without its subject."""
    return path[2:] if len(path) > 1 and path[1].startswith("[") else path[1:]


def _word(path: Path) -> str:
    """The word for the last step of a path."""
    step = path[-1]
    return step[1:-1] if step.startswith("[") else LABELS.get(pattern(path), WORDS.get(step, label(step)))


def _text(difference: Difference, kind: Kind) -> str:
    of, place = what(difference), difference.pattern
    if place.endswith("sha256"):
        return f"content of the {of} changed, sha256 {difference.old[:12]} -> {difference.new[:12]}"
    old, new = _values(difference)
    if place.endswith(".name") and kind == "changed":
        return f"renamed to {new}"
    if place.endswith((".times_s", ".values")) and not place.startswith("sweeps"):
        return f"{of} changed in its file"
    if kind == "changed" or place.endswith("options"):
        return f"{of} {old} -> {new}".strip()
    value = f"added ({new})" if kind == "added" else f"removed (was {old})"
    return f"{of} {value}".strip()


def _values(difference: Difference) -> tuple[str, str]:
    old, new, place = difference.old, difference.new, difference.pattern
    field = next((step for step in reversed(difference.path) if not step.startswith("[")), "")
    known = [_special(value, place) for value in (old, new)]
    a, b = two(old, new, field)
    if a == b and None in known:  # long lists
        b = f"{b} (others)"
    return (a if known[0] is None else known[0]), (b if known[1] is None else known[1])


def _special(value: Any, place: str) -> str | None:
    """The text of a value that its type alone does not give."""
    if value is NOTHING:
        return "default"
    if value is None:
        return ABSENT.get(place)
    match place, value:
        case "title", str(title):
            return f'"{title}"'
        case "interfaces", {"distribution": feeder, "bus": bus, "scale": {"p_factor": factor, "rule": rule}, **rest}:
            by = "" if _is_factor(rule) else f" ({rule})"
            return f"{feeder} at bus {bus}, scale {factor:.6g}{by}, load {show(rest['profile'])}"
        case "distributions", {"model": {"path": path}, "controls": controls}:
            return f"{path}, controls {controls}"
        case "events", {"action": str(), "at_s": at_s, "value": to}:
            number, unit = to or (None, "")
            event = codec.decode(Event, {**value, "name": "", "value": number, "unit": unit})
            return f"{event_words.what(event)}, at {time(at_s)}"
        case "kept_events", {"at_s": at_s, "what": text}:
            return f"{text}, at {time(at_s)}"
        case "events.value", [number, unit]:
            return event_words.quantity(number, unit)
        case "requirements", {"within": within, "level_pu": float(level)}:
            return f"above {level:.9g} pu within {bounds(*within).removeprefix('< ')}"
        case "requirements", {"within": within}:
            return bounds(*within)
        case "requirements.within", within:
            return bounds(*within)
    return None


def _is_factor(rule: str) -> bool:
    return rule[:1].isdigit()


def bounds(low: float | None, high: float | None, unit: str) -> str:
    """`0.95 pu .. 1.05 pu`, `< 1 kW`, `> 59.5 Hz`."""
    a, b = (f"{bound:.9g} {unit}".strip() if bound is not None else "" for bound in (low, high))
    return f"{a} .. {b}" if a and b else f"< {b}" if b else f"> {a}"
