"""What one waits for before anything is computed: the command line, and the stages of federates up to t = 0.

`python benchmarks/startup.py [--repeats 7] [--json FILE]`. Cold processes, taken in turns, all caches filled. `connect`
is joining the run (HELICS sleeps 0.1 s in it), `load` the model, `equilibrium` the common start, which includes waiting
for the slower side; bare imports are what each side cannot do without, `import andes` and `import dss` with HELICS.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from measuring import AS_INSTALLED, ROOT, Goal, Table, medians, report, tdscen, wall_s

from tdscen.results import open_run
from tdscen.runtime.launch import Launch

SCENARIO = ROOT / "scenarios" / "ieee14_ieee34.tds"
STAGES = ("connect_s", "load_s", "equilibrium_s")


def python(code: str) -> list[str]:
    """A cold interpreter."""
    return [sys.executable, "-c", AS_INSTALLED + code]


def stages(folder: Path) -> dict[str, dict[str, float]]:
    """Of one run: federate by stage, in s."""
    with Launch(folder) as launch:
        assert launch.finish() == 0, launch.said()
        assert launch.run is not None
        found: dict[str, dict[str, float]] = open_run(launch.run).info["timings"]["federates"]
    return found


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "study"
        wall_s(tdscen("compile", str(SCENARIO), "-o", str(folder)))
        stages(folder)  # fills the caches
        cold = medians(
            {
                "python": lambda: wall_s(python("")),
                "tdscen --help": lambda: wall_s(tdscen("--help")),
                "import lark, jinja2": lambda: wall_s(python("import lark, jinja2")),
                "tdscen check, facts cached": lambda: wall_s(tdscen("check", str(SCENARIO))),
                "tdscen compile, facts cached": lambda: wall_s(tdscen("compile", str(SCENARIO), "-o", str(folder))),
                "import helics, andes": lambda: wall_s(python("import helics, andes")),
                "import helics, dss": lambda: wall_s(python("import helics, dss")),
            },
            arguments.repeats,
        )
        runs = [stages(folder) for _ in range(arguments.repeats)]
    federates = {
        name: {stage: statistics.median(run[name][stage] for run in runs) for stage in STAGES} for name in runs[0]
    }
    bare_s = {"ieee14": cold["import helics, andes"], "ieee34": cold["import helics, dss"]}
    rows = [
        {
            "federate": name,
            **{stage.removesuffix("_s") + " ms": 1000 * spent for stage, spent in found.items()},
            "bare imports ms": 1000 * bare_s[name],
            "connect and load over them": (found["connect_s"] + found["load_s"]) / bare_s[name],
        }
        for name, found in federates.items()
    ]
    report(
        [
            Table(
                f"Cold processes, medians of {arguments.repeats}",
                [{"process": name, "ms": 1000 * seconds} for name, seconds in cold.items()],
            ),
            Table("Federates of the shipped study until t = 0", rows),
        ],
        [Goal("tdscen --help", 1000 * cold["tdscen --help"], most=150, unit=" ms")],
        arguments.json,
    )


if __name__ == "__main__":
    main()
