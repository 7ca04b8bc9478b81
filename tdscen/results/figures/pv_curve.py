"""`pv-curve`: the interface voltage over the power that T drew there, in the order of time."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from tdscen.results import panels
from tdscen.results.figures import time_axes
from tdscen.results.figures.subject import Subject, column


def draw(subject: Subject) -> Figure:
    """One panel; each run is a path that begins at its circle. Raises `ResultsError`."""
    figure = subject.style.figure(wide=False, height_in=2.8)
    axes = figure.subplots()
    size = 5.0 if len(subject.interfaces) <= len(panels.COLOURS) else 2.5
    for run, dash in zip(subject.runs, time_axes.DASHES, strict=False):
        for ink in subject.inks:
            p_mw, v_pu = column(run, f"{ink.name}/drawn_p_mw"), column(run, f"{ink.name}/v_pu")
            axes.plot(p_mw, v_pu, color=ink.colour, lw=0.7 * ink.width, ls=dash, marker=".", ms=0.6 * size)
            axes.plot(p_mw[:1], v_pu[:1], "o", color=ink.colour, mfc="white", ms=size, zorder=4)
    axes.set(xlabel="P drawn by T (MW)", ylabel="V (pu)")
    start = Line2D([], [], ls="", marker="o", color="0.2", mfc="white", ms=size, label="t = 0")
    handles = [start, *time_axes.interface_handles(subject), *time_axes.run_handles(subject)]
    time_axes.legend_above(axes, handles, columns=4)
    return figure
