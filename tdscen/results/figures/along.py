"""`profile`: the voltage along each feeder, phase by phase, with its envelope over the times; a second run dashed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from tdscen.results import panels
from tdscen.results.errors import ResultsError
from tdscen.results.figures import time_axes
from tdscen.results.figures.subject import Subject
from tdscen.results.node_voltages import NodeVoltages, node_voltages
from tdscen.results.run import Run

MOST = 4
"""Feeders in one figure."""


def draw(subject: Subject) -> Figure:
    """A panel for each feeder. Raises `ResultsError` where there are too many, or nothing was kept of one."""
    names = [interface.name for interface in subject.interfaces]
    if len(names) > MOST:
        raise ResultsError(
            f"a figure shows {MOST} feeders at most, {subject.run.folder} has {len(names)}: choose one by --interface"
        )
    kept = [_kept(run, names) for run in subject.runs]
    wide = len(names) > 1
    rows = (len(names) + 1) // 2
    figure = subject.style.figure(wide=wide, height_in=2.7 * rows)
    axes = figure.subplots(rows, 2 if wide else 1, squeeze=False)
    for spare in axes.flat[len(names) :]:
        spare.set_visible(False)
    words = []
    for panel, name in zip(axes.flat, names, strict=False):
        for found, dash in zip(kept, time_axes.DASHES, strict=False):
            along(panel, found[name], dash, band=found is kept[0])
        if wide:
            panel.set_title(name)
        words.append(time_axes.require(panel, subject, "feeder_voltage"))
    names_of_phases = ("phase a", "b", "c")
    phases = [
        Line2D([], [], color=colour, lw=1.2, label=phase)
        for colour, phase in zip(panels.COLOURS, names_of_phases, strict=False)
    ]
    band = Patch(color="0.2", alpha=0.2, lw=0, label="lowest to highest")
    time_axes.legend_above(axes.flat[0], [*phases, band, *time_axes.run_handles(subject)], 4, words[0])
    return figure


def _kept(run: Run, names: Sequence[str]) -> dict[str, NodeVoltages]:
    """What a run kept of its feeders. Raises `ResultsError` where it is nothing for one of them."""
    kept = {each.interface: each for each in node_voltages(run)}
    for name in names:
        if name not in kept or not kept[name].placed.any():
            raise ResultsError(
                f"{run.folder} kept no voltages along the feeder at {name}: its model sets no voltage bases, "
                "or its federate was killed, or an older tdscen ran it"
            )
    return kept


def along(axes: Axes, found: NodeVoltages, dash: Any = "-", *, band: bool = True) -> None:
    """Lines: the last recorded time; bands: from the lowest to the highest voltage; the tree of each phase."""
    tied = np.flatnonzero((found.before >= 0) & found.placed & np.isfinite(found.lowest_pu))
    tied = tied[found.placed[found.before[tied]] & np.isfinite(found.lowest_pu[found.before[tied]])]
    ahead = found.before[tied]
    for k in range(3):
        mine = found.phase[tied] == k + 1
        here, there = tied[mine], ahead[mine]
        x0, x1 = found.distance[there], found.distance[here]
        corners = (
            (x0, found.lowest_pu[there]),
            (x1, found.lowest_pu[here]),
            (x1, found.highest_pu[here]),
            (x0, found.highest_pu[there]),
        )
        bands = np.stack([np.column_stack(corner) for corner in corners], axis=1)
        if band:
            axes.add_collection(PolyCollection(list(bands), facecolors=panels.COLOURS[k], alpha=0.15, linewidths=0))
        ends = ((x0, found.last_pu[there]), (x1, found.last_pu[here]))
        lines = np.stack([np.column_stack(end) for end in ends], axis=1)
        supplied = np.isfinite(lines).all(axis=(1, 2))
        axes.add_collection(
            LineCollection(list(lines[supplied]), colors=panels.COLOURS[k], linewidths=1.1, linestyles=[dash], zorder=3)
        )
    axes.autoscale_view()
    axes.set_ylabel("V (pu)")
    axes.set_xlabel(f"distance from the source{f' ({found.unit})' if found.unit else ', in the lengths of the model'}")
