"""What follows from what: figures that the compiler resolves change because something else did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tdscen.compare.tree import Difference
from tdscen.compare.wording import what

CASE = ("transmission.case.path", "transmission.case.sha256", "transmission.case.extra")
MODEL = ("distributions.model.path", "distributions.model.sha256", "distributions.model.extra")
START = (*CASE, "transmission.disable_events", "transmission.options")
"""What of the transmission system moves the start of the study."""

SCALE = ("interfaces.scale.p_factor", "interfaces.scale.q_factor", "interfaces.scale.shunt_mvar")
OF_INTERFACE = tuple(
    f"interfaces.{field}" for field in ("scale.rule", "bus", "distribution", "replace_mw", "source_impedance")
)
OF_FEEDER = (*MODEL, "distributions.controls", "distributions.options")
IN_THE_CASE = ("interfaces.load_p_mw", "interfaces.load_q_mvar")
FACTS = ("transmission.base_mva", "transmission.frequency_hz", "transmission.observe")
ELSEWHERE = "the other interfaces"


def causes(difference: Difference, found: Sequence[Difference], feeders: dict[str, str]) -> tuple[str, ...]:
    """What among the differences brings this one about, in words; nothing where the scenario itself says it.

    `feeders` gives the feeder model of every interface of the new study.
    """
    pattern, key = difference.pattern, difference.key
    if pattern in FACTS:
        return _words(_of(found, CASE))
    if pattern == "distributions.observe":
        return _words(_of(found, MODEL, key), own=key)
    if pattern.startswith("kept_events"):
        return _words(_of(found, (*CASE, "transmission.disable_events", "simulation.stop_s")))
    if pattern in IN_THE_CASE:
        return _words([*_of(found, ("interfaces.bus",), key), *_of(found, CASE)], own=key)
    if pattern in SCALE:
        return _of_scale(key, found, feeders)
    return ()


def _of_scale(key: str, found: Sequence[Difference], feeders: dict[str, str]) -> tuple[str, ...]:
    own = _of(found, OF_INTERFACE, key)
    rules = [d for d in own if d.pattern == "interfaces.scale.rule"]
    if any(str(d.new)[:1].isdigit() for d in rules):  # written as a number, so nothing else counts
        return _words(rules, own=key)
    direct = [*own, *_of(found, OF_FEEDER, feeders.get(key, "")), *_of(found, START)]
    if direct:
        return _words(direct, own=key)
    others = [d for d in found if d.pattern == "interfaces" or d.pattern in (*OF_INTERFACE, *OF_FEEDER)]
    return (ELSEWHERE,) if others else ()


def _of(found: Iterable[Difference], patterns: tuple[str, ...], key: str | None = None) -> list[Difference]:
    """The differences at or below these places, of the thing called `key` where that is given."""
    return [
        d
        for d in found
        if key in (None, d.key) and any(d.pattern == p or d.pattern.startswith(f"{p}.") for p in patterns)
    ]


def _words(found: Iterable[Difference], own: str = "") -> tuple[str, ...]:
    return tuple(dict.fromkeys(_cause(d, own) for d in found))


def _cause(difference: Difference, own: str) -> str:
    of = "scale rule" if difference.pattern == "interfaces.scale.rule" else what(difference)
    if own and difference.key == own:
        return f"its {of}"
    return f"the {of} of {difference.key}" if difference.path[0] == "distributions" else f"the {of}"
