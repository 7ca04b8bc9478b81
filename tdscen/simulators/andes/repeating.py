"""One implicit step of ANDES that may be taken again with other powers, from the same state to the same time."""

from __future__ import annotations

import numpy as np

from tdscen.simulators.andes.loading import System
from tdscen.simulators.andes.loads import Loads
from tdscen.simulators.andes.stepping import check_synchronism, step_to
from tdscen.simulators.andes.switching import Switching
from tdscen.simulators.errors import SimulationError

KEPT_ITERATIONS = 5
"""So many iterations of a step work with the Jacobian of its start."""


class RepeatableStep:
    """From the system's current state to `to_s`, any number of times; then `accept`, once.

    The state is the vectors x, y, f of the step's start (limiters and variable services are evaluated from them before
    anything else in a step) and the Jacobian there, because Newton keeps it for some iterations and stops within its
    tolerance on a path that depends on it. The same powers give the same result to the last bit.
    What is due at the step's start happens when it is opened, what is due at its end when the next one is.
    """

    def __init__(self, system: System, loads: Loads, switching: Switching, to_s: float, name: str) -> None:
        """Open the step. Raises `SimulationError` where something switches in its middle."""
        self._system = system
        self._loads = loads
        self._name = name
        self.to_s = to_s
        switching.act()
        self._sides = loads.sides
        between = switching.between(to_s)
        if between is not None:
            raise SimulationError(
                f"something switches in {name} at t = {between:.6g} s, inside the step to {to_s:.6g} s, which is no "
                "communication time: compile the scenario again"
            )
        dae = system.dae
        self._begin_s = float(dae.t)
        self._start = (dae.x.copy(), dae.y.copy(), dae.f.copy())
        self._jacobian_of_start = False
        self._remarks: list[str] = []

    def attempt(self) -> None:
        """Take the step with the powers that are set now. Raises `SimulationError` where it does not converge."""
        self._restore()
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            if not self._jacobian_of_start:
                self._update_jacobian()
                self._restore()
            self._remarks = []
            step_to(self._system, self._loads, self.to_s, self._name, self._remarks)
        # ANDES renews the Jacobian from the sixth iteration on, and after a step that did not converge.
        self._jacobian_of_start = self._in_one_step() and self._system.TDS.niter <= KEPT_ITERATIONS

    def accept(self) -> tuple[str, ...]:
        """The last attempt counts: check rotors.

        Returns remarks on it, see `stepping.step_to`. Raises `SimulationError`
        where rotors lose synchronism.
        """
        check_synchronism(self._system, self._name)
        return tuple(self._remarks)

    def _restore(self) -> None:
        dae = self._system.dae
        dae.t[...] = self._begin_s
        for vector, start in zip((dae.x, dae.y, dae.f), self._start, strict=True):
            vector[:] = start
        self._loads.restore(self._sides)
        self._system.vars_to_models()

    def _update_jacobian(self) -> None:
        """The Jacobian of the step's start, as `itm_step` makes it before its first iteration."""
        system, tds = self._system, self._system.TDS
        models = system.exist.pflow_tds
        tds.niter, tds.mis = 0, [1]
        tds.h = self.to_s - self._begin_s
        tds.fg_update(models=models)
        system.j_update(models=models)
        tds.solver.worker.factorize = True
        tds.last_converged = True  # else each iteration would make its own

    def _in_one_step(self) -> bool:
        """Whether the last attempt was not halved: its last step had the whole length."""
        return bool(self._system.TDS.h == self.to_s - self._begin_s)
