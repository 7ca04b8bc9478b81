"""Recorded quantities of a feeder, read through dss-python's native calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from tdscen.plan import Observation
from tdscen.simulators.errors import SimulationError
from tdscen.simulators.opendss import own_resources
from tdscen.simulators.opendss.elements import names
from tdscen.simulators.opendss.engine import Engine
from tdscen.simulators.opendss.nodes import Nodes
from tdscen.simulators.opendss.positions import Positions
from tdscen.simulators.opendss.resources import Resources
from tdscen.simulators.opendss.voltages import NodeVoltages, Taken

K = TypeVar("K", str, tuple[str, str])


class Observer:
    """What is recorded of one feeder, sorted by where it is read. Raises `SimulationError` for what is not there.

    `recorded` reads it after a solution. By place in what is read: `nodes`, the node; `moving`, the place among the
    positions of regulators and capacitors; `extremes`, `v_min` or `v_max`; `others`, what finds the value.
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
        self._resources = resources
        self._name = name
        self.positions = positions
        self.taken = Taken(voltages, at)
        self.names = tuple(at.names[i] for i in self.taken.rated)
        """Nodes of `taken.envelope`: the rated phases that the nominal solution feeds."""
        self.readings = 0
        """How many times the voltages were looked at."""
        self._node = {node: i for i, node in enumerate(at.names)}
        self.nodes: dict[int, int] = {}
        self.moving: dict[int, int] = {}
        self.extremes: dict[int, str] = {}
        self.others: dict[int, Callable[[], float]] = {}
        for place, observation in enumerate(observe):
            self._sort(place, observation)
        self.count = len(observe)
        self.reads_voltages = bool(self.nodes or self.extremes)

    def solved(self) -> None:
        """A solution was made: what is recorded next."""
        if self.reads_voltages:
            self.taken.take()

    def _sort(self, place: int, observation: Observation) -> None:
        """Put an observation to those that are read together with it."""
        circuit, key = self._circuit, str(observation.key)
        match observation.device, observation.quantity:
            case "bus", quantity:
                node = f"{key.lower()}.{'abc'.index(quantity[-1]) + 1}"
                self.nodes[place] = self._at(self._node, node, f"node {node}")
            case "feeder", ("v_min" | "v_max") as quantity:
                if not self.names:
                    raise SimulationError(f"{self._name} sets no voltage bases, so it has no voltages in pu")
                self.extremes[place] = quantity
            case "feeder", "losses":
                self.others[place] = lambda: float(circuit.Losses[0]) / 1000
            case ("regulator", "tap") | ("capacitor", "state"):
                device = observation.device
                self.moving[place] = self._at(self.positions.places, (device, key.lower()), f"{device} {key}")
            case "load", ("p" | "q") as quantity:
                self.others[place] = self._load_power(key, 0 if quantity == "p" else 1)
            case ("pv" | "storage") as device, quantity:
                if self._resources.has(device, key):
                    self.others[place] = self._resources.reader(device, key, quantity)
                else:
                    self.others[place] = own_resources.reader(self._engine, self._name, device, key, quantity)
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
