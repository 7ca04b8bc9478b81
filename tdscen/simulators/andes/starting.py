"""From the power flow's solution to the dynamics at t = 0."""

from __future__ import annotations

import numpy as np

from tdscen.simulators.andes import log
from tdscen.simulators.andes.loading import System
from tdscen.simulators.errors import SimulationError


def initialise(system: System, name: str) -> None:
    """Initialise the dynamics. Raises `SimulationError` where there are none or they do not start in equilibrium."""
    log.collect()
    try:
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):  # see `stepping.integrate`
            system.TDS.init()
    except Exception as error:
        raise SimulationError(
            f"the dynamics of {name} cannot be initialised: {type(error).__name__}: {error}"
        ) from error
    if system.dae.n == 0:
        raise SimulationError(f"{name} has no dynamic models, so there is nothing to integrate")
    if system.TDS.test_ok is not True:
        residual = np.abs(system.dae.fg)
        raise SimulationError(
            f"the dynamics of {name} do not start in equilibrium: {system.dae.xy_name[int(residual.argmax())]} does "
            f"not fit the power flow (residual {residual.max():.3g})"
        )
