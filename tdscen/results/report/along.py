"""The voltages along each feeder in the form in which the page carries them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tdscen.results.node_voltages import NodeVoltages, node_voltages
from tdscen.results.report.charts import packed
from tdscen.results.run import Run

MOST_BYTES = 8_000_000
"""Of all feeders on the page together, before base64."""


@dataclass(frozen=True, slots=True)
class AlongFeeder:
    """One feeder. `values`: lowest, highest and last voltage of its nodes, one after the other, `packed`."""

    name: str
    model: str
    values: str


@dataclass(frozen=True, slots=True)
class Along:
    """`models`: nodes with their distance and the place of the one before, by feeder model.

    `readings`: how many recorded times the values are of (of the feeder with the fewest). `left`: feeders that are not
    on the page, because they would make it too large.
    """

    feeders: tuple[AlongFeeder, ...]
    models: dict[str, dict[str, Any]]
    readings: int
    in_km: bool
    left: int


def along(run: Run) -> Along:
    """The feeders of which the run kept all voltages and that have distances. Raises `RunDamaged`."""
    found = [each for each in node_voltages(run) if each.placed.any()]
    size, shown = 0, list[NodeVoltages]()
    for each in found:
        size += 12 * len(each.nodes)
        if size > MOST_BYTES:
            break
        shown.append(each)
    return Along(
        tuple(AlongFeeder(each.interface, each.model, _values(each)) for each in shown),
        {each.model: _nodes(each) for each in shown},
        min((each.readings for each in shown), default=0),
        all(each.unit == "km" for each in shown),
        len(found) - len(shown),
    )


def _values(each: NodeVoltages) -> str:
    return packed(np.concatenate([each.lowest_pu, each.highest_pu, each.last_pu]))


def _nodes(each: NodeVoltages) -> dict[str, Any]:
    return {
        "nodes": each.nodes,
        "phase": each.phase.tolist(),
        "distance": packed(each.distance),
        "before": each.before.tolist(),
        "unit": each.unit,
    }
