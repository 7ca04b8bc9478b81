"""Scaling rules to numbers: factors for which the study's own start ends at the loads that the feeders replace."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal, get_args

from tdscen.codec import decode, encode
from tdscen.facts import Key
from tdscen.installed import version_of
from tdscen.plan import Controls, Option
from tdscen.probing import store
from tdscen.probing.process import WorkerError, ask
from tdscen.probing.requests import (
    Rule,
    ScaledInterface,
    ScaleResult,
    ScaleTask,
    ScaleTaskInterface,
    SourceRecord,
)
from tdscen.simulators import ModelSource, simulator

__all__ = ["ScaleInterface", "ScaleRequest", "ScaleResult", "ScaledInterface", "resolve_scales"]


@dataclass(frozen=True, slots=True)
class ScaleInterface:
    """An interface whose factors are asked for.

    `rule`: `match_load` (feeder P equals the load's, Q by the same factor), `match_load_separate` (a factor of its
    own for Q), `match_load_shunt` (a fixed shunt makes up the difference in Q), or the factor itself. `replace_mw`,
    `replace_mvar`: the load that is matched is this part of the bus's (None: the whole).
    """

    name: str
    bus: Key
    load: Key | None
    distribution: ModelSource
    distribution_simulator: str
    distribution_options: tuple[Option, ...]
    controls: Controls
    source_impedance: Literal["none", "keep"]
    rule: str | float
    replace_mw: float | None = None
    replace_mvar: float | None = None


@dataclass(frozen=True, slots=True)
class ScaleRequest:
    """A transmission system and all interfaces that share it: they are resolved together."""

    transmission: ModelSource
    transmission_simulator: str
    disable_events: bool
    transmission_options: tuple[Option, ...]
    interfaces: tuple[ScaleInterface, ...]


def resolve_scales(request: ScaleRequest) -> ScaleResult:
    """Factors of every interface, from the cache or computed in a process of its own. Never raises for a model."""
    try:
        task = _task(request)
        name = store.key("scales", json.dumps(_identity(request, encode(task)), sort_keys=True))
        known = store.read(name)
        if known is None:
            known = ask({"scales": encode(task)}, "resolving the scales of the interfaces")
            store.write(name, known)
    except (WorkerError, OSError) as error:
        return ScaleResult((), problem=str(error))
    return decode(ScaleResult, known)


def _task(request: ScaleRequest) -> ScaleTask:
    return ScaleTask(
        transmission=SourceRecord.of(request.transmission),
        transmission_simulator=request.transmission_simulator,
        disable_events=request.disable_events,
        transmission_options=request.transmission_options,
        interfaces=tuple(
            ScaleTaskInterface(
                name=i.name,
                bus=i.bus,
                load=i.load,
                distribution=SourceRecord.of(i.distribution),
                distribution_simulator=i.distribution_simulator,
                distribution_options=i.distribution_options,
                controls=i.controls,
                source_impedance=i.source_impedance,
                rule=_rule(i.rule),
                replace_mw=i.replace_mw,
                replace_mvar=i.replace_mvar,
            )
            for i in request.interfaces
        ),
    )


def _rule(rule: str | float) -> Rule | float:
    if isinstance(rule, str):
        for known in get_args(Rule):
            if rule == known:
                return known  # type: ignore[no-any-return]
        raise ValueError(f"{rule} is not a scaling rule")
    return float(rule)


def _identity(request: ScaleRequest, task: dict[str, Any]) -> dict[str, Any]:
    """The task with what its models contain in the place of where they lie, and with the simulators' versions."""
    sources = [request.transmission, *(i.distribution for i in request.interfaces)]
    names = [request.transmission_simulator, *(i.distribution_simulator for i in request.interfaces)]
    records = [task["transmission"], *(i["distribution"] for i in task["interfaces"])]
    hashes: dict[ModelSource, str] = {}
    for source, record in zip(sources, records, strict=True):
        if source not in hashes:
            hashes[source] = source.sha256()
        record["root"] = hashes[source]
    return {
        "task": task,
        "versions": {name: version_of(simulator(name).package, simulator(name).module) for name in names},
    }
