"""Scaling rules to factors: what is asked of the models, and the derivation that is written into the plan."""

from __future__ import annotations

from typing import NamedTuple

from tdscen.diagnostics import Diagnostic
from tdscen.language.added import resources_at
from tdscen.language.models import Models, loads_at
from tdscen.language.shares import Part, parts
from tdscen.language.sites import Site, sites
from tdscen.language.study import CheckedBlock, Study
from tdscen.language.values import Chosen, Quantity
from tdscen.lower import options, significant
from tdscen.plan import Scale
from tdscen.probing import ScaledInterface, ScaleInterface, ScaleRequest, resolve_scales
from tdscen.simulators import ModelSource

_RULES = {"proportional": "match_load", "separate": "match_load_separate", "shunt": "match_load_shunt"}


ENDS_AT = 1e-5
"""Part of the load by which the start may miss it without a word."""


class Resolved(NamedTuple):
    """Scales by interface name (none where anything failed), and why."""

    scales: dict[str, Scale]
    diagnostics: tuple[Diagnostic, ...]


def resolve(study: Study, models: Models) -> Resolved:
    """The factors of every interface of a study without errors, from one equilibrium of all models."""
    found, shared = sites(study, models), parts(study, models)
    system = study.all("transmission")[0]
    request = ScaleRequest(
        transmission=_source(system, models),
        transmission_simulator=system.choice("simulator") or "",
        disable_events=bool(system.flag("disable_events")),
        transmission_options=options(system),
        interfaces=tuple(_interface(site, study, models, shared.get(site.name)) for site in found),
    )
    result = resolve_scales(request)
    if result.problem is not None:
        first = study.all("interface")[0]
        message = f"the start of the study cannot be computed: {result.problem}"
        q_follows = any(i.rule == "match_load" for i in request.interfaces)
        help = "`match_load(q = shunt)` keeps the reactive power of the bus's own load" if q_follows else ""
        return Resolved({}, (Diagnostic("TDS414", message, first.span("scale"), "", help),))
    pairs = zip(found, result.interfaces, strict=True)
    return Resolved({site.name: _scale(site, answer, study) for site, answer in pairs}, ())


def _source(block: CheckedBlock, models: Models) -> ModelSource:
    source = models.probes[block.label].source
    assert source is not None
    return source


def _interface(site: Site, study: Study, models: Models, part: Part | None) -> ScaleInterface:
    feeder = study.labelled(site.distribution)
    facts = models.transmission(site.transmission)
    assert feeder is not None
    assert facts is not None
    loads = loads_at(facts, site.bus.idx)
    return ScaleInterface(
        name=site.name,
        bus=site.bus.idx,
        load=loads[0].idx if loads else None,
        distribution=_source(feeder, models),
        distribution_simulator=feeder.choice("simulator") or "",
        distribution_options=options(feeder),
        controls=feeder.choice("controls"),  # type: ignore[arg-type]
        source_impedance=site.block.choice("source_impedance"),  # type: ignore[arg-type]
        rule=_rule(site.block),
        replace_mw=significant(part.p_mw) if part else None,
        replace_mvar=significant(part.q_mvar) if part else None,
    )


def _rule(block: CheckedBlock) -> str | float:
    """The rule's name for the probe, or the factor that the scenario writes."""
    match block.value("scale"):
        case Quantity(number):
            return number
        case Chosen("copies") as copies:
            count = copies.argument("n")
            return count.value if isinstance(count, Quantity) else 1.0
        case Chosen() as chosen:
            q = chosen.argument("q")
            return _RULES[q.name if isinstance(q, Chosen) else "proportional"]
    raise TypeError("a checked interface has a scale")


def _off_by(answer: ScaledInterface) -> str:
    """Where the start ends, if no factor makes it end at the load."""
    start_mw, load_mw = answer.start_p_mw, answer.load_p_mw
    if start_mw is None or abs(start_mw - load_mw) <= ENDS_AT * abs(load_mw):
        return ""
    return (
        f"; the start ends at {start_mw:.6g} MW ({100 * (start_mw / load_mw - 1):+.2g} %), because taps settle "
        "differently with each factor"
    )


def _scale(site: Site, answer: ScaledInterface, study: Study) -> Scale:
    value = site.block.value("scale")
    rule = _rule(site.block)
    p_factor = significant(answer.p_factor)
    at = f"{answer.v_pu:.6f} pu, where the feeder takes {answer.feeder_p_kw:.6g} kW and {answer.feeder_q_kvar:.6g} kvar"
    if added := resources_at(study, site.distribution):
        at += f", without {', '.join(block.label for block in added)}"
    if isinstance(rule, str):
        derivation = (
            f"{answer.load_p_mw:.6g} MW at bus {site.bus.idx} of {site.transmission} / "
            f"{answer.feeder_p_kw / 1000:.6g} MW of {site.distribution} = {p_factor:.6g}, at {at}"
        )
        derivation += _off_by(answer)
        text = {"match_load": "match_load"}.get(rule) or f"match_load(q = {rule.rsplit('_', 1)[-1]})"
    else:
        derivation = f"{p_factor:.9g} as written, at {at}"
        text = f"copies({rule:g})" if isinstance(value, Chosen) else f"{rule:.9g}"
    return Scale(text, p_factor, significant(answer.q_factor), significant(answer.shunt_mvar), derivation)
