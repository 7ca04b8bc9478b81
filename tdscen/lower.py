"""Checked study to plan: the one place where defaults are filled in and names are made."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from tdscen import plan as ir
from tdscen.facts import DistributionFacts, Facts, TransmissionFacts
from tdscen.language.added import as_studied
from tdscen.language.blocks import MEASURES
from tdscen.language.checks.time import whole_steps
from tdscen.language.instants import distinct, instants
from tdscen.language.models import Models, loads_at
from tdscen.language.shares import Part, parts
from tdscen.language.sites import Site, sites
from tdscen.language.study import CheckedBlock, Entry, Study
from tdscen.language.values import Chosen, Devices, Flag, Interval, Items, ProfileValue, Quantity, TextValue
from tdscen.lower_events import lower_events, lower_kept_events
from tdscen.lower_extras import lower_federate, lower_host, lower_resource, lower_sweep
from tdscen.packing import cost, pack
from tdscen.profiles import Constant
from tdscen.simulators import simulator
from tdscen.source import Source
from tdscen.syntax import nodes as n
from tdscen.units import BASE, UNITS, find


def lower(study: Study, models: Models, scales: Mapping[str, ir.Scale], sources: Sequence[Source]) -> ir.Plan:
    """The plan of a study without errors.

    `scales` by interface name; every model of the study has its facts; `sources` are all its files, the scenario
    first.
    """
    source = sources[0]
    transmission = study.all("transmission")[0]
    facts = models.transmission(transmission.label)
    assert facts is not None
    found, shared = sites(study, models), parts(study, models)
    instants_s = distinct(instants(study, models))
    return ir.Plan(
        format=ir.FORMAT,
        name=source.stem,
        title=study.title,
        source=source.name.rsplit("/", 1)[-1],
        source_sha256=_hash(sources),
        parameters=study.parameters,
        transmission=_transmission(study, transmission, models, facts),
        distributions=tuple(
            _distribution(study, block, models)
            for block in study.all("distribution")
            if any(site.distribution == block.label for site in found)
        ),
        interfaces=tuple(_interface(site, facts, scales[site.name], shared.get(site.name)) for site in found),
        feeder_federates=_federates(found, study.first("federation"), models),
        simulation=_simulation(study.all("simulation")[0], instants_s),
        federation=_federation(study.first("federation")),
        requirements=tuple(_requirement(e) for block in study.all("require") for e in block.entries.values()),
        events=lower_events(study, models, instants_s),
        resources=tuple(lower_resource(block) for block in study.all("der")),
        external_federates=tuple(lower_federate(block) for block in study.all("federate")),
        sweeps=tuple(lower_sweep(block) for block in study.all("sweep")),
        kept_events=lower_kept_events(study, models),
    )


def _hash(sources: Sequence[Source]) -> str:
    """Of the texts of all files, in the order in which they were read."""
    digest = hashlib.sha256()
    for source in sources:
        digest.update(f"{len(source.text)}\0{source.text}".encode())
    return digest.hexdigest()


def significant(value: float) -> float:
    """Nine significant digits: the last bits of a number computed from models differ between processors."""
    return float(f"{value:.9g}")


def _model(block: CheckedBlock, models: Models) -> ir.ModelFile:
    """Where the federate finds a model: by the simulator's own name, or in the generated folder."""
    probe = models.probes[block.label]
    source = probe.source
    assert source is not None
    assert probe.sha256 is not None
    folder = "" if source.origin == "builtin" else f"models/{block.label}/"
    extra = tuple(folder + name for name in source.extra)
    return ir.ModelFile(folder + source.main, source.origin, probe.sha256, extra)


def options(block: CheckedBlock) -> tuple[ir.Option, ...]:
    """What the scenario hands to a block's simulator, sorted by name."""
    inner = block.inner("options")
    return tuple(sorted((name, _plain(entry)) for name, entry in inner.entries.items())) if inner else ()


def _plain(entry: Entry) -> str | float | bool:
    match entry.value:
        case Quantity(number):
            return number
        case Flag(on):
            return on
        case TextValue(text):
            return text
    raise TypeError(f"an option cannot be {entry.value!r}")


def _observe(study: Study, block: CheckedBlock, facts: Facts) -> tuple[ir.Observation, ...]:
    """The simulator's default observations, then what the scenario asks for, each once."""
    chosen = simulator(block.choice("simulator") or "")
    facts = as_studied(study, block.label, facts)
    observations = list(chosen.default_observe(facts))
    for observe in study.all("observe"):
        entry = observe.entries.get(block.label)
        items = entry.value.values if entry and isinstance(entry.value, Items) else ()
        for item in items:
            if isinstance(item, Devices):
                observations += chosen.expand(item.device, item.key, item.quantity or "", facts)
    return tuple({o.column: o for o in observations}.values())


def _transmission(study: Study, block: CheckedBlock, models: Models, facts: TransmissionFacts) -> ir.Transmission:
    simulation = study.all("simulation")[0]
    step_s = simulation.number("step") or 0.0
    dynamics = block.choice("dynamics") != "off"
    inner_s = simulation.number("transmission_step") if dynamics else step_s
    return ir.Transmission(
        name=block.label,
        simulator=block.choice("simulator") or "",
        case=_model(block, models),
        base_mva=facts.base_mva,
        frequency_hz=facts.frequency_hz,
        step_s=min(inner_s or step_s, step_s),
        disable_events=bool(block.flag("disable_events")),
        options=options(block),
        observe=_observe(study, block, facts),
        dynamics=dynamics,
        loads=block.choice("loads"),  # type: ignore[arg-type]
    )


def _distribution(study: Study, block: CheckedBlock, models: Models) -> ir.Distribution:
    facts = models.distribution(block.label)
    assert isinstance(facts, DistributionFacts)
    return ir.Distribution(
        name=block.label,
        simulator=block.choice("simulator") or "",
        model=_model(block, models),
        controls=block.choice("controls"),  # type: ignore[arg-type]
        options=options(block),
        observe=_observe(study, block, facts),
    )


def _interface(site: Site, facts: TransmissionFacts, scale: ir.Scale, part: Part | None) -> ir.Interface:
    loads = loads_at(facts, site.bus.idx)
    load = site.block.value("load")
    entry = site.block.entries.get("load")
    return ir.Interface(
        name=site.name,
        distribution=site.distribution,
        bus=site.bus.idx,
        load=loads[0].idx if loads else None,
        load_p_mw=sum(load.p_mw for load in loads),
        load_q_mvar=sum(load.q_mvar for load in loads),
        scale=scale,
        profile_name=_profile_name(entry),
        profile=load.profile if isinstance(load, ProfileValue) else Constant(1.0),
        source_impedance=site.block.choice("source_impedance"),  # type: ignore[arg-type]
        replace_mw=significant(part.p_mw) if part else None,
        replace_mvar=significant(part.q_mvar) if part else None,
    )


def _profile_name(entry: Entry | None) -> str:
    expression = entry.expression if entry else None
    return expression.head.text if isinstance(expression, n.Reference) else ""


def _federates(
    found: tuple[Site, ...], federation: CheckedBlock | None, models: Models
) -> tuple[ir.FeederFederate, ...]:
    """One federate for each feeder model, or as many as `workers` says, with about equally much to solve."""
    workers = federation.number("workers") if federation else None
    if workers is None:
        names = dict.fromkeys(site.distribution for site in found)
        return tuple(ir.FeederFederate(name, tuple(s.name for s in found if s.distribution == name)) for name in names)
    groups = pack({site.name: _cost(site.distribution, models) for site in found}, int(workers))
    return tuple(ir.FeederFederate(f"feeders{i}", group) for i, group in enumerate(groups, start=1))


def _cost(distribution: str, models: Models) -> float:
    """What a step of a feeder costs; all the same where the models were not looked at."""
    facts = models.distribution(distribution)
    return cost(sum(len(bus.phases) for bus in facts.buses)) if facts else 1.0


def _simulation(block: CheckedBlock, instants_s: tuple[float, ...]) -> ir.Simulation:
    step_s, stop_s = block.number("step") or 0.0, block.number("stop") or 0.0
    coupling, refine = block.value("coupling"), block.inner("refine")
    assert isinstance(coupling, Chosen)
    tolerance, most = coupling.argument("tolerance"), coupling.argument("max")
    return ir.Simulation(
        step_s,
        stop_s,
        whole_steps(stop_s, step_s) or 0,
        coupling.name,  # type: ignore[arg-type]
        tolerance.value if isinstance(tolerance, Quantity) else None,
        int(most.value) if isinstance(most, Quantity) else None,
        _refine(refine) if refine else None,
        instants_s,
        block.number("checkpoint"),
    )


def _refine(block: CheckedBlock) -> ir.Refine:
    return ir.Refine(block.number("step") or 0.0, block.choice("around") or "", block.number("for") or 0.0)


def _federation(block: CheckedBlock | None) -> ir.Federation:
    if block is None:
        return ir.Federation("zmq", None, 60.0, "warning")
    port = block.number("port")
    return ir.Federation(
        core=block.choice("core") or "",
        port=None if port is None else int(port),
        timeout_s=block.number("timeout") or 0.0,
        log_level=block.choice("log_level") or "",
        hosts=tuple(lower_host(inner) for inner in block.nested if inner.schema.keyword == "host"),
    )


def _requirement(entry: Entry) -> ir.Requirement:
    """In the unit that the scenario writes, so that its figures are read back as they were written."""
    if isinstance(entry.value, Chosen):
        return _recovery(entry, entry.value)
    interval, measure = entry.value, MEASURES[entry.name]
    assert isinstance(interval, Interval)
    unit = _written_unit(entry.expression) or BASE.get(interval.dimension, "")
    factor = UNITS[unit].factor if unit else 1.0

    def written(value: float | None) -> float | None:
        return None if value is None else significant(value / factor)

    return ir.Requirement(
        name=entry.name,
        measure=entry.name,
        minimum=written(interval.low),
        maximum=written(interval.high),
        unit=unit,
        message=measure.statement,
    )


def _recovery(entry: Entry, above: Chosen) -> ir.Requirement:
    level, within = above.argument("level"), above.argument("within")
    assert isinstance(level, Quantity)
    assert isinstance(within, Quantity)
    statement = MEASURES[entry.name].statement
    return ir.Requirement(entry.name, entry.name, None, within.value, "s", statement, level_pu=level.value)


def _written_unit(expression: n.Expression) -> str | None:
    match expression:
        case n.Number(unit=n.Word(symbol)):
            unit = find(symbol)
            return unit.symbol if unit else None
        case n.Range(low):
            return _written_unit(low)
        case n.Group(inner) | n.Negative(inner):
            return _written_unit(inner)
    return None
