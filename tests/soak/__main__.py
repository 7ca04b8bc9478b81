"""`python -m soak [--runs 200] [--at-once 8] [--stop 2] [--fakes] [--no-kill]`, in tests/: the table of a soak."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from dataclasses import fields
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from soak.remains import Remains
from soak.soaking import Soaked, soak
from soak.studies import prepared


def main() -> int:
    """Print the table; 1 where anything is not as expected."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--stop", type=int, default=2, help="simulated seconds of a run (with simulators)")
    parser.add_argument("--fakes", action="store_true", help="fakes in place of the simulators")
    parser.add_argument("--no-kill", action="store_true", help="without the run in each batch that is killed")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="soak-") as place,
        Progress(console=Console(stderr=True), transient=True) as shown,
    ):
        study = prepared(Path(place).resolve() / "soak", arguments.stop, fakes=arguments.fakes)
        task = shown.add_task("soak", total=arguments.runs)
        soaked = soak(
            study,
            arguments.runs,
            arguments.at_once,
            kill=not arguments.no_kill,
            done=lambda runs: shown.update(task, completed=runs),
        )
    print("\n".join(table(soaked)))
    return 1 if soaked.wrong else 0


def table(soaked: Soaked) -> list[str]:
    """Markdown."""
    by_launcher = Counter(one.launcher for one in soaked.ended)
    failed = sum(1 for one in soaked.ended if one.fault)
    lines = [
        f"{len(soaked.ended)} runs ({', '.join(f'{n} {by}' for by, n in sorted(by_launcher.items()))}), "
        f"{failed} failed; {soaked.killed} more were killed; "
        f"{len({one.results for one in soaked.ended if not one.fault})} different results; {soaked.wall_s:.0f} s",
        "",
        "| | after the first run | at the end |",
        "| --- | --- | --- |",
    ]
    for field in fields(Remains):
        values = [getattr(counted, field.name) for counted in (soaked.before, soaked.after)]
        name = field.name.replace("rss_mb", "memory of the launching process (MB)").replace("_", " ")
        lines.append(f"| {name} | {values[0]:.0f} | {values[1]:.0f} |")
    return [*lines, "", *(f"WRONG: {sentence}" for sentence in soaked.wrong)]


if __name__ == "__main__":
    sys.exit(main())
