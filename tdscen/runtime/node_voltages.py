"""The voltages of all nodes of a federate's feeders, as far as their adapters keep them: first, lowest, highest, last.

Written once, when a federate leaves: `voltages/NAME.f64` holds 4 vectors an interface (little-endian float64, in pu),
one interface after the other, and `voltages/NAME.json` says which nodes they belong to.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tdscen.runtime import folder

FORMAT = 1


class Nodes(Protocol):
    """As `simulators.adapters.FeederNodes`."""

    @property
    def names(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def distance(self) -> tuple[float | None, ...]: ...  # noqa: D102
    @property
    def before(self) -> tuple[int | None, ...]: ...  # noqa: D102
    @property
    def unit(self) -> str: ...  # noqa: D102


@runtime_checkable
class Watched(Protocol):
    """As `simulators.adapters.WithNodeVoltages`."""

    def nodes(self) -> Nodes | None: ...  # noqa: D102
    def node_voltages_pu(self) -> tuple[int, NDArray[np.float64]]: ...  # noqa: D102


class NodeVoltages:
    """Where the nodes lie is asked once a model, at t = 0, before events have switched anything."""

    def __init__(self, feeders: Sequence[object], interfaces: Sequence[str], models: Sequence[str]) -> None:
        """`models`: the feeder model at each interface. Adapters that keep no voltages are passed over."""
        self._nodes: dict[str, Nodes | None] = {}
        self._feeders: list[tuple[str, str, Watched]] = []
        for feeder, interface, model in zip(feeders, interfaces, models, strict=True):
            if not isinstance(feeder, Watched):
                continue
            if model not in self._nodes:
                self._nodes[model] = feeder.nodes()
            if self._nodes[model] is not None:
                self._feeders.append((interface, model, feeder))

    def write(self, run: Path, federate: str) -> None:
        """Leave them in the run's folder. Raises `OSError`."""
        if not self._feeders:
            return
        (run / folder.VOLTAGES).mkdir(exist_ok=True)
        interfaces: list[dict[str, Any]] = []
        with folder.node_voltages_values(run, federate).open("wb") as file:
            for interface, model, feeder in self._feeders:
                readings, values = feeder.node_voltages_pu()
                interfaces.append({"name": interface, "model": model, "readings": readings})
                file.write(values.astype("<f8", copy=False).tobytes())
        models = {
            model: {"nodes": n.names, "distance": n.distance, "before": n.before, "unit": n.unit}
            for model, n in self._nodes.items()
            if n is not None
        }
        text = json.dumps({"format": FORMAT, "interfaces": interfaces, "models": models})
        folder.replace_text(folder.node_voltages(run, federate), text)
