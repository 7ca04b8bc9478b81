"""The shipped study against the same study as scripts that a researcher writes without tdscen (`benchmarks/naive/`).

`python benchmarks/naive.py [--repeats 5] [--json FILE]`. Whole wall times: `tdscen run` (compiled before), `helics run`
of the generated folder, `helics run` of the naive scripts; and the bare floor, ANDES's 450 steps and OpenDSS's 15
solutions in one warm process. That both compute the same is asserted: interface voltages within 1e-3 pu at every step
(the naive feeder's regulators settle at every step; ours have their delays). ANDES solves steps to 1e-4 by default,
tdscen to 1e-8, which costs iterations: the scripts and the bare floor are measured with both. `helics run` looks at
its processes once a second, so its times are whole seconds and a bit.
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

OURS, GENERATED = "tdscen run", "helics run of the generated folder"
NAIVE, TIGHT = "helics run of the naive scripts", "the same, steps to 1e-8"
BARE, BARE_LOOSE = "bare stepping, warm", "the same, steps to 1e-4"


def helics_run(folder: Path) -> float:
    """Wall time of `helics run` in a folder with a runner.json, in s."""
    return wall_s(["helics", "run", "--path=runner.json"], folder)


def naive_folder(folder: Path) -> Path:
    """The scripts and the feeder's model in a folder of their own."""
    shutil.copytree(SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "scenarios" / "feeders" / "ieee34" / "ieee34.dss", folder)
    return folder


def tight(folder: Path) -> Path:
    """The same with our tolerance."""
    settings = naive_folder(folder) / "settings.py"
    text = settings.read_text()
    assert "TOLERANCE = 1e-4" in text
    settings.write_text(text.replace("TOLERANCE = 1e-4", "TOLERANCE = 1e-8"))
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
    loops: dict[str, list[float]] = {name: [] for name in (OURS, NAIVE, TIGHT)}
    with tempfile.TemporaryDirectory() as place:
        ours = Path(place) / "ours"
        folders = {NAIVE: naive_folder(Path(place) / "naive"), TIGHT: tight(Path(place) / "tight")}
        wall_s(tdscen("compile", str(SCENARIO), "-o", str(ours)))
        wall_s(tdscen("run", str(SCENARIO), "-o", str(ours), "--quiet"))  # fills every cache

        def run_tdscen() -> float:
            spent = wall_s(tdscen("run", str(SCENARIO), "-o", str(ours), "--quiet"))
            run = latest_run(ours)
            assert run is not None
            loops[OURS].append(run_time(open_run(run)).federates[0].loop_s)
            return spent

        def run_naive(name: str) -> float:
            spent = helics_run(folders[name])
            said = re.search(r"step loop ([\d.]+) s", (folders[name] / "transmission.log").read_text())
            assert said is not None
            loops[name].append(float(said[1]))
            return spent

        found = medians(
            {
                OURS: run_tdscen,
                GENERATED: lambda: helics_run(ours),
                NAIVE: lambda: run_naive(NAIVE),
                TIGHT: lambda: run_naive(TIGHT),
                BARE: lambda: bare(1, STEPS, BETWEEN),
                BARE_LOOSE: lambda: bare(1, STEPS, BETWEEN, 1e-4),
            },
            arguments.repeats,
        )
        apart_pu = max(disagreement_pu(ours, folder) for folder in folders.values())
    assert apart_pu < SAME_PU, f"the two studies differ by {apart_pu:.3g} pu: this would compare unequal work"
    floor = found[BARE]
    step_loop = {name: statistics.median(spent) for name, spent in loops.items()}
    step_loop |= {BARE: floor, BARE_LOOSE: found[BARE_LOOSE]}
    rows = [
        {
            "variant": name,
            "wall s": seconds,
            "naive over it": found[NAIVE] / seconds,
            "over bare": seconds / floor,
            "step loop s": step_loop.get(name, "-"),
        }
        for name, seconds in found.items()
    ]
    goals = [
        Goal("naive under helics run over tdscen run", found[NAIVE] / found[OURS], least=2.2),
        Goal("the same with equal tolerances", found[TIGHT] / found[OURS], least=2.2),
        Goal("tdscen run over the bare stepping", found[OURS] / floor, most=1.8),
        Goal("naive over ours, both under helics run", found[NAIVE] / found[GENERATED], least=1.8),
        Goal("the same with equal tolerances", found[TIGHT] / found[GENERATED], least=1.8),
    ]
    notes = [f"largest difference between the interface voltages of the two studies: {apart_pu:.2g} pu"]
    title = f"The shipped study, 15 s at 1 s, medians of {arguments.repeats}"
    report([Table(title, rows)], goals, arguments.json, notes)


if __name__ == "__main__":
    main()
