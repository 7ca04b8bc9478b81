"""What a measure gives: values over time at a place, or the reason why there are none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tdscen.results.recording import Recording

Values = NDArray[np.float64]
Powers = NDArray[np.complex128]

LAG_STEPS = {"serial": 1, "parallel": 1, "iterative": 0}
"""How many steps before t_k the feeder delivered the power that T draws in the step that ends at t_k."""


class NotMeasured(Exception):  # noqa: N818 - an answer rather than an error
    """The measure has no value; `violated` tells whether that breaks a requirement or leaves it open."""

    def __init__(self, sentence: str, *, violated: bool) -> None:
        super().__init__(sentence)
        self.violated = violated


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Values at one place, at the times beside them (None: one value for the whole run), in the measure's own unit."""

    where: str
    values: Values
    time_s: Values | None
    note: str = ""


def column(recording: Recording, name: str) -> Values:
    """A recorded column of finite numbers. Raises `NotMeasured` otherwise."""
    if recording.rows == 0:
        raise NotMeasured("the run has no completed step", violated=True)
    if name not in recording:
        raise NotMeasured(f"{name} was not recorded", violated=True)
    values = recording.column(name)
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        at = recording.time_s[bad[0]]
        raise NotMeasured(f"{name} is not a finite number at t = {at:g} s", violated=True)
    return values


def power_mva(recording: Recording, interface: str, prefix: str = "") -> Powers:
    """`p_mw + j q_mvar` of an interface (`prefix` "drawn_": what T drew)."""
    p = column(recording, f"{interface}/{prefix}p_mw")
    return np.asarray(p + 1j * column(recording, f"{interface}/{prefix}q_mvar"))
