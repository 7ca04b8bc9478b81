"""A study of 108 points by one `tdscen sweep`, beside the same points by single `tdscen run`s.

Both begin with remembered models and scales. The single runs are made one after the other, by default of every ninth
point, half of them before the sweep and half behind it, and counted for all; `--full` makes all of them. The processor
time says the same on a machine that has other work to do.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from measuring import Goal, Table, report

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
    parser.add_argument("--json")
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
    what = f"{len(some)} single runs" + (f", counted for {len(every)}" if len(some) < len(every) else "")
    rows = [
        {"how": f"{what}, one after the other", "wall s": runs_s, "processor s": runs_cpu_s},
        {"how": f"one sweep, {options.workers} workers", "wall s": sweep_s, "processor s": sweep_cpu_s},
        {"how": "sweep over single runs", "wall s": sweep_s / runs_s, "processor s": sweep_cpu_s / runs_cpu_s},
    ]
    goal = Goal(f"a sweep of {len(every)} points over as many single runs", sweep_s / runs_s, most=0.5)
    report([Table(f"{SCENARIO.name}, {len(every)} points", rows)], [goal], options.json)


if __name__ == "__main__":
    main()
