"""`frequency`: each generator's rotor speed and that of their centre of inertia in Hz, with what is required of it."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tdscen.results import panels
from tdscen.results.errors import ResultsError
from tdscen.results.figures import time_axes
from tdscen.results.figures.subject import Subject, column
from tdscen.results.inertia_centre import centre_hz
from tdscen.results.run import Run

START, END = "generator[", "]/omega_pu"


def draw(subject: Subject) -> Figure:
    """One panel, a colour for each generator while the colours last. Raises `ResultsError`."""
    figure = subject.style.figure(wide=False, height_in=2.6)
    axes = figure.subplots()
    names = generators(subject.run)
    few = len(names) <= len(panels.COLOURS)
    for run, dash in zip(subject.runs, time_axes.DASHES, strict=False):
        hertz, system = run.plan.transmission.frequency_hz, run.plan.transmission.name
        for i, name in enumerate(generators(run)):
            values = hertz * column(run, f"{system}/{START}{name}{END}")
            axes.plot(
                time_axes.time(subject, run),
                values,
                color=panels.COLOURS[i % len(panels.COLOURS)],
                lw=1.0 if few else 0.5,
                ls=dash,
                label=name if few and run is subject.run else "_",
            )
        _centre(axes, subject, run, dash)
    axes.set_ylabel("rotor speed (Hz)")
    words = time_axes.require(axes, subject, "frequency")
    time_axes.prepare(subject, [axes])
    handles = [*axes.get_legend_handles_labels()[0], *time_axes.run_handles(subject)]
    time_axes.legend_above(axes, handles, words=words)
    return figure


def _centre(axes: Axes, subject: Subject, run: Run, dash: Any) -> None:
    """The centre of inertia over the machines, where it was recorded."""
    values = centre_hz(run)
    if values is not None:
        label = "centre of inertia" if run is subject.run else "_"
        axes.plot(time_axes.time(subject, run), values, color="0.1", lw=1.6, ls=dash, label=label)


def generators(run: Run) -> list[str]:
    """Those whose speeds were recorded. Raises `ResultsError` where there are none."""
    transmission = run.plan.transmission
    start = f"{transmission.name}/{START}"
    found = [name[len(start) : -len(END)] for name in run.names if name.startswith(start) and name.endswith(END)]
    if found:
        return found
    if not transmission.dynamics:
        raise ResultsError(f"{run.folder} is quasi-static (dynamics = off): it has no rotor speeds to draw")
    raise ResultsError(
        f"{run.folder} recorded no rotor speed: add `observe {{ {transmission.name} = [generator[*].omega] }}` to the "
        "scenario and run it again"
    )
