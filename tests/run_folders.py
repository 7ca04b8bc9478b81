"""Run folders made by hand for the tests of `tdscen.results`: known numbers, no simulator.

The numbers imitate IEEE 14 with IEEE 34 at bus 4: V falls by 1.33e-3 pu for each MW more that T draws (the
sensitivity of bus 4 that ANDES itself shows), the feeder's power follows multiplier and voltage, T draws one step
later what the feeder delivers.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tdscen import codec
from tdscen.plan import (
    FORMAT,
    Distribution,
    Federation,
    FeederFederate,
    Interface,
    ModelFile,
    Plan,
    Requirement,
    Scale,
    Simulation,
    Transmission,
)
from tdscen.profiles import Constant, Normal, Profile, sample
from tdscen.runtime.phases import COLUMNS, quantities

Columns = dict[str, np.ndarray]

SLOPE_PU_PER_MW = -1.33e-3
V_START_PU = 1.012590
P_START_MW = 47.8
FACTOR = 23.3018
TAN_PHI = 7.1225 / 47.8
WOBBLE = Normal(1.0, 0.025, 1.0, 981)
ASKED = Requirement("voltage", "voltage", 0.95, 1.05, "pu", "interface voltage within limits")


def make_plan(
    *,
    interfaces: int = 1,
    steps: int = 15,
    profile: Profile = WOBBLE,
    requirements: tuple[Requirement, ...] = (ASKED,),
    shunt_mvar: float = 0.0,
) -> Plan:
    """IEEE 14 with one feeder each at `interfaces` buses, all feeders in one federate `ieee34`."""
    names = tuple(f"bus{4 + i}" for i in range(interfaces))
    return Plan(
        format=FORMAT,
        name="ieee14_ieee34",
        title="IEEE 14-bus with the IEEE 34-node feeder at bus 4",
        source="ieee14_ieee34.tds",
        source_sha256="0" * 64,
        parameters=(),
        transmission=Transmission(
            "ieee14",
            "andes",
            ModelFile("ieee14/ieee14_full.xlsx", "builtin", "0" * 64),
            100.0,
            60.0,
            1 / 30,
            True,
            (),
            (),
        ),
        distributions=(
            Distribution("ieee34", "opendss", ModelFile("models/ieee34.dss", "bundled", "0" * 64), "delayed", (), ()),
        ),
        interfaces=tuple(
            Interface(
                name,
                "ieee34",
                4 + i,
                f"PQ_{3 + i}",
                P_START_MW,
                10.0,
                Scale("match_load", FACTOR, FACTOR, shunt_mvar, "47.8 MW over 2.05134 MW at 1.01259 pu"),
                "wobble",
                profile,
                "none",
            )
            for i, name in enumerate(names)
        ),
        feeder_federates=(FeederFederate("ieee34", names),),
        simulation=Simulation(1.0, float(steps), steps, "serial"),
        federation=Federation("zmq", None, 60.0, "warning"),
        requirements=requirements,
    )


def make_journals(plan: Plan) -> dict[str, Columns]:
    """Columns of both journals for a run that completed."""
    time_s = np.arange(plan.simulation.steps + 1) * plan.simulation.step_s
    t_side: Columns = {"time_s": time_s}
    d_side: Columns = {"time_s": time_s}
    for i, interface in enumerate(plan.interfaces):
        _interface(interface, time_s, V_START_PU - 0.004 * i, t_side, d_side)
    wobble = np.sin(time_s)
    t_side["ieee14/bus[4]/v_pu"] = t_side[f"{plan.interfaces[0].name}/v_pu"]
    t_side["ieee14/generator[GENROU_1]/omega_pu"] = 1 + 1e-4 * wobble
    t_side["ieee14/generator[GENROU_2]/omega_pu"] = 1 - 2e-4 * wobble
    return {"ieee14": t_side, "ieee34": d_side}


def _interface(interface: Interface, time_s: np.ndarray, v_start: float, t_side: Columns, d_side: Columns) -> None:
    multiplier = sample(interface.profile, time_s)
    n, name = len(time_s), interface.name
    v, drawn, delivered = np.empty(n), np.empty(n), np.empty(n)
    drawn[0] = delivered[0] = P_START_MW * multiplier[0]
    v[0] = v_start + SLOPE_PU_PER_MW * (drawn[0] - P_START_MW)
    for k in range(1, n):
        drawn[k] = delivered[k - 1]
        v[k] = v_start + SLOPE_PU_PER_MW * (drawn[k] - P_START_MW)
        delivered[k] = P_START_MW * multiplier[k] * (v[k] / v_start) ** 0.9
    drawn_before = np.concatenate((drawn[:1], delivered[:-1]))
    t_side |= {
        f"{name}/v_pu": v,
        f"{name}/angle_rad": np.full(n, -0.1785),
        f"{name}/drawn_p_mw": drawn,
        f"{name}/drawn_q_mvar": TAN_PHI * drawn_before
        - interface.scale.shunt_mvar * np.concatenate((v[:1], v[:-1])) ** 2,
    }
    factor, shunt_mvar = interface.scale.p_factor, interface.scale.shunt_mvar
    p_kw, q_kvar = delivered / factor * 1e3, TAN_PHI * delivered / factor * 1e3
    d_side |= {f"{name}/p_mw": delivered, f"{name}/q_mvar": TAN_PHI * delivered - shunt_mvar * v**2}
    d_side |= {f"{name}/p_kw": p_kw, f"{name}/q_kvar": q_kvar}
    power_kva = np.outer(p_kw + 1j * q_kvar, (0.37, 0.33, 0.30))
    voltage_v = 14400 * np.outer(v, np.exp(-2j * np.pi / 3 * np.arange(3)))
    phases = quantities(power_kva, voltage_v, 1000 * (power_kva / voltage_v).conj())
    d_side |= {f"{name}/{quantity}": phases[:, i] for i, quantity in enumerate(COLUMNS)}
    taps = np.zeros(n)
    taps[n // 2] = 1
    d_side |= {
        f"{name}/multiplier": multiplier,
        f"{name}/fed_v_pu": v,
        f"{name}/fed_angle_rad": np.full(n, -0.1785),
        f"{name}/exchanges": np.concatenate(([7.0], np.ones(n - 1))),
        f"{name}/mismatch_pu": np.concatenate(([3e-10], np.abs(np.diff(v)))),
        f"{name}/taps_moved": taps,
        f"{name}/ieee34/feeder/v_min_pu": 0.92 * v / v_start,
        f"{name}/ieee34/feeder/v_max_pu": 1.03 * v / v_start,
    }


def write_run(
    folder: Path, plan: Plan, journals: dict[str, Columns] | None = None, *, state: str = "complete", **info: Any
) -> Path:
    """Write a run folder as the runtime leaves it; `info` goes into run.json."""
    (folder / "journal").mkdir(parents=True)
    (folder / "plan.json").write_text(codec.dumps(plan), encoding="utf-8")
    record = {
        "format": 1,
        "name": plan.name,
        "title": plan.title,
        "state": state,
        "cause": None,
        "federate": None,
        "failed_at_s": None,
        "scenario": {"file": plan.source, "sha256": plan.source_sha256},
        "models": {},
        "coupling": plan.simulation.coupling,
        "step_s": plan.simulation.step_s,
        "stop_s": plan.simulation.stop_s,
        "started": "2026-01-01T12:00:00+00:00",
        "timings": {"wall_s": 2.25, "federates": {}},
        "exit_status": 0,
    } | info
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    for federate, columns in (make_journals(plan) if journals is None else journals).items():
        write_journal(folder, federate, columns)
    return folder


def write_journal(folder: Path, federate: str, columns: Columns) -> None:
    """One journal, row by row as the contract has it."""
    (folder / "journal" / f"{federate}.json").write_text(json.dumps({"columns": list(columns)}), encoding="utf-8")
    rows = np.stack(list(columns.values()), axis=1).astype("<f8")
    (folder / "journal" / f"{federate}.f64").write_bytes(rows.tobytes())


def cut(folder: Path, federate: str, rows: int, extra_bytes: int = 0) -> None:
    """Cut a journal after `rows` whole rows and `extra_bytes` of the next, as a kill would."""
    columns = json.loads((folder / "journal" / f"{federate}.json").read_text())["columns"]
    data = folder / "journal" / f"{federate}.f64"
    data.write_bytes(data.read_bytes()[: 8 * len(columns) * rows + extra_bytes])


def constant_plan() -> Plan:
    """A plan whose load never changes."""
    return replace(make_plan(profile=Constant(1.0)), requirements=())
