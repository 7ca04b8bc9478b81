"""The voltages of a feeder's nodes over a run, and how far from its source they are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tdscen.results.errors import RunDamaged
from tdscen.results.run import Run
from tdscen.runtime import folder

FORMAT = 1


@dataclass(frozen=True, slots=True, eq=False)
class NodeVoltages:
    """All nodes (`890.1`) of the feeder at one interface; arrays have an entry a node.

    `distance`: from the feeder's source along closed lines, in `unit` ("": the model's own), NaN where no way leads.
    `before`: the place of the same phase at the bus before, -1 for none. Voltages in pu at the first and the last of
    `readings` recorded times, and the lowest and highest in between; NaN where a node had no supply.
    """

    interface: str
    model: str
    nodes: tuple[str, ...]
    distance: NDArray[np.float64]
    before: NDArray[np.intp]
    unit: str
    readings: int
    first_pu: NDArray[np.float64]
    lowest_pu: NDArray[np.float64]
    highest_pu: NDArray[np.float64]
    last_pu: NDArray[np.float64]

    @property
    def phase(self) -> NDArray[np.intp]:
        """1, 2 or 3."""
        return np.array([int(node.rsplit(".", 1)[1]) for node in self.nodes], np.intp)

    @property
    def placed(self) -> NDArray[np.bool_]:
        """Nodes with a distance."""
        return np.asarray(np.isfinite(self.distance))


def node_voltages(run: Run) -> tuple[NodeVoltages, ...]:
    """Of every interface whose feeder has them, in the plan's order. Raises `RunDamaged`.

    A federate that was killed has left none; a feeder model without voltage bases has none.
    """
    found = [each for federate in run.plan.feeder_federates for each in _of_federate(run, federate.name)]
    order = {interface.name: i for i, interface in enumerate(run.plan.interfaces)}
    return tuple(sorted(found, key=lambda each: order.get(each.interface, len(order))))


def _of_federate(run: Run, federate: str) -> list[NodeVoltages]:
    path = folder.node_voltages(run.folder, federate)
    if not path.is_file():
        return []
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["format"] != FORMAT:
            raise RunDamaged(f"{path} has format {told['format']}, this tdscen reads format {FORMAT}")
        values = np.fromfile(folder.node_voltages_values(run.folder, federate), "<f8")
        return list(_split(told, values))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunDamaged(f"{path} cannot be read ({error})") from None


def _split(told: dict[str, Any], values: NDArray[np.float64]) -> list[NodeVoltages]:
    found, at = [], 0
    for interface in told["interfaces"]:
        model = told["models"][interface["model"]]
        count = len(model["nodes"])
        first, lowest, highest, last = values[at : at + 4 * count].reshape(4, count)
        at += 4 * count
        found.append(
            NodeVoltages(
                interface["name"],
                interface["model"],
                tuple(model["nodes"]),
                np.array([np.nan if d is None else d for d in model["distance"]], np.float64),
                np.array([-1 if b is None else b for b in model["before"]], np.intp),
                str(model["unit"]),
                int(interface["readings"]),
                first,
                lowest,
                highest,
                last,
            )
        )
    return found
