"""What checking and compiling cost: start-up against bare imports, and cost per interface from 100 to 10,000.

`python benchmarks/frontend.py [--json FILE]` prints a table. The interfaces are real text through the real pipeline;
the facts are synthetic (no system with 10,000 load buses ships with ANDES), given in place of the probe's, and the
factors are written as numbers, so that what is measured is the front end and the emitter.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from measuring import AS_INSTALLED, ROOT, Goal, Table, medians, report, tdscen, wall_s

from tdscen import compiler
from tdscen.facts import Bus, StaticLoad, TransmissionFacts
from tdscen.language.models import Models
from tdscen.language.study import Study
from tdscen.language.texts import Texts
from tdscen.probing import Probe, ScaledInterface, ScaleRequest, ScaleResult

SCENARIO = ROOT / "scenarios" / "ieee14_ieee34.tds"
SIZES = (100, 1_000, 10_000)
REPEATS = 7


def start_up() -> dict[str, float]:
    """Medians in s of cold processes, taken in turns, all facts cached.

    `check`: the shipped scenario as a user finds it the second time; `fresh`: read and checked again from its text;
    `imports`: `python -c "import lark, jinja2"`.
    """
    wall_s(tdscen("check", str(SCENARIO)))  # fills the cache
    return medians(
        {
            "check": lambda: wall_s(tdscen("check", str(SCENARIO))),
            "fresh": lambda: wall_s(tdscen("check", str(SCENARIO), "--fresh")),
            "imports": lambda: wall_s([sys.executable, "-c", AS_INSTALLED + "import lark, jinja2"]),
        },
        REPEATS,
    )


def scenario(count: int) -> str:
    """A scenario with that many interface blocks."""
    blocks = "\n".join(
        f"interface bus{i} {{\n"
        f"  transmission = grid.bus[{i}]\n"
        f"  distribution = feeder\n"
        f"  scale        = {10 + i % 7}\n"
        f"  load         = wobble\n"
        f"}}\n"
        for i in range(1, count + 1)
    )
    return (
        'scenario "many interfaces"\n\n'
        'transmission grid {\n  case = "ieee14/ieee14_full.xlsx"\n}\n\n'
        'distribution feeder {\n  model = "feeders/ieee34/ieee34.dss"\n}\n\n'
        "profile wobble = normal(mean = 1, std = 2.5 %, every = 1 s, seed = 981)\n\n"
        f"{blocks}\nsimulation {{\n  step = 1 s\n  stop = 15 s\n}}\n"
    )


def synthetic(probe: Probe, count: int) -> Probe:
    """The probe's answer for a system with that many load buses."""
    assert isinstance(probe.facts, TransmissionFacts)
    buses = tuple(Bus(i, f"BUS{i}", 69.0, 1.0, 0.0) for i in range(1, count + 1))
    loads = tuple(StaticLoad(f"PQ_{i}", i, 10.0, 3.0, True) for i in range(1, count + 1))
    return replace(probe, facts=replace(probe.facts, buses=buses, loads=loads))


def given_factors(request: ScaleRequest) -> ScaleResult:
    """Factors as written; stands in for the equilibrium of thousands of feeders."""
    factors = [(i.name, i.rule) for i in request.interfaces]
    return ScaleResult(
        tuple(
            ScaledInterface(name, float(rule), float(rule), 0.0, 10.0, 3.0, 2000.0, 300.0, 1.0, 0.0, 1)
            for name, rule in factors
        ),
        None,
    )


def per_interface(count: int) -> float:
    """Seconds to check and compile a scenario with that many interfaces, the best of three."""
    look = compiler.look_at_models

    def looked(study: Study, texts: Texts) -> Models:
        probes = dict(look(study, texts).probes)
        return Models({**probes, "grid": synthetic(probes["grid"], count)})

    import tdscen.scales

    tdscen.scales.resolve_scales, kept = given_factors, tdscen.scales.resolve_scales
    compiler.look_at_models = looked
    try:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "feeders").symlink_to(ROOT / "scenarios" / "feeders")
            path = Path(folder) / "many.tds"
            path.write_text(scenario(count), encoding="utf-8")
            times = []
            for _ in range(3 if count < 10_000 else 1):
                before = time.perf_counter()
                done = compiler.compile_file(path)
                times.append(time.perf_counter() - before)
                assert done.artifacts, [d.message for d in done.checked.diagnostics]
            return min(times)
    finally:
        compiler.look_at_models = look
        tdscen.scales.resolve_scales = kept


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", help="also write the figures to this file")
    chosen = parser.parse_args(arguments)
    started = start_up()
    ratios = {name: started[name] / started["imports"] for name in started}
    per_interface(10)  # imports, grammar
    whole = {count: per_interface(count) for count in SIZES}
    flat = (whole[SIZES[-1]] / SIZES[-1]) / (whole[SIZES[0]] / SIZES[0])
    names = {
        "imports": "import lark, jinja2",
        "check": "tdscen check, nothing has changed",
        "fresh": "tdscen check --fresh, facts cached",
    }
    report(
        [
            Table(
                f"Start-up, cold processes, medians of {REPEATS}",
                [{"process": names[n], "ms": started[n] * 1000, "over bare imports": ratios[n]} for n in names],
            ),
            Table(
                "Checking and compiling",
                [
                    {"interfaces": count, "s": seconds, "us an interface": seconds / count * 1e6}
                    for count, seconds in whole.items()
                ],
            ),
        ],
        [Goal(f"cost per interface, {SIZES[-1]} over {SIZES[0]}", flat, most=1.3)],
        chosen.json,
    )


if __name__ == "__main__":
    main()
