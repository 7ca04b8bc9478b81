"""`docs/performance.md` from the figures of a run of all benchmarks (`make benchmarks`).

`python benchmarks/page.py [--results benchmarks/results] [--output docs/performance.md]`
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from measuring import ROOT, cell

TEXTS = {
    "naive": (
        "Against scripts without tdscen",
        "The shipped study (IEEE 14, one IEEE 34 feeder, 15 s at 1 s) against the same study as a researcher "
        "writes it by hand (`benchmarks/naive/`): a process a side, a Python loop over the loads, `TDS.run` again "
        "for every communication step. Both compute the same; the benchmark asserts it. `helics run` looks at its "
        "processes once a second, `tdscen run` starts the same processes without it.",
    ),
    "overhead": (
        "Federation over bare solvers",
        "The step loop against the same calls of ANDES and OpenDSS in one process without HELICS, T's recording or "
        "anything of tdscen: IEEE 14 with IEEE 34 feeders at steps of 1/30 s, serial, one worker. A ratio below 1 is "
        "possible, because tdscen evaluates ANDES's equations quicker than ANDES does, to the same bits, and begins "
        "the feeders' solutions where they are to be expected; `quick ANDES` compares with bare calls that do the "
        "former too. Exchange is what T waits in HELICS "
        "beyond the feeders' work. Recording is what the default observations add to a run that records only its "
        "interfaces (losses are not among them: OpenDSS computes the currents of every element for that).",
    ),
    "scaling": (
        "From one feeder to a thousand",
        "IEEE 34 feeders at the load buses of WECC (179 buses), delayed controls, default observations, serial "
        "coupling at steps of 1/30 s. Where there are more feeders than loads several share one. With serial "
        "coupling T's own step is not shared out, and with one worker the second core is not idle either: T's step and "
        "the worker's recording and controls go on at the same time. `at most possible` is what a second worker could "
        "gain without any loss: the feeders' part halved, and no core busy for longer than its half of the processor "
        "time that the processes need with one worker. What is lost besides: with two workers there are three "
        "processes on two cores, and their feeders compete for cache and memory.",
    ),
    "tdcosim_class": (
        "The size of the largest published study",
        "97 IEEE 123 feeders, a fault of 100 ms, half-cycle steps, serial coupling; published for TDcosim: about "
        "66 s of wall time for a simulated second. Columns in s are per simulated second but for the last two.",
    ),
    "startup": (
        "Start-up",
        "What one waits for before anything is computed. `equilibrium` includes waiting for the slower side.",
    ),
    "sweep": (
        "A study of many runs",
        "The lesson's suggestions as one sweep beside `tdscen run` for each point, models and scales remembered in "
        "both cases: what a sweep saves by forking its runs from a process that has everything imported, and by two at "
        "a time.",
    ),
    "resume": (
        "Resuming",
        "Runs whose processes are all killed (SIGKILL) at the half and taken up again: every federate repeats the "
        "recorded part from what it heard, without the others and without HELICS. T and D do so at the same time.",
    ),
    "frontend": ("Checking and compiling", "Synthetic systems of any size through the real pipeline."),
    "editor": (
        "The language server",
        "What an editor waits for in a scenario of a thousand lines with its facts cached, each time directly after a "
        "keystroke. One in the first line moves all that follows; hover and code actions also run the checks.",
    ),
}


def page(found: Mapping[str, dict[str, Any]]) -> Iterator[str]:
    """The lines of the page."""
    yield "# Performance"
    yield ""
    yield "<!-- made by benchmarks/page.py; `make benchmarks` measures everything again -->"
    yield ""
    machine = next(iter(found.values()))["machine"]
    yield (
        f"Measured on {machine['cpus']} shared cores of {machine['cpu']}, Python {machine['python']}. Read ratios "
        "rather than times; figures that miss what was asked for are listed as they are. Each section is one command: "
        "`python benchmarks/NAME.py`."
    )
    yield ""
    yield "## Asked for and reached"
    yield ""
    yield "| figure | asked for | reached | holds |"
    yield "| --- | --- | --- | --- |"
    for results in found.values():
        for goal in results["goals"]:
            bound = f"≤ {goal['most']:g}" if goal["most"] is not None else f"≥ {goal['least']:g}"
            yield (
                f"| {goal['what']} | {bound}{goal['unit']} | {cell(goal['reached'])}{goal['unit']} | "
                f"{'yes' if goal['holds'] else '**no**'} |"
            )
    for name, results in found.items():
        title, text = TEXTS[name]
        yield from ("", f"## {title}", "", f"`python benchmarks/{name}.py`. {text}")
        for table in results["tables"]:
            yield ""
            yield f"{table['title']}:"
            yield ""
            columns = list(table["rows"][0])
            yield f"| {' | '.join(columns)} |"
            yield f"| {' | '.join('---' for _ in columns)} |"
            for row in table["rows"]:
                yield f"| {' | '.join(cell(row[column]) for column in columns)} |"
        if results["notes"]:
            yield ""
            yield from (f"- {note}" for note in results["notes"])


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "performance.md")
    chosen = parser.parse_args()
    places = {name: chosen.results / f"{name}.json" for name in TEXTS}
    found = {name: json.loads(path.read_text(encoding="utf-8")) for name, path in places.items() if path.is_file()}
    missing = ", ".join(name for name in TEXTS if name not in found)
    if missing:
        raise SystemExit(f"{chosen.results} has no figures of {missing}: run `make benchmarks`")
    chosen.output.write_text("\n".join(page(found)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
