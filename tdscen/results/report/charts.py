"""Which charts the page has, and their numbers in the form in which it carries them."""

from __future__ import annotations

import base64
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tdscen.results.inertia_centre import SPEED
from tdscen.results.report.thinning import Thinning
from tdscen.results.run import Run

MOST_TRACES = 12
"""More traces than these cannot be told apart: the chart then shows how they are spread, and single ones when asked."""

MOST_DETAIL_BYTES = 24_000_000
"""Of all single traces behind the spreads, before base64; what does not fit is left out, and the page says so."""

SPREAD = ((0.0, "lowest"), (10.0, "10 %"), (50.0, "median"), (90.0, "90 %"), (100.0, "highest"))
"""Percentiles, over the traces at one time, and their names."""

KINDS = (
    ("v_pu", "Interface voltage", "pu", "interface"),
    ("drawn_p_mw", "Active power drawn by T", "MW", "interface"),
    ("p_mw", "Active power delivered by D", "MW", "interface"),
    ("q_mvar", "Reactive power delivered by D", "MVAr", "interface"),
    ("multiplier", "Load factor", "", "interface"),
    ("v_min_pu", "Lowest voltage of each feeder", "pu", "feeder"),
    ("v_max_pu", "Highest voltage of each feeder", "pu", "feeder"),
    ("v_pu", "Voltages of observed buses", "pu", "device"),
    ("omega_pu", "Generator speed", "pu", "device"),
    ("tap", "Tap positions of regulators", "", "device"),
    ("state", "Capacitor steps switched in", "", "device"),
    ("taps_moved", "Tap and capacitor steps taken", "", "interface"),
    ("p_kw", "Power of resources and observed loads", "kW", "device"),
    ("energy_kwh", "Energy in storages", "kWh", "device"),
    ("exchanges", "Voltage-power exchanges of each step", "", "interface"),
    ("mismatch_pu", "Voltage between the last two exchanges", "pu", "interface"),
)
"""Quantity, title, unit, and whose it is, in the order of the page."""

CENTRE = "centre of inertia"
"""A trace of its own among the speeds, also where those are drawn as their spread."""

COUNTS = frozenset({"tap", "state", "taps_moved", "exchanges"})
"""Quantities that are whole numbers; so are the numbers at their axes."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart over time. `traces`: name and base64 of little-endian float32, one value a drawn time (`Thinning`).

    `counts`: its values are whole numbers.

    `members`, `detail`: where `traces` are a spread, the names of what is spread, and their float32 values one after
    the other; `detail` is None where they would not fit.
    """

    title: str
    unit: str
    traces: tuple[tuple[str, str], ...]
    counts: bool
    members: tuple[str, ...] = ()
    detail: str | None = None


def charts(run: Run) -> tuple[Chart, ...]:
    """The charts of what the run recorded; a quantity that it did not record has none."""
    thinning = Thinning.of(run.recording.rows)
    found, left = [], MOST_DETAIL_BYTES
    for quantity, title, unit, of in KINDS:
        names = _names(run, quantity, of)
        if not names:
            continue
        values = np.stack([run.recording.column(name) for name in names])
        counts = quantity in COUNTS
        labels = tuple(_label(name, quantity) for name in names)
        if len(names) <= MOST_TRACES:
            drawn = thinning.values(values)
            traces = tuple((label, packed(row)) for label, row in zip(labels, drawn, strict=True))
            found.append(Chart(title, unit, traces, counts))
            continue
        own = tuple((CENTRE, packed(thinning.values(values[k]))) for k, label in enumerate(labels) if label == CENTRE)
        values = values[[label != CENTRE for label in labels]]
        labels = tuple(label for label in labels if label != CENTRE)
        rows = thinning.values(_percentiles(values))
        spread = tuple((label, packed(row)) for (_, label), row in zip(SPREAD, rows, strict=True)) + own
        size = 4 * len(values) * thinning.times
        fits = size <= left
        left -= size if fits else 0
        detail = packed(thinning.values(values)) if fits else None
        found.append(Chart(title, unit, spread, counts, labels, detail))
    return tuple(found)


def _percentiles(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """`SPREAD` of each column (members down, times across) over its finite values; NaN where there are none."""
    known = np.where(np.isfinite(values), values, np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # columns of NaN
        rows: NDArray[np.float64] = np.nanpercentile(known, [percent for percent, _ in SPREAD], axis=0)
    return rows


def _label(name: str, quantity: str) -> str:
    """Whose a recorded quantity is."""
    return CENTRE if name.endswith(f"/{SPEED}") else name.removesuffix(f"/{quantity}")


def _names(run: Run, quantity: str, of: str) -> list[str]:
    """The recorded names of a quantity; those of interfaces in the plan's order."""
    interfaces = {interface.name for interface in run.plan.interfaces}
    own = {f"{name}/{quantity}" for name in interfaces}
    if of == "interface":
        return [f"{i.name}/{quantity}" for i in run.plan.interfaces if f"{i.name}/{quantity}" in run.recording]
    return [name for name in run.names if name.endswith(f"/{quantity}") and name not in own]


def packed(values: NDArray[np.float64], form: str = "<f4") -> str:
    """Little-endian float32 in base64: seven digits, which is more than a screen shows. Times need float64."""
    return base64.b64encode(np.ascontiguousarray(values, form).tobytes()).decode("ascii")
