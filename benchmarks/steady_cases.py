"""Standstill of many cases with feeders: makes docs/steady_cases.md. `python benchmarks/steady_cases.py` (3 minutes).

Ends with status 1 where a case does not stand still. The page states movements in two digits, no wall times.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from steady import DYNAMIC, LIMIT_PU, SECONDS, SHUNT, STATIC, Steady, steady  # noqa: E402

PAGE = ROOT / "docs" / "steady_cases.md"

HEAD = f"""# Cases that stand still

Made by `python benchmarks/steady_cases.py`. Each case that ANDES ships with the IEEE 34-node feeder in place of the
load of three buses (Kundur's has two), profiles constant, regulators delayed, {SECONDS} s in steps of 1 s, serial;
events of the case are off. "Moves" is how far the voltage of an interface bus goes from its value at t = 0; "alone"
is the same bus in the case without feeders. A case stands still where that is below {LIMIT_PU:g} pu, or no more than
in the case alone.
"Start" is how far the feeders shift these voltages from the case's own power flow: with `match_load` their Q is not the
load's.

`match_load(q = shunt)` stands where that Q is more than the case can give: Kundur's bus 7 would fall below 0.9 pu, an
exciter of WECC and the photovoltaic units at bus 4 of `ieee14_pvd1` and `ieee14_esd1` would start beyond their limits.
Without the shunt these studies end with a sentence that says so.

| case | buses | scale | exchanges | start, pu | moves, pu | alone, pu |
| --- | --- | --- | --- | --- | --- | --- |
"""


def row(found: Steady) -> str:
    """One line of the table."""
    case = found.case
    name = " + ".join(f"`{Path(file).name}`" for file in (case.name, *case.extra))
    scale = "match_load(q = shunt)" if case.rule == SHUNT else "match_load"
    alone = "power flow" if found.alone_pu is None else _moved(found.alone_pu)
    buses = ", ".join(str(bus) for bus in found.buses)
    start = f"{found.start_pu:.4f}"
    return f"| {name} | {buses} | `{scale}` | {found.exchanges} | {start} | {_moved(found.drift_pu)} | {alone} |"


def _moved(drift_pu: float) -> str:
    """Round-off differs between machines: below 1e-9 pu it is not told apart from nothing."""
    return "0" if drift_pu == 0 else "< 1e-9" if drift_pu < 1e-9 else f"{drift_pu:.1e}"


def main() -> int:
    """Measure every case, print the table, write the page."""
    warnings.filterwarnings("ignore", "Casting complex values to real")
    print(HEAD.splitlines()[-2])
    rows, moved = [], []
    for case in (*DYNAMIC, *STATIC):
        found = steady(case)
        rows.append(row(found))
        print(rows[-1], flush=True)
        if not found.stands:
            moved.append(case.name)
    PAGE.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    print(f"{len(moved)} of {len(rows)} cases move" + (f": {', '.join(moved)}" if moved else ""))
    return 1 if moved else 0


if __name__ == "__main__":
    sys.exit(main())
