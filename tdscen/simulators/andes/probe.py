"""Facts of an ANDES case; runs in the probe's own process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from tdscen.facts import Bus, CaseEvent, Generator, Key, Line, StaticLoad, TransmissionFacts
from tdscen.simulators.andes.loading import (
    EVENTS,
    System,
    check_voltages,
    configure,
    load,
    set_up,
    solve_power_flow,
    switch_off_events,
)
from tdscen.simulators.andes.starting import initialise
from tdscen.simulators.andes.switching import CONTROLLERS
from tdscen.simulators.errors import SimulationError
from tdscen.simulators.source import ModelSource


def probe(source: ModelSource) -> TransmissionFacts:
    """Read the case, solve its power flow, and see whether its dynamics start in equilibrium."""
    name = source.main
    try:
        system = load(source)
        events = tuple(_events(system))
        switch_off_events(system)
        set_up(system, name)
    except SimulationError as error:
        return TransmissionFacts(0.0, 0.0, False, (), (), (), (), (), problem=str(error))
    configure(system, ())
    problem = None
    try:
        solve_power_flow(system, name)
        check_voltages(system, name)
    except SimulationError as error:
        problem = str(error)
    facts = _facts(system, events, problem)
    if facts.dynamic and problem is None:
        try:
            initialise(system, name)
        except SimulationError as error:
            return replace(facts, dynamics_problem=str(error))
    return facts


def _facts(system: System, events: tuple[CaseEvent, ...], problem: str | None) -> TransmissionFacts:
    """Facts of the system after its power flow."""
    base_mva = float(system.config.mva)
    dynamic = any(m.n and m.states for m in system.models.values() if m.flags.tds)
    return TransmissionFacts(
        base_mva=base_mva,
        frequency_hz=float(system.config.freq),
        dynamic=dynamic,
        buses=tuple(_buses(system)),
        loads=tuple(_loads(system, base_mva)),
        generators=tuple(_generators(system, base_mva)),
        lines=tuple(_lines(system)),
        events=events,
        problem=problem,
    )


def _rows(model: Any, *names: str) -> Iterator[tuple[Any, ...]]:
    """Values of parameters or variables, device by device, in the order of the case."""
    return zip(*(list(getattr(model, name).v) for name in names), strict=True)


def _buses(system: System) -> Iterator[Bus]:
    for idx, name, kv, v_pu, angle_rad in _rows(system.Bus, "idx", "name", "Vn", "v", "a"):
        yield Bus(_key(idx), str(name), float(kv), _finite(v_pu), _finite(angle_rad))


def _loads(system: System, base_mva: float) -> Iterator[StaticLoad]:
    for idx, bus, p_pu, q_pu, online in _rows(system.PQ, "idx", "bus", "p0", "q0", "u"):
        yield StaticLoad(_key(idx), _key(bus), float(p_pu) * base_mva, float(q_pu) * base_mva, bool(online))


def _generators(system: System, base_mva: float) -> Iterator[Generator]:
    """Dynamic generators in the place of the static ones that they model; the others as they are."""
    static: dict[Key, tuple[str, Any, float, float, str]] = {}
    in_service: dict[Key, bool] = {}
    controlled = {quantity: _controlled(system, group) for quantity, (group, _) in CONTROLLERS.items()}
    for model in (system.Slack, system.PV):
        for idx, name, bus, mva, p_pu, online in _rows(model, "idx", "name", "bus", "Sn", "p", "u"):
            in_service[_key(idx)] = bool(online)
            static[_key(idx)] = (str(name), bus, float(mva), _finite(p_pu) * base_mva, model.class_name)
    modelled: set[Key] = set()
    for model in system.SynGen.models.values():
        # Several dynamic generators may share a static one; PLBVFU1 has it alone and no share.
        shares = model.gammap.v if hasattr(model, "gammap") else [1.0] * model.n
        rows = zip(_rows(model, "idx", "name", "bus", "Sn", "gen", "u"), shares, strict=True)
        for (idx, name, bus, mva, gen, online), share in rows:
            modelled.add(_key(gen))
            p_mw = static[_key(gen)][3] * float(share) if _key(gen) in static else 0.0
            setpoints = tuple(name for name, devices in controlled.items() if _key(idx) in devices)
            kind = model.class_name
            yield Generator(_key(idx), str(name), _key(bus), kind, float(mva), p_mw, bool(online), setpoints)
    for key, (text, bus, mva, p_mw, kind) in static.items():
        if key not in modelled:
            yield Generator(key, text, _key(bus), kind, mva, p_mw, in_service[key], machine=False)


def _controlled(system: System, group: str) -> frozenset[Key]:
    """The generators that have a governor (`TurbineGov`) or an exciter (`Exciter`)."""
    models = getattr(system, group).models.values()
    return frozenset(_key(syn) for model in models for syn in (model.syn.v if model.n else ()))


def _lines(system: System) -> Iterator[Line]:
    for idx, name, bus1, bus2, online in _rows(system.Line, "idx", "name", "bus1", "bus2", "u"):
        yield Line(_key(idx), str(name), _key(bus1), _key(bus2), bool(online))


def _events(system: System) -> Iterator[CaseEvent]:
    """The case's own events, read before set-up."""
    for name in EVENTS:
        for row in _rows(getattr(system, name), *_EVENT_FIELDS[name]):
            idx, online, time_s, *fields = row
            what = _event_text(name, *fields)
            yield CaseEvent(
                _key(idx), name, float(time_s), what, bool(online), *_what_it_switches(system, name, fields)
            )


_EVENT_FIELDS = {
    "Toggle": ("idx", "u", "t", "model", "dev"),
    "Fault": ("idx", "u", "tf", "bus", "tc"),
    "Alter": ("idx", "u", "t", "model", "dev", "src", "method", "amount"),
}


def _what_it_switches(system: System, name: str, fields: list[Any]) -> tuple[float | None, str, Key | None]:
    """When it is over, the kind of device that it switches, and which."""
    match name, fields:
        case "Fault", (bus, clearing_s):
            return (None if clearing_s is None else float(clearing_s)), "bus", _key(bus)
        case "Toggle", (model, device):
            groups = {"line": system.ACLine, "generator": system.SynGen, "static": system.StaticGen}
            kind = next((kind for kind, group in groups.items() if model in group.models), "")
            return None, ("generator" if kind == "static" else kind), (_key(device) if kind else None)
    return None, "", None


def _event_text(name: str, *fields: Any) -> str:
    match name, fields:
        case "Toggle", (model, device):
            return f"{model} {device} is switched on or off"
        case "Fault", (bus, clearing_s):
            cleared = "" if clearing_s is None else f", cleared at {float(clearing_s):g} s"
            return f"short circuit at bus {bus}{cleared}"
        case _, (model, device, field, method, amount):
            return f"{model} {device}: {field} {method} {amount}"
    raise TypeError(f"{name} with {fields}")


def _key(idx: Any) -> Key:
    """ANDES's idx as a plain number or text."""
    if isinstance(idx, (float, np.floating)) and float(idx).is_integer():
        return int(idx)
    return int(idx) if isinstance(idx, (int, np.integer)) else str(idx)


def _finite(value: Any) -> float:
    """The number, or 0 where a failed power flow left none."""
    return float(value) if np.isfinite(value) else 0.0
