"""What a positive-sequence boundary leaves out: currents at the head of the IEEE feeders, at their nominal settings.

Prints the table of docs/computation.md. IEEE 34 is our own file; the others are looked for in ../shared/feeders.

    python benchmarks/unbalance.py [FOLDER OF FEEDERS]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from tdscen.plan import ModelFile
from tdscen.runtime.phases import COLUMNS, quantities
from tdscen.simulators import simulator
from tdscen.simulators.opendss.probe import probe
from tdscen.simulators.opendss.runtime import OpenDssFeeder

ROOT = Path(__file__).resolve().parents[1]
OTHERS = ("ieee13/IEEE13Nodeckt.dss", "ieee37/ieee37.dss", "ieee123/IEEE123Master.dss")


def measure(master: Path) -> tuple[float, dict[str, float]]:
    """The feeder's nominal source voltage in pu, and the quantities at its head when fed with it, balanced."""
    source = simulator("opendss").locate(master.name, master.parent)
    feeder = OpenDssFeeder(ModelFile(source.main, "bundled", source.sha256()), source.root, controls="frozen")
    stated = probe(source).source
    if stated is None:
        raise SystemExit(f"{master} does not solve")
    feeder.settle(complex(stated.v_pu), 1.0)
    parts = (feeder.phase_power_kva, feeder.phase_voltage_v, feeder.phase_current_a)
    row = quantities(*(np.array([part]) for part in parts))[0]
    return stated.v_pu, dict(zip(COLUMNS, row.tolist(), strict=True))


def main() -> None:
    """Print the table."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "feeders"
    masters = {"IEEE 13": OTHERS[0], "IEEE 34": None, "IEEE 37": OTHERS[1], "IEEE 123": OTHERS[2]}
    print("| feeder | V pu | Ia, Ib, Ic A | I1 A | I2 A | I0 A | I2/I1 | I0/I1 |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, path in masters.items():
        master = folder / path if path else ROOT / "scenarios" / "feeders" / "ieee34" / "ieee34.dss"
        if not master.is_file():
            print(f"| {name} | not here ({master}) |")
            continue
        v_pu, found = measure(master)
        phases = ", ".join(f"{found[f'i_{phase}_a']:.4g}" for phase in "abc")
        components = " | ".join(f"{found[f'i{n}_a']:.4g}" for n in (1, 2, 0))
        ratios = f"{100 * found['unbalance']:.2f} % | {100 * found['unbalance_0']:.2f} %"
        print(f"| {name} | {v_pu:.4g} | {phases} | {components} | {ratios} |")


if __name__ == "__main__":
    main()
