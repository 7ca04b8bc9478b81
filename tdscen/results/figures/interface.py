"""`interface`: voltage and angle of each interface's bus, and the power that T drew there."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from tdscen.results.figures import time_axes
from tdscen.results.figures.subject import Subject, column

PANELS = (
    ("v_pu", "V (pu)", 1.0, False),
    ("angle_rad", "angle (deg)", 180 / np.pi, False),
    ("drawn_p_mw", "P drawn by T (MW)", 1.0, True),
    ("drawn_q_mvar", "Q drawn by T (MVAr)", 1.0, True),
)
"""Quantity, label, factor on it, whether its value belongs to the step that ends at its time."""


def draw(subject: Subject) -> Figure:
    """Four panels; a second run is dashed. Raises `ResultsError`."""
    figure = subject.style.figure(wide=True, height_in=4.2)
    axes = figure.subplots(2, 2, sharex=True)
    for panel, (quantity, label, factor, stepped) in zip(axes.flat, PANELS, strict=True):
        for run, dash in zip(subject.runs, time_axes.DASHES, strict=False):
            for ink in subject.inks:
                values = column(run, f"{ink.name}/{quantity}")
                # Speeds off the nominal one turn angles on and on: drawn without the jumps from 180 to -180 deg.
                values = factor * (np.unwrap(values) if quantity == "angle_rad" else values)
                style = "steps-pre" if stepped else "default"
                panel.plot(
                    time_axes.time(subject, run), values, color=ink.colour, lw=ink.width, ls=dash, drawstyle=style
                )
        panel.set_ylabel(label)
    time_axes.prepare(subject, axes[:, 0].tolist())
    time_axes.prepare(subject, axes[:, 1].tolist())
    handles = [*time_axes.interface_handles(subject), *time_axes.run_handles(subject)]
    time_axes.legend_above(axes[0, 0], handles, columns=4)
    return figure
