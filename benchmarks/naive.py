"""The shipped study against the same study as scripts that a researcher writes without tdscen (`benchmarks/naive/`).

`python benchmarks/naive.py [--repeats 5] [--json FILE]`. Whole wall times: `tdscen run` (compiled before), `helics run`
of the generated folder, `helics run` of the naive scripts; and the bare floor, ANDES's 450 steps and OpenDSS's 15
solutions in one warm process. That both compute the same is asserted: interface voltages within 1e-3 pu at every step
(the naive feeder's regulators settle at every step; ours have their delays). `helics run` looks at its processes
once a second, so its times are whole seconds and a bit.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
from measuring import ROOT, Goal, Table, medians, report, tdscen, wall_s
from overhead import bare

from tdscen.results import open_run
from tdscen.results.profile import run_time
from tdscen.runtime.folder import latest_run

SCENARIO = ROOT / "scenarios" / "ieee14_ieee34.tds"
SCRIPTS = ROOT / "benchmarks" / "naive"
SAME_PU = 1e-3
STEPS, BETWEEN = 450, 30


def helics_run(folder: Path) -> float:
    """Wall time of `helics run` in a folder with a runner.json, in s."""
    return wall_s(["helics", "run", "--path=runner.json"], folder)


def naive_folder(place: Path) -> Path:
    """The scripts and the feeder's model in a folder of their own."""
    folder = place / "naive"
    shutil.copytree(SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "scenarios" / "feeders" / "ieee34" / "ieee34.dss", folder)
    return folder


def disagreement_pu(generated: Path, naive: Path) -> float:
    """The largest difference between the two studies' voltages at the interface, over all 16 times."""
    run = latest_run(generated)
    assert run is not None
    ours = open_run(run).table["bus4/v_pu"].to_numpy()
    columns = (naive / "transmission.csv").read_text().splitlines()
    theirs = np.array([float(line.split(",")[columns[0].split(",").index("v_pu")]) for line in columns[1:]])
    assert ours.shape == theirs.shape
    return float(np.abs(ours - theirs).max())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json")
    arguments = parser.parse_args()
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # what `helics run` starts
    loops: dict[str, list[float]] = {"naive": [], "tdscen": []}
    with tempfile.TemporaryDirectory() as place:
        ours, naive = Path(place) / "ours", naive_folder(Path(place))
        wall_s(tdscen("compile", str(SCENARIO), "-o", str(ours)))
        wall_s(tdscen("run", str(SCENARIO), "-o", str(ours), "--quiet"))  # fills every cache

        def run_tdscen() -> float:
            spent = wall_s(tdscen("run", str(SCENARIO), "-o", str(ours), "--quiet"))
            run = latest_run(ours)
            assert run is not None
            loops["tdscen"].append(run_time(open_run(run)).federates[0].loop_s)
            return spent

        def run_naive() -> float:
            spent = helics_run(naive)
            said = re.search(r"step loop ([\d.]+) s", (naive / "transmission.log").read_text())
            assert said is not None
            loops["naive"].append(float(said[1]))
            return spent

        found = medians(
            {
                "tdscen run": run_tdscen,
                "helics run of the generated folder": lambda: helics_run(ours),
                "helics run of the naive scripts": run_naive,
                "bare stepping, warm": lambda: bare(1, STEPS, BETWEEN),
            },
            arguments.repeats,
        )
        apart_pu = disagreement_pu(ours, naive)
    assert apart_pu < SAME_PU, f"the two studies differ by {apart_pu:.3g} pu: this would compare unequal work"
    theirs, floor = found["helics run of the naive scripts"], found["bare stepping, warm"]
    step_loop = {
        "tdscen run": statistics.median(loops["tdscen"]),
        "helics run of the naive scripts": statistics.median(loops["naive"]),
        "bare stepping, warm": floor,
    }
    rows = [
        {
            "variant": name,
            "wall s": seconds,
            "naive over it": theirs / seconds,
            "over bare": seconds / floor,
            "step loop s": step_loop.get(name, "-"),
        }
        for name, seconds in found.items()
    ]
    goals = [
        Goal("naive under helics run over tdscen run", theirs / found["tdscen run"], least=2.2),
        Goal("tdscen run over the bare stepping", found["tdscen run"] / floor, most=1.8),
        Goal("naive over ours, both under helics run", theirs / found["helics run of the generated folder"], least=1.8),
    ]
    notes = [f"largest difference between the interface voltages of the two studies: {apart_pu:.2g} pu"]
    title = f"The shipped study, 15 s at 1 s, medians of {arguments.repeats}"
    report([Table(title, rows)], goals, arguments.json, notes)


if __name__ == "__main__":
    main()
