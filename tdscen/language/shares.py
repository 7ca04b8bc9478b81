"""Which part of a bus's load each interface takes the place of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tdscen.diagnostics import Diagnostic, Label
from tdscen.facts import Key, StaticLoad
from tdscen.language.models import Models, loads_at
from tdscen.language.sites import Site, sites
from tdscen.language.study import Study

LEFT_MW = 1e-9
"""A load of less is what rounding leaves."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bus's load; Q goes with P as in the whole load."""

    p_mw: float
    q_mvar: float


def parts(study: Study, models: Models) -> dict[str, Part]:
    """The part of every interface that does not simply stand in the place of its bus's only load, by its name."""
    found: dict[str, Part] = {}
    for group, loads in _by_bus(study, models):
        found |= _parts(group, loads)
    return found


def problems(study: Study, models: Models) -> Iterator[Diagnostic]:
    """Parts that are larger than the load, and feeders of which it is not clear which part is theirs."""
    for group, loads in _by_bus(study, models):
        yield from _problems(group, loads)


def _by_bus(study: Study, models: Models) -> Iterator[tuple[list[Site], tuple[StaticLoad, ...]]]:
    """The interfaces at each bus in the order of the file, and the bus's loads."""
    groups: dict[tuple[str, Key], list[Site]] = {}
    for site in sites(study, models):
        groups.setdefault((site.transmission, site.bus.idx), []).append(site)
    for group in groups.values():
        facts = models.transmission(group[0].transmission)
        if facts is not None:
            yield group, loads_at(facts, group[0].bus.idx)


def _parts(group: Sequence[Site], loads: Sequence[StaticLoad]) -> dict[str, Part]:
    if not loads or (len(group) == 1 and len(loads) == 1 and _asked_mw(group[0]) is None):
        return {}
    whole_mw = sum(load.p_mw for load in loads)
    whole_mvar = sum(load.q_mvar for load in loads)
    asked_mw = {site.name: _asked_mw(site) for site in group}
    open_ones = [name for name, p_mw in asked_mw.items() if p_mw is None]
    rest_mw = whole_mw - sum(p_mw for p_mw in asked_mw.values() if p_mw is not None)
    share_mw = rest_mw / len(open_ones) if open_ones else 0.0
    if len(open_ones) == len(group):
        return {name: Part(whole_mw / len(group), whole_mvar / len(group)) for name in asked_mw}
    return {name: _like(share_mw if p_mw is None else p_mw, whole_mw, whole_mvar) for name, p_mw in asked_mw.items()}


def _like(p_mw: float, whole_mw: float, whole_mvar: float) -> Part:
    return Part(p_mw, p_mw / whole_mw * whole_mvar if whole_mw else 0.0)


def _asked_mw(site: Site) -> float | None:
    return site.block.number("replace")


def _problems(group: Sequence[Site], loads: Sequence[StaticLoad]) -> Iterator[Diagnostic]:
    asking = [site for site in group if _asked_mw(site) is not None]
    open_ones = [site for site in group if _asked_mw(site) is None]
    matching = [site for site in open_ones if site.block.choice("scale") == "match_load"]
    whole_mw = sum(load.p_mw for load in loads)
    asked_mw = sum(_asked_mw(site) or 0.0 for site in asking)
    where = f"bus {group[0].bus.idx} of {group[0].transmission}"
    names = ", ".join(f"{load.idx} ({load.p_mw:.6g} MW)" for load in loads)
    if asking and asked_mw > whole_mw + LEFT_MW:
        message = f"{asked_mw:.6g} MW are to be replaced of the {whole_mw:.6g} MW at {where}"
        others = tuple(Label(s.block.span("replace"), f"and {_asked_mw(s) or 0:.6g} MW") for s in asking[:-1])
        at = names or "the bus has no load"
        yield Diagnostic("TDS405", message, asking[-1].block.span("replace"), at, labels=others)
    elif matching and len(open_ones) > 1:
        message = f"it is not clear which part of the load at {where} is whose: it has {len(group)} feeders"
        other = next(site for site in reversed(open_ones) if site != matching[-1])
        label = Label(other.span, f"interface {other.name} is here")
        help = "say it, as in `replace = 20 MW`; one of them may do without and takes the rest"
        yield Diagnostic("TDS405", message, matching[-1].span, names, help, (label,))
    elif matching and asking and whole_mw - asked_mw <= LEFT_MW:
        message = f"nothing is left of the {whole_mw:.6g} MW at {where} for {matching[0].name} to match"
        others = tuple(Label(s.block.span("replace"), f"{_asked_mw(s) or 0:.6g} MW") for s in asking)
        yield Diagnostic("TDS405", message, matching[0].span, labels=others)
