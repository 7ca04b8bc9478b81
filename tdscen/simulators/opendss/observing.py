"""Recorded quantities of a feeder, read through dss-python's native calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from tdscen.plan import Observation
from tdscen.simulators.errors import SimulationError
from tdscen.simulators.opendss import own_resources
from tdscen.simulators.opendss.elements import names
from tdscen.simulators.opendss.engine import Engine
from tdscen.simulators.opendss.envelope import Envelope
from tdscen.simulators.opendss.nodes import Nodes
from tdscen.simulators.opendss.positions import Positions
from tdscen.simulators.opendss.resources import Resources
from tdscen.simulators.opendss.voltages import NodeVoltages, RatedVoltages

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tdscen.simulators.adapters import Floats
    from tdscen.simulators.opendss.nodes import Flags

K = TypeVar("K", str, tuple[str, str])


class Observer:
    """Reads `observe` after a solution. Raises `SimulationError` for what the model does not have.

    What is recorded by default comes from a few native calls for all of it.
    """

    def __init__(
        self,
        engine: Engine,
        at: Nodes,
        name: str,
        observe: Sequence[Observation],
        resources: Resources,
        positions: Positions,
        voltages: NodeVoltages,
    ) -> None:
        """`at`: the nodes of the nominal solution; those that it leaves without voltage count in no extreme."""
        self._engine = engine
        self._circuit = engine.ActiveCircuit
        self._resources, self._positions = resources, positions
        self._name = name
        self._v_pu = RatedVoltages(voltages, at.names, at.base_kv)
        self._all_rated = at.rated
        self._rated = np.flatnonzero(at.rated)
        self.names = tuple(at.names[i] for i in self._rated)
        """Nodes of `envelope`: the rated phases that the nominal solution feeds."""
        self.envelope = Envelope(len(self.names))
        self.envelope.watch(np.arange(len(self.names)))
        self._node = {node: i for i, node in enumerate(at.names)}
        # By place in what is read: the node, the regulator or capacitor, or what finds the value.
        self._nodes: dict[int, int] = {}
        self._moving: dict[int, int] = {}
        self._extremes: dict[int, Callable[[Floats], float]] = {}
        self._others: dict[int, Callable[[], float]] = {}
        for place, observation in enumerate(observe):
            self._sort(place, observation)
        self._count = len(observe)
        self._from_nodes, self._from_positions = _gather(self._nodes), _gather(self._moving)

    def solved(self) -> None:
        """A solution was made: what `read` is about."""
        if self._nodes or self._extremes:
            self._v_pu.take()

    def read(self) -> Floats:
        """The values now, in the units of the observations. A node without supply has 0 pu."""
        values = np.empty(self._count)
        if self._nodes or self._extremes:
            self._read_voltages(values)
        if self._moving:
            places, sources = self._from_positions
            values[places] = self._positions.read()[sources]
        for place, read in self._others.items():
            values[place] = read()
        return values

    def _read_voltages(self, values: Floats) -> None:
        """What comes of the voltages of all nodes."""
        v_pu = self._v_pu.read()
        if self._nodes:
            places, sources = self._from_nodes
            values[places] = v_pu[sources]
        if self._extremes:
            rated_pu = v_pu[self._rated] if self._rated.size else np.zeros(1)
            if self._rated.size:
                self.envelope.take(rated_pu)
            for place, extreme in self._extremes.items():
                values[place] = extreme(rated_pu)

    def leave_out_dead(self, energised: Flags) -> None:
        """From now on extremes are those of the rated nodes that the source feeds."""
        self._rated = np.flatnonzero(self._all_rated & energised)
        self.envelope.watch(np.flatnonzero(energised[self._all_rated]))

    def _sort(self, place: int, observation: Observation) -> None:
        """Put an observation to those that are read together with it."""
        circuit, key = self._circuit, str(observation.key)
        match observation.device, observation.quantity:
            case "bus", quantity:
                node = f"{key.lower()}.{'abc'.index(quantity[-1]) + 1}"
                self._nodes[place] = self._at(self._node, node, f"node {node}")
            case "feeder", ("v_min" | "v_max") as quantity:
                if not self._rated.size:
                    raise SimulationError(f"{self._name} sets no voltage bases, so it has no voltages in pu")
                self._extremes[place] = np.ndarray.min if quantity == "v_min" else np.ndarray.max
            case "feeder", "losses":
                self._others[place] = lambda: float(circuit.Losses[0]) / 1000
            case ("regulator", "tap") | ("capacitor", "state"):
                device = observation.device
                self._moving[place] = self._at(self._positions.places, (device, key.lower()), f"{device} {key}")
            case "load", ("p" | "q") as quantity:
                self._others[place] = self._load_power(key, 0 if quantity == "p" else 1)
            case ("pv" | "storage") as device, quantity:
                if self._resources.has(device, key):
                    self._others[place] = self._resources.reader(device, key, quantity)
                else:
                    self._others[place] = own_resources.reader(self._engine, self._name, device, key, quantity)
            case _:
                raise SimulationError(f"OpenDSS has no {observation.device}.{observation.quantity} to record")

    def _load_power(self, key: str, part: int) -> Callable[[], float]:
        circuit = self._circuit
        self._at({name.lower(): 0 for name in names(circuit.Loads)}, key.lower(), f"load {key}")

        def value() -> float:
            circuit.SetActiveElement(f"Load.{key}")
            return float(circuit.ActiveCktElement.TotalPowers[part])

        return value

    def _at(self, known: Mapping[K, int], key: K, device: str) -> int:
        if key not in known:
            raise SimulationError(f"{self._name} has no {device}: compile the scenario again")
        return known[key]


def _gather(sources: Mapping[int, int]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Places and what goes there, as index vectors."""
    return np.array([*sources], np.intp), np.array([*sources.values()], np.intp)
