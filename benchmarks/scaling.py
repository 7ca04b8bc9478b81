"""From one feeder to a thousand: IEEE 34 feeders at the load buses of WECC (179 buses), one and two workers.

`python benchmarks/scaling.py [--full] [--feeders 1 10 50 100] [--json FILE]`. 1/30 s steps, serial coupling, delayed
controls, default observations; beyond the case's load buses several feeders share one. `feeders ms/step` is the work of
the slowest worker, `rest` what remains of a step: T's own step and HELICS. Memory is the resident memory of the
workers, against bare `dss` contexts with the same model in one process; start is the wall time until all are at t = 0.
`processor ms/step` is the processor time of all processes of the run.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from measuring import Goal, Table, report
from studies import IEEE34, WECC, Ran, Size, plan, run

DEFAULT, FULL = (1, 10, 25, 50, 75, 100), (1, 10, 50, 100, 200, 400, 700, 1000)
STEP_S = 1 / 30

BARE = """
import sys, psutil
import dss
kept = []
for wanted in map(int, sys.argv[2].split(",")):
    while len(kept) < wanted:
        engine = dss.DSS.NewContext()
        engine.AllowForms = engine.AllowChangeDir = False
        engine.Text.Command = "clear"
        engine.Text.Command = f'redirect "{sys.argv[1]}"'
        engine.ActiveCircuit.Solution.Solve()
        kept.append(engine)
    print(psutil.Process().memory_info().rss)
"""


BARE_SOLUTIONS = """
import sys, time
import dss
kept = []
for _ in range(int(sys.argv[2])):
    engine = dss.DSS.NewContext()
    engine.AllowForms = engine.AllowChangeDir = False
    engine.Text.Command = "clear"
    engine.Text.Command = f'redirect "{sys.argv[1]}"'
    engine.ActiveCircuit.Solution.Solve()
    kept.append((engine.ActiveCircuit.Vsources, engine.ActiveCircuit.Solution))
print("ready", flush=True)
sys.stdin.readline()
began = time.perf_counter()
for k in range(int(sys.argv[3])):
    for sources, solution in kept:
        sources.pu = 1.03 + 1e-4 * (k % 7)
        solution.SolveNoControl()
print(time.perf_counter() - began)
"""


def bare_gain(feeders: int, rounds: int) -> float:
    """What two processes gain over one when all they do is to solve bare contexts: the limit of this machine now."""
    alone, shared = _bare_s([feeders], rounds), _bare_s([feeders - feeders // 2, feeders // 2], rounds)
    return alone / shared


def _bare_s(parts: Sequence[int], rounds: int) -> float:
    """Wall time in s of the slowest of processes that solve so many contexts each, all at the same time."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", BARE_SOLUTIONS, str(IEEE34), str(count), str(rounds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for count in parts
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    return max(float(process.communicate()[0]) for process in processes)


def bare_memory_mb(counts: Sequence[int]) -> float:
    """Resident memory in MB that each further bare context with the model takes."""
    command = [sys.executable, "-c", BARE, str(IEEE34), ",".join(map(str, counts))]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(np.polyfit(counts, [int(rss) / 1e6 for rss in said], 1)[0])


def steps_for(feeders: int) -> int:
    """Enough steps to measure, few enough for a thousand feeders."""
    return max(60, min(300, 15_000 // feeders))


def row(feeders: int, workers: int, ran: Ran, steps: int) -> dict[str, Any]:
    """One line of the table."""
    return {
        "feeders": feeders,
        "workers": workers,
        "ms/step": 1e3 * ran.loop_s / steps,
        "feeders ms/step": 1e3 * ran.feeders_s / steps,
        "rest ms/step": 1e3 * (ran.loop_s - ran.feeders_s) / steps,
        "processor ms/step": 1e3 * ran.cores_busy * ran.loop_s / steps,
        "start s": ran.start_s,
        "workers MB": sum(ran.memory_mb.values()),
    }


def _most(alone: dict[str, Any], workers: int) -> float:
    """What the whole step could gain if nothing were lost by sharing.

    The feeders' part is shared out (Amdahl's law), and no core does more than its part of the processor time that all
    processes need with one worker: T and the worker's recording go on at the same time already.
    """
    shared = alone["feeders ms/step"] / workers + alone["rest ms/step"]
    cores = os.cpu_count() or 1
    return float(alone["ms/step"] / max(shared, alone["processor ms/step"] / cores)) if workers > 1 else 1.0


def fit(rows: Sequence[dict[str, Any]], what: str) -> tuple[float, float, float]:
    """Slope, intercept and r² of a column over the number of feeders."""
    feeders, values = [r["feeders"] for r in rows], [r[what] for r in rows]
    slope, start = np.polyfit(feeders, values, 1)
    return float(slope), float(start), float(np.corrcoef(feeders, values)[0, 1] ** 2)


def goals(rows: Sequence[dict[str, Any]], bare_mb: float) -> list[Goal]:
    """What was asked for."""
    one = [r for r in rows if r["workers"] == 1]
    two = {r["feeders"]: r for r in rows if r["workers"] == 2}
    found = []
    if len(one) > 1:
        found = [
            Goal("r² of time per step over feeders, one worker", fit(one, "ms/step")[2], least=0.99),
            Goal(
                "memory of a further feeder over that of a bare context", fit(one, "workers MB")[0] / bare_mb, most=1.3
            ),
        ]
    most = max(r["feeders"] for r in rows)
    if most >= 1000:
        found.append(
            Goal(
                f"start of {most} feeders", max(r["start s"] for r in rows if r["feeders"] == most), most=60, unit=" s"
            )
        )
    for r in one:
        other = two.get(r["feeders"])
        if other and r["feeders"] >= 100:
            what = f"one worker over two, {r['feeders']} feeders"
            found += [
                Goal(f"{what}: whole step", r["ms/step"] / other["ms/step"], least=1.6),
                Goal(f"{what}: the feeders' part", r["feeders ms/step"] / other["feeders ms/step"], least=1.6),
            ]
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeders", type=int, nargs="+")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--full", action="store_true", help=f"up to {FULL[-1]} feeders")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json")
    arguments = parser.parse_args()
    rows = []
    sizes = arguments.feeders or (FULL if arguments.full else DEFAULT)
    for feeders in sizes:
        steps = steps_for(feeders)
        for workers in arguments.workers:
            if workers > feeders:
                continue
            ran = []
            for _ in range(arguments.repeats if feeders <= 400 else 1):
                with tempfile.TemporaryDirectory() as place:
                    ran.append(run(*plan(WECC, IEEE34, Size(feeders, steps, STEP_S, workers)), Path(place) / "study"))
            median = sorted(ran, key=lambda r: r.loop_s)[len(ran) // 2]
            rows.append(row(feeders, workers, median, steps))
            print(rows[-1], file=sys.stderr)
    counts = [n for n in sizes if n <= 100]
    bare_mb = bare_memory_mb(counts if len(counts) > 1 else (1, 50))
    one = [r for r in rows if r["workers"] == 1]
    alone = {r["feeders"]: r for r in one}
    for r in rows:
        most = _most(alone[r["feeders"]], r["workers"]) if r["feeders"] in alone else 1.0
        gained = alone[r["feeders"]]["ms/step"] / r["ms/step"] if r["feeders"] in alone else 1.0
        r |= {"one worker over it": gained, "at most possible": most}
    notes = []
    if 2 in arguments.workers:
        gains = {n: bare_gain(n, max(10, 20_000 // n)) for n in sizes if n in (100, 400, 1000)}
        told = ", ".join(f"{gain:.3g} with {n}" for n, gain in gains.items())
        notes += [f"bare contexts that are only solved, one process over two: {told}"] if gains else []
    if len(one) > 1:
        slope, start, _ = fit(one, "ms/step")
        memory_mb, base_mb, _ = fit(one, "workers MB")
        notes += [
            f"one worker: {start:.3g} ms + {1e3 * slope:.0f} us a feeder and step",
            f"one worker: {base_mb:.0f} MB + {memory_mb:.2f} MB a feeder; a bare context {bare_mb:.2f} MB",
        ]
    report(
        [Table("IEEE 34 feeders at WECC's load buses, steps of 1/30 s", rows)],
        goals(rows, bare_mb),
        arguments.json,
        notes,
    )


if __name__ == "__main__":
    main()
