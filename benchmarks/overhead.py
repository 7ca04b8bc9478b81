"""What the federation costs over its solvers: its step loop against the same solver calls in one bare process.

`python benchmarks/overhead.py [--feeders 1 10 100] [--json FILE]`. IEEE 14 with IEEE 34 feeders at 1/30 s steps, serial
coupling, frozen controls. The bare process calls ANDES (`itm_step`) and OpenDSS (source, multiplier, solution, head
power) and nothing else; `exchange` is what T waits in HELICS beyond the feeders' work.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from measuring import ROOT, medians, report

from tdscen.emit import emit, write
from tdscen.plan import (
    FORMAT,
    Distribution,
    Federation,
    FeederFederate,
    Interface,
    ModelFile,
    Plan,
    Scale,
    Simulation,
    Transmission,
)
from tdscen.profiles import Normal
from tdscen.results import open_run
from tdscen.results.profile import run_time
from tdscen.runtime.launch import Launch
from tdscen.simulators import simulator
from tdscen.simulators.andes.loading import configure, load, set_up, solve_power_flow, switch_off_events
from tdscen.simulators.opendss.engine import OFF, open_engine

CASE = "ieee14/ieee14_full.xlsx"
FEEDER = ROOT / "scenarios" / "feeders" / "ieee34"
STEP_S = 1 / 30
PROFILE = Normal(1.0, 0.025, 1.0, 981)


def plan(feeders: int, steps: int) -> tuple[Plan, dict[str, bytes]]:
    """IEEE 14 with that many IEEE 34 feeders that share the load at bus 4, on one worker."""
    case, model = simulator("andes").locate(CASE, ROOT), simulator("opendss").locate("ieee34.dss", FEEDER)
    factor = 23.3 / feeders
    names = tuple(f"f{i}" for i in range(feeders))
    part = {"replace_mw": 47.8 / feeders, "replace_mvar": 10.0 / feeders} if feeders > 1 else {}
    interface = Interface(
        "", "ieee34", 4, "PQ_3", 47.8, 10.0, Scale("", factor, factor, 0.0, ""), "", PROFILE, "none", **part
    )
    made = Plan(
        format=FORMAT,
        name="overhead",
        title="overhead",
        source="overhead.py",
        source_sha256="0" * 64,
        parameters=(),
        transmission=Transmission(
            "ieee14", "andes", ModelFile(CASE, "builtin", case.sha256()), 100.0, 60.0, STEP_S, True, (), ()
        ),
        distributions=(
            Distribution(
                "ieee34", "opendss", ModelFile("models/ieee34/ieee34.dss", "bundled", model.sha256()), "frozen", (), ()
            ),
        ),
        interfaces=tuple(replace(interface, name=name) for name in names),
        feeder_federates=(FeederFederate("feeders", names),),
        simulation=Simulation(STEP_S, steps * STEP_S, steps, "serial"),
        federation=Federation("zmq", None, 120.0, "warning"),
        requirements=(),
    )
    return made, {f"models/ieee34/{name}": content for name, content in model.contents().items()}


def federation(feeders: int, steps: int, folder: Path) -> tuple[float, float]:
    """Wall time of T's step loop and the part of it that T waited, in s."""
    made, models = plan(feeders, steps)
    write(emit(made, models), folder, force=True)
    with Launch(folder) as launch:
        assert launch.finish() == 0, launch.said()
        spent = run_time(open_run(launch.run or folder))
    return spent.federates[0].loop_s, spent.exchange_s


def bare(feeders: int, steps: int) -> float:
    """Wall time in s of the same solver calls in this process: ANDES's step, then each feeder's solution."""
    system = load(simulator("andes").locate(CASE, ROOT))
    switch_off_events(system)
    set_up(system, CASE)
    configure(system, ())
    solve_power_flow(system, CASE)
    system.TDS.init()
    source = simulator("opendss").locate("ieee34.dss", FEEDER)
    engines = [open_engine(source) for _ in range(feeders)]
    for engine in engines:
        engine.ActiveCircuit.Solution.Solve()
        engine.ActiveCircuit.Vsources.Name = "source"
        engine.ActiveCircuit.Solution.ControlMode = OFF
        engine.ActiveCircuit.Solution.Solve()
    circuits = [(e.ActiveCircuit, e.ActiveCircuit.Vsources, e.ActiveCircuit.Solution) for e in engines]
    loads = system.PQ.Ppf.v, system.PQ.Qpf.v
    multipliers = 1 + 0.025 * np.repeat(np.random.RandomState(981).randn(steps // 30 + 1), 30)
    uid = system.PQ.idx2uid("PQ_3")
    bus = system.Bus.idx2uid(4)
    began = time.perf_counter()
    for k in range(steps):
        system.TDS.h = STEP_S
        system.dae.t[...] = (k + 1) * STEP_S
        assert system.TDS.itm_step()
        v_pu, angle_deg = float(system.Bus.v.v[bus]), float(np.rad2deg(system.Bus.a.v[bus]))
        total_kva = 0j
        for circuit, sources, solution in circuits:
            sources.pu, sources.AngleDeg = v_pu, angle_deg
            solution.LoadMult = multipliers[k]
            solution.InitSnap()
            solution.SolveNoControl()
            p, q = circuit.TotalPower
            total_kva -= complex(p, q)
        power_pu = 23.3 / feeders * total_kva / 1e5
        loads[0][uid], loads[1][uid] = power_pu.real, power_pu.imag
    return time.perf_counter() - began


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeders", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--steps", type=int, default=450)
    parser.add_argument("--json")
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as place:
        for feeders in arguments.feeders:
            waited: list[float] = []

            def run(feeders: int = feeders, waited: list[float] = waited) -> float:
                loop_s, exchange_s = federation(feeders, arguments.steps, Path(place) / str(feeders))
                waited.append(exchange_s)
                return loop_s

            found = medians(
                {"federation": run, "bare": lambda feeders=feeders: bare(feeders, arguments.steps)}, arguments.repeats
            )
            exchange_s = sorted(waited)[len(waited) // 2]
            rows.append(
                {
                    "feeders": feeders,
                    "federation ms/step": 1e3 * found["federation"] / arguments.steps,
                    "bare ms/step": 1e3 * found["bare"] / arguments.steps,
                    "ratio": found["federation"] / found["bare"],
                    "exchange ms/step": 1e3 * exchange_s / arguments.steps,
                    "exchange share": exchange_s / found["federation"],
                }
            )
    report(f"step loop of {arguments.steps} steps of 1/30 s, medians of {arguments.repeats}", rows, arguments.json)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    main()
