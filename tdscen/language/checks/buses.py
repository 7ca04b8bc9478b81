"""The interface's bus: it exists, it has one load, and the load is the one the writer believes in."""

from __future__ import annotations

from collections.abc import Iterator

from tdscen import mends
from tdscen.diagnostics import Diagnostic, Label
from tdscen.facts import Bus, TransmissionFacts
from tdscen.language import shares
from tdscen.language.models import Models, find_bus, loads_at
from tdscen.language.sites import Site, references, sites
from tdscen.language.study import Study
from tdscen.language.values import Quantity
from tdscen.suggest import nearest

EXPECTED_RELATIVE = 0.005
"""`expects = 47.8 MW` is met within half a percent: figures are written with three digits."""


def bus_exists(study: Study, models: Models) -> Iterator[Diagnostic]:
    """Every bus that an interface names is a bus of the system."""
    for block in study.all("interface"):
        for reference in references(block):
            facts = models.transmission(reference.owner)
            if facts is None or reference.every or reference.key is None or find_bus(facts, reference.key):
                continue
            message = f"{reference.owner} has no bus {reference.key}"
            help = f"`tdscen info FILE {reference.owner}` lists the buses and their loads"
            known = (key for bus in facts.buses for key in (bus.idx, bus.name))
            fixes = mends.device(reference.words.key, reference.key, known)
            at = _which_buses(facts, str(reference.key))
            yield Diagnostic("TDS204", message, reference.span, at, help, fixes=fixes)


def _which_buses(facts: TransmissionFacts, key: str) -> str:
    """`buses are numbered 1 to 14; did you mean 4?`"""
    numbers = [bus.idx for bus in facts.buses if isinstance(bus.idx, int)]
    near = nearest(key, [str(bus.idx) for bus in facts.buses] + [bus.name for bus in facts.buses])
    text = f"buses are numbered {min(numbers)} to {max(numbers)}" if numbers else "buses have names"
    return f"{text}; did you mean {near}?" if near else text


def bus_has_a_load(study: Study, models: Models) -> Iterator[Diagnostic]:
    """`match_load` needs a load to match."""
    for site in sites(study, models):
        facts = models.transmission(site.transmission)
        if facts is None:
            continue
        loads = loads_at(facts, site.bus.idx)
        total_mw = sum(load.p_mw for load in loads)
        if not loads and site.block.choice("scale") == "match_load":
            message = f"bus {site.bus.idx} of {site.transmission} has no load to match"
            help = "choose a bus with a load, or write the scale as a number: a load is then added to the bus"
            yield Diagnostic("TDS404", message, site.span, _buses_with_load(facts), help)
        elif loads and total_mw <= 0 and site.block.choice("scale") == "match_load":
            message = f"the load at bus {site.bus.idx} of {site.transmission} is {total_mw:.6g} MW"
            yield Diagnostic("TDS404", message, site.span, "a feeder that consumes cannot match it")


def _buses_with_load(facts: TransmissionFacts, most: int = 12) -> str:
    buses = [str(bus.idx) for bus in facts.buses if loads_at(facts, bus.idx)]
    shown = ", ".join(buses[:most]) + (", ..." if len(buses) > most else "")
    return f"buses with a load: {shown}" if buses else "the case has no loads"


def load_is_expected(study: Study, models: Models) -> Iterator[Diagnostic]:
    """The load at the bus is the one that `expects` states."""
    for site in sites(study, models):
        facts, expected = models.transmission(site.transmission), site.block.value("expects")
        if facts is None or not isinstance(expected, Quantity):
            continue
        actual = sum(load.p_mw for load in loads_at(facts, site.bus.idx))
        if abs(actual - expected.value) <= EXPECTED_RELATIVE * max(abs(expected.value), 1e-3):
            continue
        message = (
            f"the load at bus {site.bus.idx} of {site.transmission} is {actual:.6g} MW, "
            f"not the expected {expected.value:.6g} MW"
        )
        at = _who_has(facts, site.bus, expected.value)
        label = Label(site.span, f"bus {site.bus.idx}: {actual:.6g} MW")
        span = site.block.span("expects")
        fixes = mends.instead(span, f"{actual:.6g} MW")
        yield Diagnostic("TDS406", message, span, at, labels=(label,), fixes=fixes)


def _who_has(facts: TransmissionFacts, here: Bus, p_mw: float) -> str:
    """`bus 4 has 47.8 MW`, where another bus has the expected load."""
    for bus in facts.buses:
        total = sum(load.p_mw for load in loads_at(facts, bus.idx))
        if bus.idx != here.idx and total and abs(total - p_mw) <= EXPECTED_RELATIVE * abs(p_mw):
            return f"bus {bus.idx} has a load of {total:.6g} MW"
    return "no bus has such a load"


def parts_are_clear(study: Study, models: Models) -> Iterator[Diagnostic]:
    """It is clear which part of a bus's load each interface takes the place of, and there is as much."""
    yield from shares.problems(study, models)


def buses_stand_once(study: Study, models: Models) -> Iterator[Diagnostic]:
    """A block's list names each bus once: its interfaces are called after their buses."""
    first: dict[str, Site] = {}
    for site in sites(study, models):
        if site.name in first:
            label = Label(first[site.name].span, "the first time")
            message = f"bus {site.bus.idx} stands twice in {site.block.label}"
            help = "several feeders at one bus need interfaces of their own"
            yield Diagnostic("TDS202", message, site.span, "", help, (label,))
        first.setdefault(site.name, site)
