"""The feeder as its own model has it: fed at the right voltage, drawing what its loads say."""

from __future__ import annotations

from collections.abc import Iterator

from tdscen.diagnostics import Diagnostic, Label
from tdscen.facts import DistributionFacts
from tdscen.language.models import Models
from tdscen.language.sites import sites
from tdscen.language.study import CheckedBlock, Study

HEAD_V_PU = (0.9, 1.1)
"""A feeder's head is regulated within a few percent of its rating; outside of this the model is fed wrongly."""

RATIO_KV = 1.1
"""Most that a source's kV and the rating of the winding at it may differ by, as a ratio."""

HEAD_POWER_RELATIVE = 0.20
"""Head power may leave the sum of rated loads plus losses by voltage dependence, not by more than a fifth."""


def _sound(study: Study, models: Models) -> Iterator[tuple[CheckedBlock, DistributionFacts]]:
    for block in study.all("distribution"):
        facts = models.distribution(block.label)
        if facts is not None:
            yield block, facts


def head_voltage(study: Study, models: Models) -> Iterator[Diagnostic]:
    """The head of the feeder lies within 0.9 and 1.1 pu."""
    for block, facts in _sound(study, models):
        head, source = facts.head, facts.source
        if head is None or source is None or HEAD_V_PU[0] <= head.v_pu <= HEAD_V_PU[1]:
            continue
        help = f"the head of a feeder lies between {HEAD_V_PU[0]:g} and {HEAD_V_PU[1]:g} pu"
        at = f"source {source.name} is set to {source.v_pu:g} pu of {source.kv:g} kV"
        ratio = head.rated_kv / source.kv if head.rated_kv else 1.0
        if head.transformer and not 1 / RATIO_KV <= ratio <= RATIO_KV:
            at = f"the source is {source.kv:g} kV, transformer {head.transformer} at it is rated {head.rated_kv:g} kV"
            help = "make the source's basekv the rating of the winding it feeds"
        message = f"{block.label} is fed at {head.v_pu:.3g} pu"
        yield Diagnostic("TDS407", message, block.span("model"), at, help)


def head_power(study: Study, models: Models) -> Iterator[Diagnostic]:
    """What the head delivers is about what the loads are rated for, and the losses."""
    for block, facts in _sound(study, models):
        wanted = facts.loads_p_kw + facts.losses_p_kw
        if wanted <= 0 or abs(facts.head_p_kw - wanted) <= HEAD_POWER_RELATIVE * wanted:
            continue
        message = (
            f"{block.label} draws {facts.head_p_kw:.6g} kW, its loads are rated {facts.loads_p_kw:.6g} kW "
            f"and {facts.losses_p_kw:.6g} kW are lost"
        )
        at = f"{100 * (facts.head_p_kw / wanted - 1):+.0f} %; more than {100 * HEAD_POWER_RELATIVE:.0f} % is doubtful"
        help = "loads on the wrong nodes or at the wrong kV draw another power; `tdscen info` lists them"
        yield Diagnostic("TDS408", message, block.span("model"), at, help)


def kv_plausible(study: Study, models: Models) -> Iterator[Diagnostic]:
    """A feeder's source is not above the voltage of the bus that feeds it."""
    for site in sites(study, models):
        facts = models.distribution(site.distribution)
        if facts is None or facts.source is None or site.bus.kv <= 0 or facts.source.kv <= RATIO_KV * site.bus.kv:
            continue
        message = (
            f"feeder {site.distribution} starts at {facts.source.kv:g} kV, "
            f"above bus {site.bus.idx} with {site.bus.kv:g} kV"
        )
        help = "voltages are coupled in per unit; a feeder's source is expected at or below its bus"
        label = Label(site.block.span("distribution"), f"source at {facts.source.kv:g} kV")
        yield Diagnostic("TDS411", message, site.span, "", help, (label,), severity="warning")


def same_frequency(study: Study, models: Models) -> Iterator[Diagnostic]:
    """A 50 Hz feeder at a 60 Hz system has other reactances than its model says."""
    seen: set[tuple[str, str]] = set()
    for site in sites(study, models):
        system, feeder = models.transmission(site.transmission), models.distribution(site.distribution)
        pair = (site.transmission, site.distribution)
        if system is None or feeder is None or pair in seen or system.frequency_hz == feeder.frequency_hz:
            continue
        seen.add(pair)
        message = (
            f"{site.distribution} is a model for {feeder.frequency_hz:g} Hz, "
            f"{site.transmission} runs at {system.frequency_hz:g} Hz"
        )
        yield Diagnostic("TDS413", message, site.block.span("distribution"))
