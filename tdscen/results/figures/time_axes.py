"""Panels over time: their axis, the runs' lines on it, the events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from tdscen.event_words import happenings
from tdscen.results import marks, panels
from tdscen.results.figures.subject import Subject
from tdscen.results.recording import Values
from tdscen.results.run import Run

DASHES: tuple[Any, ...] = ("-", (0, (4, 2)))
"""The main run is drawn through, the other one dashed."""


def prepare(subject: Subject, panels_over_time: Sequence[Axes]) -> None:
    """Label the axes and mark the main run's events; the first panel names them. Called when the lines are drawn."""
    run = subject.run
    hours, end_s = panels.in_hours(run.recording), float(run.recording.time_s[-1])
    events = happenings(run.plan)
    for axes in panels_over_time:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 3, 5, 6, 10]))
        marks.mark(axes, events, end_s, in_hours=hours)
    marks.name(panels_over_time[0], events, end_s, in_hours=hours)
    panels_over_time[-1].set_xlabel("time (h)" if hours else "time (s)")


def time(subject: Subject, run: Run) -> Values:
    """Of the main run's unit."""
    values = run.recording.time_s
    return values / 3600 if panels.in_hours(subject.run.recording) else values


def legend_above(axes: Axes, handles: Sequence[Any] | None = None, columns: int = 3, words: str = "") -> None:
    """Above the panel, where it covers no data; `words` over the handles."""
    found = axes.get_legend_handles_labels()[0] if handles is None else handles
    if found or words:
        axes.legend(
            handles=found,
            loc="lower left",
            bbox_to_anchor=(0.0, 1.0),
            ncols=max(1, min(columns, len(found))),
            title=words or None,
            title_fontsize=mpl.rcParams["legend.fontsize"],
            alignment="left",
        )


def require(axes: Axes, subject: Subject, measure: str) -> str:
    """Draw the limits that the scenario sets to a measure; their words, for a legend."""
    words = []
    for requirement in subject.run.plan.requirements:
        if requirement.measure == measure:
            panels.limits(axes, requirement)
            named = axes.lines[-1]
            words.append(str(named.get_label()))
            named.remove()  # the legend's handles are for what is drawn
    return "\n".join(words)


def run_handles(subject: Subject) -> list[Line2D]:
    """What tells the two runs apart, for a legend; nothing for one."""
    if subject.other is None:
        return []
    return [
        Line2D([], [], color="0.2", lw=1.2, ls=dash, label=label)
        for dash, label in zip(DASHES, subject.labels, strict=True)
    ]


def interface_handles(subject: Subject) -> list[Line2D]:
    """The interfaces' colours, where there are several and each has its own."""
    if not 1 < len(subject.interfaces) <= len(panels.COLOURS):
        return []
    return [Line2D([], [], color=ink.colour, lw=1.4, label=ink.name) for ink in subject.inks]
