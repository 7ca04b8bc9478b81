"""Recorded quantities of a feeder, read through dss-python's native calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tdscen.plan import Observation
from tdscen.simulators.errors import SimulationError
from tdscen.simulators.opendss import own_resources
from tdscen.simulators.opendss.engine import Engine
from tdscen.simulators.opendss.nodes import Nodes
from tdscen.simulators.opendss.resources import Resources

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tdscen.simulators.opendss.nodes import Flags


class Observer:
    """Reads `observe` after a solution. Raises `SimulationError` for what the model does not have."""

    def __init__(
        self, engine: Engine, at: Nodes, name: str, observe: Sequence[Observation], resources: Resources
    ) -> None:
        """`at`: the nodes of the nominal solution; those that it leaves without voltage count in no extreme."""
        self._engine = engine
        self._circuit = engine.ActiveCircuit
        self._resources = resources
        self._name = name
        self._all_rated = self._rated = at.rated
        self._node = {node: i for i, node in enumerate(at.names)}
        self._readers = [self._reader(observation) for observation in observe]

    def read(self) -> NDArray[np.float64]:
        """The values now, in the units of the observations. A node without supply has 0 pu."""
        v_pu = np.nan_to_num(np.asarray(self._circuit.AllBusVmagPu), nan=0.0, posinf=0.0)
        return np.array([read(v_pu) for read in self._readers], np.float64)

    def leave_out_dead(self, energised: Flags) -> None:
        """From now on extremes are those of the rated nodes that the source feeds."""
        self._rated = self._all_rated & energised

    def _reader(self, observation: Observation) -> Callable[[NDArray[np.float64]], float]:
        circuit, key = self._circuit, str(observation.key)
        match observation.device, observation.quantity:
            case "bus", quantity:
                node = self._at(self._node, f"{key.lower()}.{'abc'.index(quantity[-1]) + 1}", "node")
                return lambda v_pu: float(v_pu[node])
            case "feeder", ("v_min" | "v_max") as quantity:
                if not self._rated.any():
                    raise SimulationError(f"{self._name} sets no voltage bases, so it has no voltages in pu")
                extreme = np.min if quantity == "v_min" else np.max
                return lambda v_pu: float(extreme(v_pu[self._rated])) if self._rated.any() else 0.0
            case "feeder", "losses":
                return lambda _: float(circuit.Losses[0]) / 1000
            case "regulator", "tap":
                return self._named(circuit.RegControls, key, "regulator", lambda c: float(c.TapNumber))
            case "capacitor", "state":
                return self._named(circuit.Capacitors, key, "capacitor", lambda c: float(sum(c.States)))
            case "load", ("p" | "q") as quantity:
                return self._load_power(key, 0 if quantity == "p" else 1)
            case ("pv" | "storage") as device, quantity:
                if self._resources.has(device, key):
                    read = self._resources.reader(device, key, quantity)
                else:
                    read = own_resources.reader(self._engine, self._name, device, key, quantity)
                return lambda _: read()
        raise SimulationError(f"OpenDSS has no {observation.device}.{observation.quantity} to record")

    def _named(
        self, collection: Any, key: str, device: str, read: Callable[[Any], float]
    ) -> Callable[[NDArray[np.float64]], float]:
        self._at({str(n).lower(): i for i, n in enumerate(collection.AllNames)}, key.lower(), device)

        def value(_: NDArray[np.float64]) -> float:
            collection.Name = key
            return read(collection)

        return value

    def _load_power(self, key: str, part: int) -> Callable[[NDArray[np.float64]], float]:
        circuit = self._circuit
        self._at({str(n).lower(): i for i, n in enumerate(circuit.Loads.AllNames)}, key.lower(), "load")

        def value(_: NDArray[np.float64]) -> float:
            circuit.SetActiveElement(f"Load.{key}")
            return float(circuit.ActiveCktElement.TotalPowers[part])

        return value

    def _at(self, names: dict[str, int], key: str, device: str) -> int:
        if key not in names:
            raise SimulationError(f"{self._name} has no {device} {key}: compile the scenario again")
        return names[key]
