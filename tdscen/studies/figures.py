"""Two figures of a sweep for each measure: lines over every parameter, and of grids a heat map of all points.

Nothing is averaged: every point of the sweep is seen in both. Points without a figure are left open.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tdscen.plan import Sweep
from tdscen.studies.table import Table

Values = NDArray[np.float64]

PREFERRED = ("v_min_pu", "slope_pu_per_mw")
"""Drawn where nothing else is asked for."""

MOST_CELLS = 5000
"""A heat map of more cells would show none of them."""

_WRITTEN_CELLS = 250
"""Up to here the cells carry their number."""

_MOST_DECIMALS = 5

STYLE: dict[Any, Any] = {
    "font.size": 8,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.useoffset": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "0.92",
    "legend.frameon": False,
    "legend.fontsize": 7,
    "savefig.dpi": 160,
}
_TITLES = {
    "v_min_pu": "Lowest interface voltage (pu)",
    "v_max_pu": "Highest interface voltage (pu)",
    "slope_pu_per_mw": "Slope of V on drawn P (pu/MW)",
    "r_squared": "r² of V on drawn P",
    "frequency_min_hz": "Frequency nadir of the rotors (Hz)",
    "coi_min_hz": "Frequency nadir of the centre of inertia (Hz)",
    "recovery_s": "Time until V stays above 0.9 pu (s)",
}


def draw(folder: Path, sweep: Sweep, made: Table, measures: Sequence[str]) -> tuple[Path, ...]:
    """Draw `lines_MEASURE.png` and `heat_MEASURE.png` into `folder`; measures without a figure are left out."""
    paths = []
    with mpl.rc_context(STYLE):
        for measure in measures:
            numbers = np.array([math.nan if v is None else float(v) for v in made.columns[measure]])
            if not np.isfinite(numbers).any():
                continue
            name = measure.replace("/", "_")
            paths.append(_save(_lines(sweep, made, measure, numbers), folder / f"lines_{name}.png"))
            if sweep.combine == "grid" and len(sweep.axes) > 1 and len(numbers) <= MOST_CELLS:
                paths.append(_save(_heat(sweep, made, measure, numbers), folder / f"heat_{name}.png"))
    return tuple(paths)


def _save(figure: Figure, path: Path) -> Path:
    figure.savefig(path)
    return path


def _title(measure: str) -> str:
    lead, slash, name = measure.rpartition("/")
    return f"{lead}{slash and ': '}{_TITLES.get(name, name)}"


def _lines(sweep: Sweep, made: Table, measure: str, numbers: Values) -> Figure:
    """One panel a parameter. Of a grid: a line through the points that differ in this parameter only, coloured by the
    parameter before it (of the first: by the second); else a dot a point."""
    axes = made.axes
    figure = Figure(figsize=(3.0 * len(axes) + 0.4, 3.2), layout="constrained")
    panels = figure.subplots(1, len(axes), sharey=True, squeeze=False)[0]
    for at, (name, panel) in enumerate(zip(axes, panels, strict=True)):
        x, ticks = _positions(made, name)
        panel.set_xlabel(_label(made, name))
        if ticks is not None:
            panel.set_xticks(range(len(ticks)), ticks)
        if sweep.combine != "grid":
            panel.plot(x, numbers, "o", markersize=3.5, alpha=0.8)
            continue
        by = axes[at - 1] if at else axes[min(1, len(axes) - 1)]
        _grid_lines(panel, made, name, by, x, numbers)
    figure.suptitle(_title(measure), x=0.01, ha="left", fontsize=9, fontweight="bold")
    return figure


def _grid_lines(panel: Any, made: Table, name: str, by: str, x: Values, numbers: Values) -> None:
    others = [other for other in made.axes if other != name]
    rows: dict[tuple[str, ...], list[int]] = {}
    for k in range(len(numbers)):
        rows.setdefault(tuple(made.texts[other][k] for other in others), []).append(k)
    colours = {text: f"C{n}" for n, text in enumerate(dict.fromkeys(made.texts[by]))} if by != name else {}
    named = set[str]()
    for ks in rows.values():
        ordered = sorted(ks, key=lambda k: x[k])
        text = made.texts[by][ordered[0]] if colours else ""
        label = (f"{by} = {text}" if not named else text) if colours and text not in named else None
        named.add(text)
        panel.plot(
            x[ordered], numbers[ordered], "o-", markersize=2.5, linewidth=0.9, alpha=0.7,
            color=colours.get(text, "C0"), label=label,
        )  # fmt: skip
    if colours:
        panel.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=min(3, len(colours)), handlelength=1.2)


def _positions(made: Table, name: str) -> tuple[Values, list[str] | None]:
    """Where the points stand on the axis of a parameter, and the words there (None: they are numbers)."""
    if name in made.scales and (made.scales[name].unit or _spread(made, name)):
        return np.array(made.scales[name].numbers), None
    words = list(dict.fromkeys(made.texts[name]))
    return np.array([float(words.index(text)) for text in made.texts[name]]), words


def _spread(made: Table, name: str) -> bool:
    """Whether a parameter takes too many values for each to be named."""
    return len(set(made.texts[name])) > 8


def _label(made: Table, name: str) -> str:
    unit = made.scales[name].unit if name in made.scales else ""
    return f"{name} ({unit})" if unit else name


def _heat(sweep: Sweep, made: Table, measure: str, numbers: Values) -> Figure:
    """All points at once: the combinations of the first parameters down, those of the last ones across."""
    counts = [len(axis.values) for axis in sweep.axes]
    split = min(range(1, len(counts)), key=lambda k: abs(math.prod(counts[:k]) - math.prod(counts[k:])))
    down = list(itertools.product(*(axis.values for axis in sweep.axes[:split])))
    across = list(itertools.product(*(axis.values for axis in sweep.axes[split:])))
    cells = numbers.reshape(len(down), len(across))
    size = (max(4.0, 1.9 + 0.52 * len(across)), max(2.6, 1.6 + 0.3 * len(down)))
    figure = Figure(figsize=size, layout="constrained")
    panel = figure.subplots()
    panel.grid(visible=False)
    image = panel.imshow(cells, cmap="viridis", aspect="auto")
    panel.set_xticks(range(len(across)), ["\n".join(row) for row in across], fontsize=7)
    panel.set_yticks(range(len(down)), [", ".join(row) for row in down], fontsize=7)
    panel.set_xlabel(" / ".join(axis.parameter for axis in sweep.axes[split:]))
    panel.set_ylabel(", ".join(axis.parameter for axis in sweep.axes[:split]))
    figure.colorbar(image, ax=panel)
    if cells.size <= _WRITTEN_CELLS:
        _write_cells(panel, image, cells)
    panel.set_title(_title(measure), fontweight="bold")
    return figure


def _write_cells(panel: Any, image: Any, cells: Values) -> None:
    low, high = np.nanmin(cells), np.nanmax(cells)
    middle = (low + high) / 2
    # As many decimals as tell the cells apart; figures that small need an exponent.
    decimals = 2 - math.floor(math.log10(high - low)) if high > low else 4
    form = f".{max(decimals, 0)}f" if decimals <= _MOST_DECIMALS else ".2e"
    for (i, j), value in np.ndenumerate(cells):
        if np.isfinite(value):
            colour = "white" if value < middle else "black"
            panel.text(j, i, f"{value:{form}}", ha="center", va="center", fontsize=5.5, color=colour)
