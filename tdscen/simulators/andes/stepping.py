"""Integration between two times with ANDES's implicit trapezoidal step, on times that are exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tdscen.simulators.andes.evaluation import nothing_happens
from tdscen.simulators.andes.loading import System
from tdscen.simulators.errors import SimulationError
from tdscen.times import SWITCH_S

if TYPE_CHECKING:
    from tdscen.simulators.andes.loads import Loads
    from tdscen.simulators.andes.switching import Switching

HALVINGS = 6
"""How often a step that does not converge is halved before the run ends."""

LOOSE_TOLERANCE = 1e-6
"""Newton corrections in pu below which a step may still be accepted; ANDES's own tolerance is 1e-4."""

ROUNDS = 12
"""How often a step is solved again because loads crossed their voltage limits in it."""


def integrate(
    system: System, loads: Loads, switching: Switching, to_s: float, step_s: float, name: str
) -> tuple[str, ...]:
    """Advance `system` from its current time to exactly `to_s` in equal steps as near to `step_s` as fits.

    What is due at the current time happens first; what is due at `to_s` is left for the next call. A switching time on
    the way ends a step, and the one behind it is `SWITCH_S` long. Returns remarks on steps that were accepted for less
    than full convergence, see `step_to`. Raises `SimulationError` where no step
    converges or rotors lose synchronism.
    """
    remarks: list[str] = []
    # ANDES evaluates branches that it then does not select; a NaN that counts ends the step as not converged.
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        while True:
            begin = float(system.dae.t)
            if switching.act() and to_s - begin > 2 * SWITCH_S:
                _equal_steps(system, loads, begin + SWITCH_S, step_s, name, remarks)
            between = switching.between(to_s)
            _equal_steps(system, loads, to_s if between is None else between, step_s, name, remarks)
            if between is None:
                return tuple(remarks)


def _equal_steps(system: System, loads: Loads, to_s: float, step_s: float, name: str, remarks: list[str]) -> None:
    begin = float(system.dae.t)
    n = max(1, round((to_s - begin) / step_s))
    for k in range(1, n + 1):
        if k > 1:
            nothing_happens(system)
        step_to(system, loads, to_s if k == n else begin + k * (to_s - begin) / n, name, remarks)
        check_synchronism(system, name)


def step_to(system: System, loads: Loads, end: float, name: str, remarks: list[str], halvings: int = 0) -> None:
    """One implicit step to `end`; where it does not converge, two of half the length.

    ANDES accepts a step in which a limiter chatters (its variables alternate by more than 1e-4 pu): that is remarked.
    So is a step whose Newton corrections stay between the tolerance and `LOOSE_TOLERANCE`: the angle of a bus at
    1e-4 pu, at a bolted fault, is not known to more digits.
    """
    begin, tds = float(system.dae.t), system.TDS
    solved = _solve(system, loads, end)
    if not solved and tds.config.tol < LOOSE_TOLERANCE and abs(float(tds.mis_inc[-1])) < LOOSE_TOLERANCE:
        solved = _solve_loosely(system, loads, end)
        if solved:
            remarks.append(f"the step to t = {end:.6g} s is accepted at a mismatch of {LOOSE_TOLERANCE:g} pu")
    if solved:
        if tds.chatter:
            remarks.append(f"a limiter chattered in the step to t = {end:.6g} s, which ANDES accepted")
            tds.chatter = False
        return
    if halvings == HALVINGS:
        raise SimulationError(
            f"{name} does not converge at t = {end:.6g} s (step {end - begin:.3g} s, "
            f"last mismatch {abs(float(system.TDS.mis_inc[-1])):.3g} pu)"
        )
    middle = begin + (end - begin) / 2
    step_to(system, loads, middle, name, remarks, halvings + 1)
    step_to(system, loads, end, name, remarks, halvings + 1)


def _solve_loosely(system: System, loads: Loads, end: float) -> bool:
    tolerance = system.TDS.config.tol
    system.TDS.config.tol = LOOSE_TOLERANCE
    try:
        return _solve(system, loads, end)
    finally:
        system.TDS.config.tol = tolerance


def _solve(system: System, loads: Loads, end: float) -> bool:
    """One implicit step in which every load is on its side of its voltage limit; False leaves all as it was."""
    dae, tds = system.dae, system.TDS
    begin, sides = float(dae.t), loads.sides
    start = (dae.x.copy(), dae.y.copy(), dae.f.copy())
    for _ in range(ROUNDS):
        tds.h = end - begin
        dae.t[...] = end  # in place: ANDES's evaluators hold this very array
        solved = tds.itm_step()
        if solved and loads.agree():
            return True
        dae.t[...] = begin
        for vector, before in zip((dae.x, dae.y, dae.f), start, strict=True):
            vector[:] = before
        system.vars_to_models()
        tds.busted = tds.chatter = False
        tds.last_converged = False  # the loads' derivatives have changed: the Jacobian is made anew
        if not solved and not loads.all_low():
            break
    loads.restore(sides)
    return False


def check_synchronism(system: System, name: str) -> None:
    """Raises `SimulationError` where rotor angles are too far apart."""
    tds = system.TDS
    if tds.config.criteria and system.SynGen.n and not tds.check_criteria():
        raise SimulationError(
            f"{name} loses synchronism at t = {float(system.dae.t):.6g} s: rotor angles are more than "
            f"{tds.config.ddelta_limit:g} degrees apart"
        )
