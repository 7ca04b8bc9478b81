"""How exact a coupling is: makes docs/accuracy.md. `python benchmarks/accuracy.py` (two minutes).

The same radial line and load once inside ANDES and once in OpenDSS behind the interface (`tests/radial.py`), compared
at every communication time. Ends with status 1 where a figure is not what is asked of it. The page states errors only:
no wall times, two significant digits.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from federations import run  # noqa: E402
from radial import (  # noqa: E402
    LOAD_STEP,
    LOAD_SWING,
    SHORT,
    TOLERANCE_PU,
    Disturbance,
    Error,
    Trajectory,
    cut,
    radial_plan,
    whole,
)

from tdscen import open_run  # noqa: E402
from tdscen.emit import emit, write  # noqa: E402
from tdscen.plan import Coupling  # noqa: E402

PAGE = ROOT / "docs" / "accuracy.md"
STEPS_S = (0.1, 1 / 30, 0.01)
COUPLINGS: tuple[Coupling, ...] = ("iterative", "serial", "parallel")
FEDERATED_STEP_S = 1 / 30


@dataclass(frozen=True)
class Case:
    """A disturbance, in the page's words, and what is asked of iterative coupling in it."""

    title: str
    text: str
    disturbance: Disturbance
    v_pu: float
    speed_pu: float

    @property
    def apart_from(self) -> tuple[float, ...]:
        """Instants whose 0.1 ms are not judged."""
        return self.disturbance.fault.instants_s if self.disturbance.fault else ()


@dataclass(frozen=True)
class Row:
    """One trajectory against that of the whole system."""

    step_s: float
    coupling: str
    error: Error
    exchanges_mean: float
    exchanges_most: int


CASES = (
    Case(
        "A load step",
        "The load takes 5 % more from t = 1 s on. It jumps within one step: the largest error of a coupling that lags "
        "is that jump, one step late, however short the step. The RMS falls with the step.",
        LOAD_STEP,
        1e-6,
        1e-8,
    ),
    Case(
        "A load that swings",
        "5 % up and down, once a second. Without jumps the lag of one step is an error of first order.",
        LOAD_SWING,
        1e-6,
        1e-8,
    ),
    Case(
        "A fault in T",
        "Bus 9 is short-circuited through 0.3 pu at t = 1 s for 80 ms; bus 4 goes down to 0.78 pu. The other loads of "
        "the case are impedances, in the whole system as shunts of ANDES. The two rows that end 0.1 ms behind a "
        "switching are not judged.",
        SHORT,
        1e-5,
        1e-7,
    ),
)

INTRODUCTION = f"""
Made by `python benchmarks/accuracy.py`, which fails where a figure is not what is asked of it. IEEE 14
(`ieee14_full` of ANDES); in place of the load at bus 4 a line of 0.03 + j0.08 pu and behind it 40 MW + j12 MVAr,
constant power down to 0.3 pu. The **whole** system has line and load inside ANDES, as one more bus, and is driven
by ANDES's own calls alone; the **cut** one has them in OpenDSS behind the interface. Both take the same steps for 2
s. Compared at every communication time: V at bus 4 and the five rotor speeds. Iterative coupling has a tolerance of
{TOLERANCE_PU:g} pu. Rows exchange by tdscen's adapters in one process, those marked HELICS through `helics run`.
"""

ELSEWHERE = """
[What is computed](computation.md) ends with the other independent checks: the published IEEE 34 solution, the
shipped study by direct calls, the start, standstill. What lag costs in a study of your own is said by [`tdscen
verify-coupling`](verify-coupling.md).
"""


def measure(case: Case, folder: Path) -> list[Row]:
    """Every coupling at every step by direct calls, then iterative coupling through HELICS."""
    rows = []
    for step_s in STEPS_S:
        expected = whole(step_s, case.disturbance)
        for coupling in COUPLINGS:
            found = cut(folder, step_s, coupling, case.disturbance)
            rows.append(_row(case, step_s, coupling, found, expected))
            print(f"{case.title}, {_step(step_s)} s, {coupling}: {rows[-1].error}", file=sys.stderr)
    found, expected = federated(case.disturbance, folder), whole(FEDERATED_STEP_S, case.disturbance)
    rows.append(_row(case, FEDERATED_STEP_S, "iterative, HELICS", found, expected))
    return rows


def federated(disturbance: Disturbance, folder: Path) -> Trajectory:
    """The study through `helics run`, two seconds of it."""
    plan, models = radial_plan(folder, disturbance, stop_s=2.0)
    study = Path(tempfile.mkdtemp(dir=folder)) / "study"
    write(emit(plan, models), study)
    ended = run(study)
    if ended.status != 0:
        raise SystemExit(f"the federation failed: {ended.said}")
    table = open_run(study).table
    speeds = [name for name in table if name.endswith("/omega_pu")]

    def phasor(magnitude: str, angle: str) -> np.ndarray:
        return np.asarray(table[magnitude] * np.exp(1j * table[angle]))

    def power(name: str) -> np.ndarray:
        return np.asarray(table[f"bus4/{name}p_mw"] + 1j * table[f"bus4/{name}q_mvar"])

    return Trajectory(
        table["time_s"].to_numpy(),
        phasor("bus4/v_pu", "bus4/angle_rad"),
        table[speeds].to_numpy(),
        power("drawn_"),
        power(""),
        table["bus4/exchanges"].to_numpy(),
    )


def _row(case: Case, step_s: float, coupling: str, found: Trajectory, expected: Trajectory) -> Row:
    exchanges = found.exchanges[1:]
    error = found.error(expected, case.apart_from)
    return Row(step_s, coupling, error, float(exchanges.mean()), int(exchanges.max()))


def broken(case: Case, rows: Sequence[Row]) -> Iterator[str]:
    """What is asked and does not hold, each with its figure."""
    for row in rows:
        what = f"{case.title}, {row.coupling} at {_step(row.step_s)} s"
        if not row.coupling.startswith("iterative"):
            continue
        if not row.error.v_pu < case.v_pu:
            yield f"{what}: V is off by {row.error.v_pu:.1e} pu, asked for {case.v_pu:g}"
        if not row.error.speed_pu < case.speed_pu:
            yield f"{what}: a speed is off by {row.error.speed_pu:.1e} pu, asked for {case.speed_pu:g}"
        if not row.exchanges_mean <= 3:
            yield f"{what}: {row.exchanges_mean:.2f} exchanges a step, asked for at most 3"
    for coupling in ("serial", "parallel"):
        rms = [row.error.v_rms_pu for row in rows if row.coupling == coupling]
        if rms != sorted(rms, reverse=True):
            yield f"{case.title}: the RMS error of {coupling} coupling does not fall with the step: {rms}"


def page(measured: Sequence[tuple[Case, Sequence[Row]]]) -> str:
    """The Markdown page."""
    lines = ["# Accuracy", "", _paragraph(INTRODUCTION)]
    for case, rows in measured:
        asked = (
            f"Asked of `iterative`: V within {case.v_pu:g} pu, speeds within {case.speed_pu:g} pu, at most 3 exchanges "
            "a step on average; of `serial` and `parallel`: an RMS that falls with the step."
        )
        lines += [
            *("", f"## {case.title}", "", _paragraph(case.text), "", _paragraph(asked), ""),
            "| step s | coupling | V pu, largest | V pu, RMS | speed pu, largest | exchanges a step | most |",
            "| ---: | --- | ---: | ---: | ---: | ---: | ---: |",
            *(
                f"| {_step(row.step_s)} | {row.coupling} | {row.error.v_pu:.1e} | {row.error.v_rms_pu:.1e} | "
                f"{row.error.speed_pu:.1e} | {row.exchanges_mean:.2f} | {row.exchanges_most} |"
                for row in rows
            ),
        ]
    lines += ["", "## Elsewhere", "", _paragraph(ELSEWHERE)]
    return "\n".join(lines) + "\n"


def _paragraph(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), 120, break_on_hyphens=False)


def _step(step_s: float) -> str:
    return "1/30" if abs(step_s - 1 / 30) < 1e-9 else f"{step_s:g}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, default=PAGE, help="the page [docs/accuracy.md]")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        measured = [(case, measure(case, Path(folder))) for case in CASES]
    chosen.output.write_text(page(measured), encoding="utf-8")
    print(f"written: {chosen.output}")
    found = [sentence for case, rows in measured for sentence in broken(case, rows)]
    sys.exit("\n".join(found) if found else 0)


if __name__ == "__main__":
    main()
