"""What checking and compiling cost: start-up against bare imports, and cost per interface from 100 to 10,000.

`python benchmarks/frontend.py [--json FILE]` prints a table. The interfaces are real text through the real pipeline;
the facts are synthetic (no system with 10,000 load buses ships with ANDES), given in place of the probe's, and the
factors are written as numbers, so that what is measured is the front end and the emitter.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tdscen import compiler
from tdscen.facts import Bus, StaticLoad, TransmissionFacts
from tdscen.language.models import Models
from tdscen.language.study import Study
from tdscen.language.texts import Texts
from tdscen.probing import Probe, ScaledInterface, ScaleRequest, ScaleResult

ROOT = Path(__file__).resolve().parents[1]
SCENARIO = ROOT / "scenarios" / "ieee14_ieee34.tds"
SIZES = (100, 1_000, 10_000)
REPEATS = 7


AS_INSTALLED = "import sys; sys.modules['interegular'] = None; "
"""With interegular, which only our strict grammar test needs, Lark proves every lexer free of collisions at start."""


def start_up() -> dict[str, float]:
    """Medians in s of cold processes, taken in turns, all facts cached.

    `check`: the shipped scenario as a user finds it the second time; `fresh`: read and checked again from its text;
    `imports`: `python -c "import lark, jinja2"`.
    """
    tdscen = [sys.executable, "-c", AS_INSTALLED + "from tdscen.cli import main; main()", "check", str(SCENARIO)]
    commands = {
        "check": tdscen,
        "fresh": [*tdscen, "--fresh"],
        "imports": [sys.executable, "-c", AS_INSTALLED + "import lark, jinja2"],
    }
    subprocess.run(tdscen, check=True, capture_output=True)  # fills the cache
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(REPEATS):
        for name, command in commands.items():
            before = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            times[name].append(time.perf_counter() - before)
    return {name: statistics.median(values) for name, values in times.items()}


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
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = parser.parse_args(arguments)
    started = start_up()
    ratios = {name: started[name] / started["imports"] for name in ("check", "fresh")}
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print(f"import lark, jinja2                   {started['imports'] * 1000:6.0f} ms (medians of {REPEATS})")
    print(f"tdscen check, nothing has changed     {started['check'] * 1000:6.0f} ms, ratio {ratios['check']:.2f}")
    print(f"tdscen check --fresh, facts cached    {started['fresh'] * 1000:6.0f} ms, ratio {ratios['fresh']:.2f}\n")
    per_interface(10)  # imports, grammar
    whole = {count: per_interface(count) for count in SIZES}
    print("interfaces   check and compile   per interface")
    for count, seconds in whole.items():
        print(f"{count:10d}   {seconds:15.3f} s   {seconds / count * 1e6:10.0f} us")
    flat = (whole[SIZES[-1]] / SIZES[-1]) / (whole[SIZES[0]] / SIZES[0])
    print(f"cost per interface, {SIZES[-1]} over {SIZES[0]}: {flat:.2f}    (asked for: under 1.3)")
    if chosen.json:
        figures = {"start_up_s": started, "ratios": ratios, "compile_s": whole, "per_interface_ratio": flat}
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
