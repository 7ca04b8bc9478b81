"""What it costs to resume a run, and how exact it is: studies killed in the middle (SIGKILL, all processes).

`python benchmarks/resume.py [--json FILE]`, or `make resume`: exits with 1 where a resumed run is not equal to the last
bit.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from measuring import ROOT, Goal, Table, report

sys.path.insert(0, str(ROOT / "tests"))

from interruptions import info, killed, resumed, whole

from tdscen.compiler import compile_file
from tdscen.emit import write
from tdscen.results import open_run

STUDIES = {"ieee14_ieee34": 7.5, "pv_cloud": 90.0, "day_quasi_static": 43_200.0}
"""Shipped scenarios, and when they are killed (s)."""


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json")
    arguments = parser.parse_args()
    rows = [_row(name, at_s) for name, at_s in STUDIES.items()]
    goals = [
        Goal(f"{row['study']}: difference to a run that nobody interrupted", row["off by"], most=0.0) for row in rows
    ]
    report([Table("Runs killed in the middle and resumed", rows)], goals, arguments.json)
    return int(not all(goal.holds for goal in goals))


def _row(name: str, at_s: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as place:
        study = Path(place) / "study"
        write(compile_file(ROOT / "scenarios" / f"{name}.tds").artifacts, study)
        complete = whole(study)
        run = killed(study, at_s)
        record = resumed(study, run)
        one, other = open_run(complete), open_run(run)
        timings = record["timings"]["federates"]
        replays = {name: timings[name]["replay_s"] for name in timings}
        transmission_s = replays.pop(one.plan.transmission.name)
        return {
            "study": f"{name} ({one.plan.simulation.coupling})",
            "resumed at": f"{record['resumed'][0]['at_s']:g} of {one.plan.simulation.stop_s:g} s",
            "off by": float(np.abs(one.recording.values - other.recording.values).max()),
            "whole run s": info(complete)["timings"]["wall_s"],
            "its steps s": max(t["loop_s"] for t in info(complete)["timings"]["federates"].values()),
            "replay of T s": transmission_s,
            "replay of D s": max(replays.values()),
            "resumed run s": record["timings"]["wall_s"],
        }


if __name__ == "__main__":
    raise SystemExit(main())
