"""Reading recorded quantities out of ANDES's vectors in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tdscen.plan import Observation
from tdscen.simulators.andes.loading import System

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Device and quantity: ANDES's variable of a bus or of a dynamic generator, and whether it is in pu of the base power.
_VARIABLES = {
    ("bus", "v"): ("v", False),
    ("bus", "a"): ("a", False),
    ("generator", "omega"): ("omega", False),
    ("generator", "delta"): ("delta", False),
    ("generator", "p"): ("Pe", True),
    ("generator", "q"): ("Qe", True),
}


_CENTRE = 4
"""The source of what is no variable of ANDES: the speed of the centre of inertia."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Where each observation stands: `source` 0 states, 1 algebraic variables, 2 and 3 P and Q of static loads, 4 the
    centre of inertia."""

    source: NDArray[np.intp]
    address: NDArray[np.intp]
    factor: NDArray[np.float64]

    def read(self, system: System) -> NDArray[np.float64]:
        """The values now, in the units of the observations."""
        values = np.empty(len(self.source))
        for code, vector in enumerate((system.dae.x, system.dae.y, system.PQ.a.e, system.PQ.v.e)):
            chosen = self.source == code
            values[chosen] = vector[self.address[chosen]]
        if _CENTRE in self.source:
            values[self.source == _CENTRE] = inertia_centre_pu(system)
        return values * self.factor


def inertia_centre_pu(system: System) -> float:
    """The speed of the centre of inertia: sum(M omega) / sum(M) over the machines in service, M = 2H on the base power
    of the system (Kundur, Power System Stability and Control, 1994). NaN where none is."""
    momentum = inertia = 0.0
    for model in system.SynGen.models.values():
        if model.n:
            weight = model.M.v * model.ue.v
            momentum += float(weight @ system.dae.x[model.omega.a])
            inertia += float(weight.sum())
    return momentum / inertia if inertia > 0 else float("nan")


def reader(system: System, observe: Sequence[Observation]) -> Reader:
    """A reader for `observe`; the addresses hold from the initialisation of the dynamics on. Raises `KeyError`."""
    rows = [_row(system, observation) for observation in observe]
    source, address, factor = zip(*rows, strict=True) if rows else ((), (), ())
    return Reader(np.array(source, np.intp), np.array(address, np.intp), np.array(factor, np.float64))


def _row(system: System, observation: Observation) -> tuple[int, int, float]:
    base_mva = float(system.config.mva)
    key, quantity = observation.key, observation.quantity
    if observation.device == "coi":
        return _CENTRE, 0, 1.0
    if observation.device == "load":
        return (2 if quantity == "p" else 3), system.PQ.idx2uid(key), base_mva
    name, is_power = _VARIABLES[observation.device, quantity]
    model = system.Bus if observation.device == "bus" else system.SynGen.idx2model(key)
    variable = getattr(model, name)
    address = int(variable.a[model.idx2uid(key)])
    return (0 if variable.v_code == "x" else 1), address, base_mva if is_power else 1.0
