"""What a drawing of the federation shows: federates, buses, feeders, and the signals between them.

Up to `most` interfaces have a row each. With more, each feeder federate has one row for each feeder model that it
carries; with more federates than that, those beyond are one that says how many it stands for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from tdscen.event_words import happenings
from tdscen.plan import FeederFederate, Interface, Plan
from tdscen.runtime.keys import power_key, voltage_key

MOST_ROWS = 40
MOST_WORKERS = 24
MOST_NAMED = 4
"""Buses that a row of many interfaces names."""

MOST_NOTES = 8


@dataclass(frozen=True, slots=True)
class Signal:
    """What one federate publishes and another reads: its global name in HELICS, its meaning, how many numbers."""

    topic: str
    what: str
    unit: str
    size: int

    @property
    def words(self) -> str:
        """`V∠θ in pu, 3 complex numbers`."""
        return f"{self.what} in {self.unit}, {self.size} complex number{'s' * (self.size != 1)}"


@dataclass(frozen=True, slots=True)
class Row:
    """One interface, or `count` of them with one feeder model."""

    interface: str
    bus: str
    load: str
    feeder: str
    scale: str
    resources: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Worker:
    """A federate that carries feeders, with what it hears and what it says. `simulators`: what solves them."""

    name: str
    simulators: str
    rows: tuple[Row, ...]
    voltage: Signal
    power: Signal


@dataclass(frozen=True, slots=True)
class Federation:
    """All of it. `notes`: further federates, events, how it is executed."""

    title: str
    transmission: str
    simulator: str
    case: str
    workers: tuple[Worker, ...]
    notes: tuple[str, ...]


def federation(plan: Plan, most: int = MOST_ROWS) -> Federation:
    """The federation of a plan, with at most `most` interfaces shown one by one."""
    each = len(plan.interfaces) <= most
    federates = plan.feeder_federates
    if len(federates) > MOST_WORKERS:
        federates = federates[: MOST_WORKERS - 1]
    workers = [_worker(plan, federate, each) for federate in federates]
    rest = plan.feeder_federates[len(federates) :]
    if rest:
        carried = tuple(name for federate in rest for name in federate.interfaces)
        name = f"{rest[0].name} to {rest[-1].name}"
        workers.append(_worker(plan, FeederFederate(name, carried), each, f"{len(rest)} federates: "))
    t = plan.transmission
    return Federation(plan.title, t.name, t.simulator, t.case.path, tuple(workers), tuple(_notes(plan)))


def _worker(plan: Plan, federate: FeederFederate, each: bool, lead: str = "") -> Worker:
    carried = [plan.interface(name) for name in federate.interfaces]
    models = dict.fromkeys(interface.distribution for interface in carried)
    simulators = ", ".join(dict.fromkeys(plan.distribution(name).simulator for name in models))
    n = len(carried)
    return Worker(
        name=lead + federate.name,
        simulators=simulators,
        rows=tuple(_row(plan, i) for i in carried) if each else tuple(_many(plan, carried)),
        voltage=Signal(voltage_key(plan.transmission.name, federate.name), "V∠θ", "pu", n),
        power=Signal(power_key(federate.name), "P + jQ", "MW + j MVAr", n),
    )


def _row(plan: Plan, interface: Interface) -> Row:
    p_mw = interface.load_p_mw if interface.replace_mw is None else interface.replace_mw
    q_mvar = interface.load_q_mvar if interface.replace_mvar is None else interface.replace_mvar
    of_it = "" if interface.replace_mw is None else f" of {interface.load_p_mw:.5g} MW"
    scale = interface.scale
    factors = f"× {scale.p_factor:.6g}"
    factors += f" (Q × {scale.q_factor:.6g})" if scale.q_factor != scale.p_factor else ""
    factors += f", shunt {scale.shunt_mvar:.5g} MVAr" if scale.shunt_mvar else ""
    return Row(
        interface=interface.name,
        bus=f"bus {interface.bus}",
        load=f"{p_mw:.5g} MW, {q_mvar:.5g} MVAr{of_it}" if interface.load is not None else "no load of its own",
        feeder=interface.distribution,
        scale=factors,
        resources=_resources(plan, interface.distribution),
    )


def _many(plan: Plan, carried: Sequence[Interface]) -> Iterator[Row]:
    """One row for each feeder model."""
    for name, group in groupby(sorted(carried, key=lambda i: i.distribution), key=lambda i: i.distribution):
        found = list(group)
        if len(found) == 1:
            yield _row(plan, found[0])
            continue
        buses = [str(bus) for bus in dict.fromkeys(interface.bus for interface in found)]
        more = f" and {len(buses) - MOST_NAMED} more" if len(buses) > MOST_NAMED else ""
        p_mw = sum(i.load_p_mw if i.replace_mw is None else i.replace_mw for i in found)
        factors = [interface.scale.p_factor for interface in found]
        spread = f"× {min(factors):.5g}" + (f" to {max(factors):.5g}" if max(factors) > min(factors) else "")
        yield Row(
            interface=f"{len(found)} interfaces",
            bus=f"bus{'es' * (len(buses) != 1)} {', '.join(buses[:MOST_NAMED])}{more}",
            load=f"{p_mw:.5g} MW",
            feeder=f"{len(found)} × {name}",
            scale=spread,
            resources=_resources(plan, name),
            count=len(found),
        )


def _resources(plan: Plan, distribution: str) -> str:
    return ", ".join(f"{each.device} {each.name}" for each in plan.resources_of(distribution))


def _notes(plan: Plan) -> Iterator[str]:
    simulation = plan.simulation
    yield (
        f"HELICS, {plan.federation.core} core · {simulation.coupling} coupling, "
        f"step {simulation.step_s:g} s, to t = {simulation.stop_s:g} s"
    )
    for federate in plan.external_federates:
        yield f"federate {federate.name}: {federate.command}"
    found = [f"{each.name} at {each.at_s:g} s: {each.what}" for each in happenings(plan)]
    yield from found[:MOST_NOTES]
    if len(found) > MOST_NOTES:
        yield f"and {len(found) - MOST_NOTES} more events"
