"""Integration between two times with ANDES's implicit trapezoidal step, on times that are exact."""

from __future__ import annotations

import numpy as np

from tdscen.simulators.andes.loading import System
from tdscen.simulators.errors import SimulationError

HALVINGS = 6
"""How often a step that does not converge is halved before the run ends."""

SAME_TIME_S = 1e-9
"""An event this close to the end of a step is taken to lie there: a sliver of a step would not converge."""


def integrate(system: System, to_s: float, step_s: float, name: str) -> tuple[float, ...]:
    """Advance `system` from its current time to exactly `to_s` in equal steps as near to `step_s` as fits.

    A step ends on every switch time of the case's own events (ANDES adds one 0.1 ms before and after each) and on
    the event its action is done. Returns the times of steps that ANDES accepted though a limiter chattered in them
    (its variables alternate by more than 1e-4 pu). Raises `SimulationError` where no step converges or rotors lose
    synchronism.
    """
    chattered: list[float] = []
    begin = float(system.dae.t)
    n = max(1, round((to_s - begin) / step_s))
    # ANDES evaluates branches that it then does not select; a NaN that counts ends the step as not converged.
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        for k in range(1, n + 1):
            end = to_s if k == n else begin + k * (to_s - begin) / n
            for event in events_until(system, end):
                reach(system, event, name, chattered)
            reach(system, end, name, chattered)
    return tuple(chattered)


def reach(system: System, end: float, name: str, chattered: list[float]) -> None:
    """Step to `end` and do what is due there; no step at all where that is the current time but for rounding."""
    if end - float(system.dae.t) > SAME_TIME_S:
        step_to(system, end, name, chattered)
        check_synchronism(system, name)
    system.dae.t[...] = end
    system.TDS.do_switch()


def events_until(system: System, end: float) -> list[float]:
    """Switch times after the current time that this step has to end on."""
    tds = system.TDS
    pending = system.switch_times[tds._switch_idx : system.n_switches]
    return [float(t) for t in pending if t <= end + SAME_TIME_S]


def step_to(system: System, end: float, name: str, chattered: list[float], halvings: int = 0) -> None:
    """One implicit step to `end`; where it does not converge, two of half the length."""
    dae, tds = system.dae, system.TDS
    begin = float(dae.t)
    tds.h = end - begin
    dae.t[...] = end  # in place: ANDES's evaluators hold this very array
    if tds.itm_step():
        if tds.chatter:
            chattered.append(end)
            tds.chatter = False
        return
    tds.busted = False
    dae.t[...] = begin
    if halvings == HALVINGS:
        raise SimulationError(
            f"{name} does not converge at t = {end:.6g} s (step {end - begin:.3g} s, "
            f"last mismatch {abs(float(tds.mis_inc[-1])):.3g} pu)"
        )
    middle = begin + (end - begin) / 2
    step_to(system, middle, name, chattered, halvings + 1)
    step_to(system, end, name, chattered, halvings + 1)


def check_synchronism(system: System, name: str) -> None:
    """Raises `SimulationError` where rotor angles are too far apart."""
    tds = system.TDS
    if tds.config.criteria and system.SynGen.n and not tds.check_criteria():
        raise SimulationError(
            f"{name} loses synchronism at t = {float(system.dae.t):.6g} s: rotor angles are more than "
            f"{tds.config.ddelta_limit:g} degrees apart"
        )
