"""A study of 108 points by one `tdscen sweep`, beside the same points by single `tdscen run`s.

Both begin with remembered models and scales. The single runs are made one after the other, by default of every ninth
point, half of them before the sweep and half behind it, and counted for all; `--full` makes all of them. The processor
time says the same on a machine that has other work to do.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tdscen.compiler import compile_file
from tdscen.studies.points import Point, points

SCENARIO = Path(__file__).parent.parent / "scenarios" / "lesson_sensitivity.tds"
COMMAND = [sys.executable, "-c", "from tdscen.cli import main; main()"]


def measured(*arguments: str) -> tuple[float, float]:
    """Wall time and processor time of a command with everything below it, in s."""
    before, began = os.times(), time.perf_counter()
    done = subprocess.run([*COMMAND, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    assert done.returncode in (0, 4), arguments  # 4: a requirement is violated
    after = os.times()
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - began, cpu_s


def singles(some: Sequence[Point], folder: Path) -> list[tuple[float, float]]:
    settings = [[word for setting in point.settings for word in ("--set", setting)] for point in some]
    return [measured("run", str(SCENARIO), "-q", "-o", str(folder / "single"), *words) for words in settings]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--workers", default="2")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    plan = compile_file(SCENARIO).checked.plan
    assert plan is not None
    every = points(plan.sweeps[0])
    for point in every:
        compile_file(SCENARIO, (), point.settings)  # models and scales are remembered from here on
    some = every if options.full else every[4::9]
    with tempfile.TemporaryDirectory(prefix="tdscen-sweep-") as made:
        folder = Path(made)
        half = len(some) // 2
        alone = singles(some[:half], folder)
        sweep_s, sweep_cpu_s = measured(
            "sweep", str(SCENARIO), "-q", "-o", str(folder / "sweeps"), "--workers", options.workers
        )
        alone += singles(some[half:], folder)
    scaled = len(every) / len(some)
    runs_s, runs_cpu_s = (scaled * sum(column) for column in zip(*alone, strict=True))
    found = {
        "points": len(every),
        "single_runs_measured": len(some),
        "workers": int(options.workers),
        "single_runs_s": round(runs_s, 1),
        "sweep_s": round(sweep_s, 1),
        "ratio": round(sweep_s / runs_s, 3),
        "single_runs_cpu_s": round(runs_cpu_s, 1),
        "sweep_cpu_s": round(sweep_cpu_s, 1),
        "cpu_ratio": round(sweep_cpu_s / runs_cpu_s, 3),
    }
    print(json.dumps(found, indent=2))
    if options.json is not None:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
