"""The centre of inertia of a run's machines, where its speed was recorded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tdscen.results.run import Run

SPEED = "coi/omega_pu"
"""Its column, behind the name of the transmission system."""


def centre_hz(run: Run) -> NDArray[np.float64] | None:
    """Its speed as frequency in Hz, one value a recorded time; None where it was not recorded."""
    system = run.plan.transmission
    name = f"{system.name}/{SPEED}"
    return system.frequency_hz * run.recording.column(name) if name in run.recording else None
