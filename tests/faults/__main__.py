"""`python -m faults [--only TEXT] [--launchers helics tdscen] [--jobs 2] [--markdown FILE]`, in tests/: the table."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.progress import track

from faults.cells import cells
from faults.running import LAUNCHERS, Outcome, run

HEADING = """# Faults

Made by `make faults`: what fails, and how the run then ends. Seconds are from the fault to the end of the last process,
under `tdscen run` and under plain `helics run`, on two cores with other work; the timeout of these runs is 2 s.
"""


def main() -> int:
    """Print the table; 1 where a cell is not as expected."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="cells whose name (process/when/how) holds this text")
    parser.add_argument("--launchers", nargs="+", choices=LAUNCHERS, default=LAUNCHERS)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--markdown", type=Path, help="write the table of times there")
    arguments = parser.parse_args()
    wanted = [(cell, by) for cell in cells() if arguments.only in cell.name for by in arguments.launchers]
    console = Console(width=160)
    with tempfile.TemporaryDirectory(prefix="tdscen-faults-") as place, ThreadPoolExecutor(arguments.jobs) as pool:
        running = [pool.submit(run, cell, by, _folder(place, i)) for i, (cell, by) in enumerate(wanted)]
        found = [
            future.result() for future in track(running, "faults", console=Console(stderr=True), total=len(running))
        ]
    for outcome in found:
        mark = "✓" if not outcome.wrong else "✗"
        console.print(
            f"{mark} {outcome.cell.name:36s} {outcome.launcher:7s} {outcome.ends_after_s:5.1f} s  status "
            f"{outcome.status:4d}  {outcome.cause or '-'}",
            markup=False,
            highlight=False,
            no_wrap=True,
        )
        for sentence in outcome.wrong:
            console.print(f"    {sentence}", markup=False, highlight=False)
    bad = sum(1 for outcome in found if outcome.wrong)
    console.print(_closing(found))
    if arguments.markdown:
        arguments.markdown.write_text(_markdown(found), encoding="utf-8")
    return 1 if bad else 0


def _folder(place: str, number: int) -> Path:
    folder = Path(place) / f"{number:04d}"
    folder.mkdir()
    return folder


def _closing(found: Sequence[Outcome]) -> str:
    slowest = max(found, key=lambda outcome: outcome.ends_after_s)
    return (
        f"{len(found)} cells, {sum(1 for o in found if o.wrong)} not as expected; the slowest end "
        f"{slowest.ends_after_s:.1f} s after its fault ({slowest.cell.name}, {slowest.launcher})"
    )


def _markdown(found: Sequence[Outcome]) -> str:
    """Process and time by kind of fault; seconds from the fault to the end of the last process, by either launcher."""
    lines = [
        "| process | when | how | cause in run.json | status | ends after (s) |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    by_cell: dict[str, list[Outcome]] = {}
    for outcome in found:
        by_cell.setdefault(outcome.cell.name, []).append(outcome)
    for outcomes in by_cell.values():
        cell, cause = outcomes[0].cell, outcomes[0].cause or "no run was made"
        times = ", ".join(f"{o.ends_after_s:.1f}" for o in outcomes)
        mark = "" if not any(o.wrong for o in outcomes) else " **not as expected**"
        lines.append(f"| {cell.process} | {cell.when} | {cell.how} | {cause}{mark} | {cell.status} | {times} |")
    return "\n".join([*lines, "", _closing(found), ""])


if __name__ == "__main__":
    sys.exit(main())
