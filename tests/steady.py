"""Standstill: a case with feeders on some of its load buses, all profiles constant, and the same case alone.

Everything in one process: the adapters, the start and the factors of `match_load` as a study has them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from model_files import IEEE34, andes_case, feeder

from tdscen.facts import Key, TransmissionFacts
from tdscen.plan import Observation, Scale
from tdscen.probing import ProbeRequest, probe_all
from tdscen.probing.scales import ScaleInterface, ScaleRequest, resolve_scales
from tdscen.simulators import simulator
from tdscen.simulators.adapters import Attachment
from tdscen.simulators.andes.quasi_static import AndesPowerFlow
from tdscen.simulators.andes.runtime import AndesTransmission
from tdscen.simulators.boundary import interface_power_mva
from tdscen.simulators.equilibrium import equilibrium
from tdscen.simulators.opendss.runtime import OpenDssFeeder

NOWHERE = Path("/nonexistent")
STEP_S, SECONDS, FEEDERS = 1.0, 5, 3
SHUNT: Literal["match_load_shunt"] = "match_load_shunt"
LIMIT_PU = 1e-6
"""A case with feeders stands still where no interface voltage moves further; or no further than the case alone."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case that ANDES ships, with its further files; `dynamics` False: a power flow at each time.

    `SHUNT` where the Q of the feeders alone, unlike that of the loads, is more than the case's machines can give.
    """

    name: str
    extra: tuple[str, ...] = ()
    dynamics: bool = True
    rule: Literal["match_load", "match_load_shunt"] = "match_load"


@dataclass(frozen=True, slots=True)
class Steady:
    """How far voltages of the interface buses moved within `SECONDS`, with feeders and without (None: no dynamics).

    `start_pu`: how far feeders moved them from the case's own power flow (their Q is not the load's).
    """

    case: Case
    buses: tuple[Key, ...]
    exchanges: int
    start_pu: float
    drift_pu: float
    alone_pu: float | None

    @property
    def stands(self) -> bool:
        """No interface voltage moves, or none further than in the case alone."""
        return self.drift_pu <= max(LIMIT_PU, self.alone_pu or 0.0)


DYNAMIC = (
    Case("ieee14/ieee14_full.xlsx"),
    Case("ieee14/ieee14.raw", ("ieee14/ieee14.dyr",)),
    Case("kundur/kundur_full.xlsx", rule=SHUNT),
    Case("ieee39/ieee39_full.xlsx"),
    Case("npcc/npcc.raw", ("npcc/npcc_full.dyr",)),
    Case("wecc/wecc_full.xlsx", rule=SHUNT),
    Case("ieee14/ieee14_conn.xlsx"),
    Case("ieee14/ieee14_pvd1.xlsx", rule=SHUNT),
    Case("ieee14/ieee14_esd1.xlsx", rule=SHUNT),
    Case("ieee14/ieee14_fault.xlsx"),
    Case("ieee14/ieee14_linetrip.xlsx"),
    Case("npcc/npcc.xlsx"),
    Case("wecc/wecc.raw", ("wecc/wecc_full.dyr",), rule=SHUNT),
    Case("wecc/wecc_gencls.xlsx"),
    Case("5bus/pjm5bus.xlsx"),
    Case("GBnetwork/GBnetwork.xlsx"),
)
STATIC = (
    Case("wscc9/wscc9.xlsx", (), False),
    Case("matpower/case5.m", (), False),
    Case("matpower/case14.m", (), False),
    Case("matpower/case118.m", (), False),
    Case("matpower/case300.m", (), False),
    Case("ieee39/ieee39.raw", (), False),
    Case("npcc/npcc.raw", (), False),
    Case("kundur/kundur.raw", (), False, SHUNT),
)


def steady(case: Case) -> Steady:
    """Feeders on the first load buses of a case, `match_load`, multiplier 1; events of the case are off."""
    places = load_buses(case)
    scales = factors(case, places)
    model, root = feeder(IEEE34)
    feeders = [OpenDssFeeder(model, root, controls="delayed") for _ in places]
    system = transmission(case, places)
    own_pu = system.voltage_pu
    agreed = equilibrium(system, feeders, scales, [1.0] * len(places))
    system.start(agreed.power_mva)
    for one in feeders:
        one.start_clock()
    begin_pu = system.voltage_pu
    power_mva, voltage_pu, drift_pu = list(agreed.power_mva), begin_pu, 0.0
    for k in range(1, SECONDS + 1):
        voltage_pu = system.advance(k * STEP_S, power_mva, np.asarray(agreed.voltage_pu) if k == 1 else voltage_pu)
        for i, (one, scale) in enumerate(zip(feeders, scales, strict=True)):
            one.begin(k * STEP_S)
            fed_pu = complex(voltage_pu[i])
            power_mva[i] = interface_power_mva(scale, one.solve(fed_pu, 1.0), fed_pu)
            one.act(k * STEP_S)
        drift_pu = max(drift_pu, float(np.abs(np.abs(voltage_pu) - np.abs(begin_pu)).max()))
    moved_pu = float(np.abs(np.abs(begin_pu) - np.abs(own_pu)).max())
    buses = tuple(place.bus for place in places)
    return Steady(case, buses, agreed.exchanges, moved_pu, drift_pu, alone(case, buses) if case.dynamics else None)


def alone(case: Case, buses: tuple[Key, ...]) -> float:
    """How far the case without feeders moves at these buses, pu."""
    observe = [Observation("bus", bus, "v", "") for bus in buses]
    system = AndesTransmission(
        andes_case(case.name, *case.extra), NOWHERE, interfaces=[], step_s=1 / 30, observe=observe
    )
    system.start([])
    begin_pu, drift_pu = system.observed(), 0.0
    for k in range(1, SECONDS + 1):
        system.advance(k * STEP_S, [])
        drift_pu = max(drift_pu, float(np.abs(system.observed() - begin_pu).max()))
    return drift_pu


def transmission(case: Case, places: tuple[Attachment, ...]) -> AndesTransmission | AndesPowerFlow:
    """The adapter that a study of the case has."""
    model = andes_case(case.name, *case.extra)
    if case.dynamics:
        return AndesTransmission(model, NOWHERE, interfaces=places, step_s=1 / 30)
    return AndesPowerFlow(model, NOWHERE, interfaces=places)


def load_buses(case: Case) -> tuple[Attachment, ...]:
    """The first buses that have one load, one that consumes."""
    (probe,) = probe_all([ProbeRequest("andes", case.name, NOWHERE, case.extra)])
    assert isinstance(probe.facts, TransmissionFacts), probe.problem
    online = [load for load in probe.facts.loads if load.online]
    count = Counter(load.bus for load in online)
    chosen = [load for load in online if count[load.bus] == 1 and load.p_mw > 0][:FEEDERS]
    return tuple(Attachment(f"at{load.bus}", load.bus, load.idx) for load in chosen)


def factors(case: Case, places: tuple[Attachment, ...]) -> list[Scale]:
    """The factors of `match_load` as the compiler resolves them."""
    model = simulator("opendss").locate(IEEE34.name, IEEE34.parent)
    result = resolve_scales(
        ScaleRequest(
            transmission=simulator("andes").locate(case.name, NOWHERE, case.extra),
            transmission_simulator="andes",
            disable_events=True,
            transmission_options=(),
            interfaces=tuple(
                ScaleInterface(p.name, p.bus, p.load, model, "opendss", (), "delayed", "none", case.rule)
                for p in places
            ),
        )
    )
    assert result.problem is None, result.problem
    return [Scale("", i.p_factor, i.q_factor, i.shunt_mvar, "") for i in result.interfaces]
