"""`coupling`: exchanges of each step, how far they were from agreement, how far apart the voltages of two runs are."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tdscen.results import panels
from tdscen.results.errors import ResultsError
from tdscen.results.figures import time_axes
from tdscen.results.figures.subject import Subject, column
from tdscen.results.recording import Values
from tdscen.results.run import Run
from tdscen.times import SAME_S


def draw(subject: Subject) -> Figure:
    """Panels over time, each the largest of the chosen interfaces. Raises `ResultsError`."""
    rows = 2 if subject.other is None else 3
    figure = subject.style.figure(wide=False, height_in=1.0 + 1.35 * rows)
    axes = figure.subplots(rows, 1, sharex=True)
    for i, (run, dash) in enumerate(zip(subject.runs, time_axes.DASHES, strict=False)):
        time, colour = time_axes.time(subject, run)[1:], panels.COLOURS[i]
        label = subject.labels[i] or run.plan.simulation.coupling
        exchanges, mismatch = largest(run, subject, "exchanges")[1:], largest(run, subject, "mismatch_pu")[1:]
        axes[0].plot(time, exchanges, color=colour, lw=1.1, ls=dash, drawstyle="steps-pre", label=label)
        axes[1].plot(time, _positive(mismatch), color=colour, lw=1.1, ls=dash)
        tolerance = run.plan.simulation.tolerance_pu
        if tolerance is not None:
            axes[1].axhline(tolerance, color=colour, lw=0.7, ls=":", label=f"tolerance {tolerance:g} pu")
    axes[0].set_ylabel("exchanges")
    axes[0].yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes[0].set_ylim(0, 1.25 * axes[0].get_ylim()[1])  # room for the names of events
    axes[1].set_ylabel("residual (pu)")
    _logarithmic(axes[1])
    time_axes.legend_above(axes[0])
    time_axes.legend_above(axes[1])
    if subject.other is not None:
        time_s, apart = differences(subject.run, subject.other, subject)
        scale = 3600 if panels.in_hours(subject.run.recording) else 1
        axes[2].plot(time_s / scale, _positive(apart), color="0.2", lw=1.1)
        axes[2].set_ylabel(r"$|\Delta V|$ (pu)")
        _logarithmic(axes[2])
    time_axes.prepare(subject, axes.tolist())
    return figure


def largest(run: Run, subject: Subject, quantity: str) -> Values:
    """Of the chosen interfaces at each time."""
    return np.asarray(np.max([column(run, f"{each.name}/{quantity}") for each in subject.interfaces], axis=0))


def differences(one: Run, two: Run, subject: Subject) -> tuple[Values, Values]:
    """Times that both runs have, and the largest difference of an interface's voltage there, in pu."""
    times_s = one.recording.time_s
    place = np.clip(np.searchsorted(two.recording.time_s, times_s - SAME_S), 0, two.recording.rows - 1)
    shared = np.flatnonzero(np.abs(two.recording.time_s[place] - times_s) <= SAME_S)
    if not len(shared):
        raise ResultsError(f"{one.folder} and {two.folder} have no communication time in common")
    apart = [
        column(one, f"{each.name}/v_pu")[shared] - column(two, f"{each.name}/v_pu")[place[shared]]
        for each in subject.interfaces
    ]
    return times_s[shared], np.asarray(np.abs(apart).max(axis=0))


def _positive(values: Values) -> Values:
    """What a logarithmic axis can show: where nothing moved there is a gap."""
    return np.where(values > 0, values, np.nan)


def _logarithmic(axes: Axes) -> None:
    if any(np.isfinite(np.asarray(line.get_ydata(), float)).any() for line in axes.lines):
        axes.set_yscale("log")
    else:
        axes.text(0.5, 0.5, "nothing moved", transform=axes.transAxes, ha="center", va="center", color="0.4")
        axes.set_yticks([])
