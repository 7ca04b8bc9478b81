"""Whether the interface voltage reacts to what T draws there, with the sign that physics has."""

from __future__ import annotations

import numpy as np

from tdscen.plan import Plan, Requirement
from tdscen.results.recording import Recording
from tdscen.results.regression import Line, fit_line
from tdscen.results.traces import LAG_STEPS, NotMeasured, Trace, column
from tdscen.times import SAME_S

LEAST_VARIATION = 1e-4
"""Range of drawn P over its largest magnitude below which its effect on V is not told from tap motion and round-off."""

LEAST_R_SQUARED, LEAST_R_SQUARED_AMONG_OTHERS = 0.1, 0.5
"""Below it other things than the P drawn at the bus move V, and the sign says nothing; the second where there are
further interfaces: with 91 feeders on WECC their common and chance movements gave up to 0.43."""

LEAST_DRIVE = 1e-2
"""Range of the load factor over its largest magnitude from which drawn P has to vary: a load that T never sees change
is the mistake that this check exists for."""

LEAST_REACTION_PU = 1e-9
"""Range of V that the start's own tolerance leaves open; a voltage that moves less did not react."""


MOST_REASONS = 3


def causality(plan: Plan, recording: Recording, _: Requirement) -> tuple[Trace, ...]:
    """Slope of V on drawn P, in pu/MW, at each interface whose drawn P varied; until the first event."""
    whole, recording = recording, undisturbed(plan, recording)
    first_s = min(plan.simulation.instants_s, default=0.0)
    until = "" if recording.rows == whole.rows else f" until the first event at t = {first_s:g} s"
    over = until or (f", t = 0 to {recording.time_s[-1]:g} s" if recording.rows else "")
    least = LEAST_R_SQUARED if len(plan.interfaces) == 1 else LEAST_R_SQUARED_AMONG_OTHERS
    traces, still, deaf = [], [], []
    for interface in plan.interfaces:
        line, variation = reaction(recording, interface.name)
        if line is not None and line.slope != 0.0 and line.r_squared < least:
            still.append(f"V at {interface.name} hardly follows the P drawn there (r² = {line.r_squared:.3f})")
            continue
        if line is not None:
            note = f"r² = {line.r_squared:.3f} over {recording.rows} points{over}"
            traces.append(Trace(interface.name, np.array([line.slope]), None, note))
            continue
        still.append(f"P drawn at {interface.name} varied by {variation:.3g} MW{until}")
        factor = _driving_factor(plan, recording, interface.name)
        if factor is not None:
            deaf.append(f"{still[-1]} while its load factor went from {factor[0]:.4g} to {factor[1]:.4g}")
    if deaf:
        raise NotMeasured(_first(deaf), violated=True)
    if not traces:
        raise NotMeasured(_first(still), violated=False)
    return tuple(traces)


def _first(reasons: list[str]) -> str:
    """The first few of what would be a page with hundreds of interfaces."""
    more = len(reasons) - MOST_REASONS
    return "; ".join(reasons[:MOST_REASONS]) + (f"; and {more} more" if more > 0 else "")


def _driving_factor(plan: Plan, recording: Recording, interface: str) -> tuple[float, float] | None:
    """Lowest and highest load factor that T can have drawn by the last step; None where it hardly varied."""
    name = f"{interface}/multiplier"
    felt = recording.rows - LAG_STEPS[plan.simulation.coupling]
    if name not in recording or felt < 1:
        return None
    values = column(recording, name)[:felt]
    low, high = float(values.min()), float(values.max())
    return (low, high) if high - low > LEAST_DRIVE * max(abs(low), abs(high)) else None


def undisturbed(plan: Plan, recording: Recording) -> Recording:
    """The rows up to the first event. A fault or an opened line moves V and P together (a deep dip draws less), which
    says nothing about how V answers P."""
    if not plan.simulation.instants_s:
        return recording
    rows = int(np.searchsorted(recording.time_s, min(plan.simulation.instants_s) + SAME_S, side="right"))
    return Recording(recording.names, recording.values[:rows])


def reaction(recording: Recording, interface: str) -> tuple[Line | None, float]:
    """The line of V (pu) over drawn P (MW), None where P hardly varied; and the range of drawn P in MW.

    Drawn, not delivered: the delivered power answers the voltage, so that its slope has the sign of the load's own
    voltage dependence.
    """
    p_mw = column(recording, f"{interface}/drawn_p_mw")
    v_pu = column(recording, f"{interface}/v_pu")
    variation = float(np.ptp(p_mw))
    if variation <= LEAST_VARIATION * float(np.abs(p_mw).max()):
        return None, variation
    if float(np.ptp(v_pu)) < LEAST_REACTION_PU:
        return Line(0.0, float(v_pu.mean()), 0.0), variation
    return fit_line(p_mw, v_pu), variation
