"""Feeders to workers: which process carries which feeders, so that all have about the same to do."""

from __future__ import annotations

from collections.abc import Mapping

ITSELF_NODES = 180.0
"""What a feeder costs in a step whatever its size, in nodes. Measured with IEEE 13, 34, 37 and 123 (41 to 278 nodes, 30
of each in a process): 33 us and 0.183 us a node, each within 4 %."""


def cost(nodes: int) -> float:
    """What a step of a feeder with so many nodes costs, in nodes.

    By its size alone: measured times would differ between machines, and with them what is compiled.
    """
    return ITSELF_NODES + nodes


def pack(costs: Mapping[str, float], workers: int) -> tuple[tuple[str, ...], ...]:
    """The names of `costs` in at most `workers` groups of about equal cost, none empty.

    The most costly first, each to the group that has the least so far, the first of equal ones: no group has more than
    4/3 of what the best division would give it (Graham 1969). Within a group the order is that of `costs`. The same
    costs give the same groups everywhere.
    """
    groups: list[list[str]] = [[] for _ in range(min(workers, len(costs)))]
    filled = [0.0] * len(groups)
    for name in sorted(costs, key=lambda name: -costs[name]):
        least = filled.index(min(filled))
        groups[least].append(name)
        filled[least] += costs[name]
    place = {name: i for i, name in enumerate(costs)}
    return tuple(tuple(sorted(group, key=place.__getitem__)) for group in groups)
