"""What the federation costs over its solvers: its step loop against the same solver calls in one bare process.

`python benchmarks/overhead.py [--feeders 1 10 100] [--json FILE]`. IEEE 14 with IEEE 34 feeders at 1/30 s steps, serial
coupling, frozen controls. The bare process calls ANDES (`itm_step`) and OpenDSS (source, multiplier, solution, head
power) and nothing else, with ANDES's own evaluation of its equations and with tdscen's (quick ANDES). `exchange` is
what T waits in HELICS beyond the feeders' work, `recording` what the default observations (bus voltages, rotors; taps,
capacitors, lowest and highest voltage, losses of every feeder) add.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from measuring import ROOT, Goal, Table, medians, report
from studies import IEEE14, IEEE34, Ran, Size, plan, run

from tdscen.simulators import simulator
from tdscen.simulators.andes.evaluation import quicken
from tdscen.simulators.andes.loading import configure, load, set_up, solve_power_flow, switch_off_events
from tdscen.simulators.opendss.engine import OFF, open_engine

STEP_S = 1 / 30
BUS, LOAD, LOAD_MW = 4, "PQ_3", 47.8


def federation(feeders: int, steps: int, folder: Path, *, observe: bool) -> Ran:
    """The run of IEEE 14 with that many IEEE 34 feeders that share the load at bus 4, on one worker."""
    size = Size(feeders, steps, STEP_S, controls="frozen", observe=observe, buses=(BUS,))
    return run(*plan(IEEE14, IEEE34, size), folder)


def bare(feeders: int, steps: int, between: int = 1, tolerance: float = 1e-8, *, quick: bool = False) -> float:
    """Wall time in s of the same solver calls in this process: ANDES's step, then each feeder's solution.

    With `between` the feeders are solved in every so many steps of ANDES only. `tolerance` of ANDES's steps is ours.
    `quick`: with tdscen's evaluation of ANDES's equations, which is otherwise part of what is compared.
    """
    system = load(simulator("andes").locate(IEEE14[0], ROOT))
    switch_off_events(system)
    set_up(system, IEEE14[0])
    configure(system, (("tol", tolerance),))
    solve_power_flow(system, IEEE14[0])
    system.TDS.init()
    if quick:
        quicken(system)
    source = simulator("opendss").locate(IEEE34.name, IEEE34.parent)
    engines = [open_engine(source) for _ in range(feeders)]
    for engine in engines:
        engine.ActiveCircuit.Solution.Solve()
        engine.ActiveCircuit.Vsources.Name = "source"
        engine.ActiveCircuit.Solution.ControlMode = OFF
        engine.ActiveCircuit.Solution.Solve()
    factor = LOAD_MW / 2.05 / feeders
    circuits = [(e.ActiveCircuit, e.ActiveCircuit.Vsources, e.ActiveCircuit.Solution) for e in engines]
    loads = system.PQ.Ppf.v, system.PQ.Qpf.v
    multipliers = 1 + 0.025 * np.repeat(np.random.RandomState(981).randn(steps // 30 + 1), 30)
    uid = system.PQ.idx2uid(LOAD)
    bus = system.Bus.idx2uid(BUS)
    began = time.perf_counter()
    for k in range(steps):
        system.TDS.h = STEP_S
        system.dae.t[...] = (k + 1) * STEP_S
        assert system.TDS.itm_step()
        if (k + 1) % between:
            continue
        v_pu, angle_deg = float(system.Bus.v.v[bus]), float(np.rad2deg(system.Bus.a.v[bus]))
        total_kva = 0j
        for circuit, sources, solution in circuits:
            sources.pu, sources.AngleDeg = v_pu, angle_deg
            solution.LoadMult = multipliers[k]
            solution.InitSnap()
            solution.SolveNoControl()
            p, q = circuit.TotalPower
            total_kva -= complex(p, q)
        power_pu = factor * total_kva / 1e5
        loads[0][uid], loads[1][uid] = power_pu.real, power_pu.imag
    return time.perf_counter() - began


def row(feeders: int, steps: int, repeats: int, place: Path) -> dict[str, float]:
    """One line of the table: times in ms a step."""
    exchange_s: list[float] = []

    def whole(observe: bool) -> float:
        ran = federation(feeders, steps, place / f"{feeders}-{observe}", observe=observe)
        if not observe:
            exchange_s.append(ran.time.exchange_s)
        return ran.loop_s

    measures = {
        "federation": lambda: whole(observe=False),
        "recording": lambda: whole(observe=True),
        "bare": lambda: bare(feeders, steps),
        "quick": lambda: bare(feeders, steps, quick=True),
    }
    found = medians(measures, repeats)
    exchange = statistics.median(exchange_s)
    return {
        "feeders": feeders,
        "federation ms/step": 1e3 * found["federation"] / steps,
        "bare ms/step": 1e3 * found["bare"] / steps,
        "ratio": found["federation"] / found["bare"],
        "ratio, quick ANDES": found["federation"] / found["quick"],
        "exchange ms/step": 1e3 * exchange / steps,
        "exchange share": exchange / found["federation"],
        "recording share": found["recording"] / found["federation"] - 1,
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeders", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--steps", type=int, default=450)
    parser.add_argument("--json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        rows = [row(feeders, arguments.steps, arguments.repeats, Path(place)) for feeders in arguments.feeders]
    bounds = {1: 1.6, 100: 1.15}
    goals = [
        Goal(f"step loop over bare solver calls, feeders: {r['feeders']}", r["ratio"], most=most)
        for r in rows
        if (most := bounds.get(int(r["feeders"]))) is not None
    ]
    goals += [
        Goal(f"what default observations add, feeders: {r['feeders']}", 100 * r["recording share"], most=5, unit=" %")
        for r in rows[-1:]
    ]
    title = f"Step loop of {arguments.steps} steps of 1/30 s, medians of {arguments.repeats}"
    report([Table(title, rows)], goals, arguments.json)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    main()
