"""The computation behind `resolve_scales`; runs in the worker process.

The factor is what makes the study's own start end at the load. So: first an equilibrium in which the rule holds at
every exchange, which gives the factors; then the start is replayed as the run will do it, from fresh models with
fixed factors. Where taps settle elsewhere on that way, the factors of the replay are tried, a few times.
"""

from __future__ import annotations

import cmath
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tdscen.plan import ModelFile, Scale
from tdscen.probing.requests import Rule, ScaledInterface, ScaleResult, ScaleTask, ScaleTaskInterface, SourceRecord
from tdscen.simulators.adapters import Attachment, FeederAdapter, TransmissionAdapter
from tdscen.simulators.equilibrium import Boundary, Equilibrium, agree, equilibrium
from tdscen.simulators.errors import SimulationError
from tdscen.simulators.registry import simulator

ROUNDS = 6
"""How many sets of factors are replayed before those that still miss are held at the best that was found; as many again
before the rule is given up. With many regulated feeders near each other, each factor moves the taps of others."""

HELD_OF_LOAD = 0.01
"""A held factor is accepted when its start ends this close to the load. The derivation then says where it ends."""

MATCH_MW, MATCH_OF_LOAD = 1e-6, 1e-8
"""The replayed interface power equals the load within the larger of these (nine digits leave 5e-9 of the load)."""

STEP_S = 1 / 30
"""Integration step of the adapters; no step is made here."""

Load = Callable[[str], Callable[..., Any]]
"""Imports `module:attribute`."""


def resolve(task: ScaleTask, folder: Path, attribute: Load) -> ScaleResult:
    """The factors of a task; models are copied below `folder`. A problem is an answer, not an exception."""
    try:
        return ScaleResult(_resolve(task, _Models(task, folder, attribute)))
    except SimulationError as error:
        return ScaleResult((), problem=str(error))


class _Models:
    """Makes fresh adapters of a task's models."""

    def __init__(self, task: ScaleTask, folder: Path, attribute: Load) -> None:
        self._task = task
        self._attribute = attribute
        self._folder = folder
        self._transmission = _copied(task.transmission, folder, "transmission")
        copies = {record: _copied(record, folder, f"feeder{n}") for n, record in enumerate(_models_of(task))}
        self._feeders = [copies[i.distribution] for i in task.interfaces]

    def fresh(self) -> tuple[TransmissionAdapter, list[FeederAdapter]]:
        """Adapters in the state in which a run begins."""
        task = self._task
        transmission = self._attribute(simulator(task.transmission_simulator).runtime)(
            self._transmission,
            self._folder,
            interfaces=[Attachment(i.name, i.bus, i.load, i.replace_mw, i.replace_mvar) for i in task.interfaces],
            step_s=STEP_S,
            disable_events=task.disable_events,
            options=task.transmission_options,
        )
        feeders = [
            self._attribute(simulator(i.distribution_simulator).runtime)(
                model,
                self._folder,
                controls=i.controls,
                source_impedance=i.source_impedance,
                options=i.distribution_options,
            )
            for i, model in zip(task.interfaces, self._feeders, strict=True)
        ]
        return transmission, feeders


def _models_of(task: ScaleTask) -> tuple[SourceRecord, ...]:
    """The feeder models of a task, each once."""
    return tuple(dict.fromkeys(i.distribution for i in task.interfaces))


def _copied(record: SourceRecord, folder: Path, name: str) -> ModelFile:
    source = record.source()
    if source.origin == "builtin":
        return ModelFile(source.main, "builtin", source.sha256(), source.extra)
    copy = source.copy_to(folder / name)
    return ModelFile(f"{name}/{copy.main}", "bundled", copy.sha256(), tuple(f"{name}/{extra}" for extra in copy.extra))


def _resolve(task: ScaleTask, models: _Models) -> tuple[ScaledInterface, ...]:
    interfaces = task.interfaces
    multipliers = [1.0] * len(interfaces)
    transmission, feeders = models.fresh()
    loads_mva = [complex(s) for s in transmission.drawn_mva]
    _check_loads(interfaces, loads_mva)
    boundaries = [_boundary(i.rule, load) for i, load in zip(interfaces, loads_mva, strict=True)]
    found = agree(transmission, feeders, boundaries, multipliers)
    held: dict[int, Scale] = {}
    best: dict[int, tuple[float, Scale]] = {}
    for round_number in range(2 * ROUNDS):
        scales = [held.get(n, scale) for n, scale in enumerate(_scales(interfaces, loads_mva, found))]
        found = equilibrium(*models.fresh(), scales, multipliers)
        misses = _misses(interfaces, loads_mva, found)
        for n, miss in misses.items():
            best[n] = min(best.get(n, (miss, scales[n])), (miss, scales[n]), key=lambda known: known[0])
        if all(n in held and miss <= HELD_OF_LOAD for n, miss in misses.items()):
            powers = [power.real for power in found.power_mva]
            return tuple(map(_answer, interfaces, scales, loads_mva, *_columns(found), powers))
        if round_number >= ROUNDS - 1:
            held |= {n: best[n][1] for n in misses if n not in held}
    worst = max(misses, key=misses.__getitem__)
    raise SimulationError(
        f"no factor makes the start of {interfaces[worst].name} end at its load: its regulators settle differently "
        f"each time, {100 * misses[worst]:.2g} % of the load away (give the factor as a number)"
    )


def _check_loads(interfaces: Sequence[ScaleTaskInterface], loads_mva: Sequence[complex]) -> None:
    for interface, load_mva in zip(interfaces, loads_mva, strict=True):
        if isinstance(interface.rule, str) and load_mva.real <= 0:
            raise SimulationError(
                f"interface {interface.name} has no load to match: bus {interface.bus} draws {load_mva.real:g} MW"
            )


def _boundary(rule: Rule | float, load_mva: complex) -> Boundary:
    """Interface power of the feeder's while the factors are still sought."""
    if not isinstance(rule, str):
        return lambda power_kva, _: rule * power_kva / 1000
    if rule == "match_load":
        return lambda power_kva, _: complex(load_mva.real, load_mva.real / _positive(power_kva) * power_kva.imag)
    return lambda power_kva, _: load_mva if _positive(power_kva) else 0j


def _positive(power_kva: complex) -> float:
    """The feeder's P in kW. Raises `SimulationError` where it delivers power."""
    if power_kva.real <= 0:
        raise SimulationError(f"the feeder takes {power_kva.real:.6g} kW, so no factor makes it match a load")
    return power_kva.real


def _scales(interfaces: Sequence[ScaleTaskInterface], loads_mva: Sequence[complex], found: Equilibrium) -> list[Scale]:
    rows = zip(interfaces, loads_mva, found.power_kva, found.voltage_pu, strict=True)
    return [_scale(i.rule, load_mva, power_kva, v_pu) for i, load_mva, power_kva, v_pu in rows]


def _scale(rule: Rule | float, load_mva: complex, power_kva: complex, voltage_pu: complex) -> Scale:
    """The factors by which this feeder power is this load, in nine digits as the plan has them."""
    if not isinstance(rule, str):
        return Scale("", rule, rule, 0.0, "")
    factor = _nine(1000 * load_mva.real / _positive(power_kva))
    match rule:
        case "match_load":
            return Scale("", factor, factor, 0.0, "")
        case "match_load_separate":
            if power_kva.imag == 0:
                raise SimulationError("the feeder takes no reactive power, so no factor of its own can match it")
            return Scale("", factor, _nine(1000 * load_mva.imag / power_kva.imag), 0.0, "")
        case "match_load_shunt":
            surplus_mvar = factor * power_kva.imag / 1000 - load_mva.imag
            return Scale("", factor, factor, _nine(surplus_mvar / abs(voltage_pu) ** 2), "")


def _nine(value: float) -> float:
    return float(f"{value:.9g}")


def _misses(
    interfaces: Sequence[ScaleTaskInterface], loads_mva: Sequence[complex], found: Equilibrium
) -> dict[int, float]:
    """Interfaces whose power in the replay is not what their rule says, and by how much of their load."""
    missed = {}
    for n, (interface, load_mva, power_mva) in enumerate(zip(interfaces, loads_mva, found.power_mva, strict=True)):
        off_mva = power_mva - load_mva
        allowed = max(MATCH_MW, MATCH_OF_LOAD * abs(load_mva))
        off = abs(off_mva) if interface.rule != "match_load" else abs(off_mva.real)
        if isinstance(interface.rule, str) and off > allowed:
            missed[n] = off / abs(load_mva)
    return missed


def _columns(found: Equilibrium) -> tuple[Sequence[complex], Sequence[complex], Sequence[int]]:
    return found.power_kva, found.voltage_pu, [found.exchanges] * len(found.voltage_pu)


def _answer(
    interface: ScaleTaskInterface,
    scale: Scale,
    load_mva: complex,
    power_kva: complex,
    voltage_pu: complex,
    exchanges: int,
    start_p_mw: float,
) -> ScaledInterface:
    return ScaledInterface(
        name=interface.name,
        p_factor=scale.p_factor,
        q_factor=scale.q_factor,
        shunt_mvar=scale.shunt_mvar,
        load_p_mw=load_mva.real,
        load_q_mvar=load_mva.imag,
        feeder_p_kw=power_kva.real,
        feeder_q_kvar=power_kva.imag,
        v_pu=abs(voltage_pu),
        angle_rad=cmath.phase(voltage_pu),
        exchanges=exchanges,
        start_p_mw=start_p_mw,
    )
