"""What every exported file says: the quantities with unit and meaning, and where the numbers come from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tdscen.results.recording import Recording, unit_of
from tdscen.results.run import Run

Facts = tuple[tuple[str, str | float], ...]

_MEANINGS = {
    "v_pu": "voltage magnitude of the bus",
    "angle_rad": "voltage angle of the bus",
    "p_mw": "active power that distribution delivers, scaled",
    "q_mvar": "reactive power that distribution delivers, scaled",
    "drawn_p_mw": "active power that transmission drew in the step that ends here",
    "drawn_q_mvar": "reactive power that transmission drew in the step that ends here",
    "multiplier": "value of the load profile",
    "exchanges": "voltage-power exchanges of the step",
    "mismatch_pu": "movement of the bus voltage between the last two exchanges",
    "p_kw": "active power of the feeder, before scaling",
    "q_kvar": "reactive power of the feeder, before scaling",
    "fed_v_pu": "voltage magnitude that distribution solved with",
    "fed_angle_rad": "voltage angle that distribution solved with",
    "taps_moved": "tap and capacitor steps taken after the step",
    "unbalance": "negative- over positive-sequence current at the head",
    "unbalance_0": "zero- over positive-sequence current at the head",
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """One recorded quantity; `interface` is "" for what is no interface's own (a bus, a generator, a feeder's device).

    `short` is its name without the interface.
    """

    name: str
    interface: str
    short: str
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Schema:
    """A run as exported: `facts` is `run.json` and how far the run came, flat, with dotted keys."""

    run: Run
    interfaces: tuple[str, ...]
    quantities: tuple[Quantity, ...]
    facts: Facts

    @property
    def recording(self) -> Recording:
        """The numbers."""
        return self.run.recording


def schema(run: Run) -> Schema:
    """The schema of a run, quantities in the order in which they were recorded."""
    interfaces = tuple(interface.name for interface in run.plan.interfaces)
    told = {
        "steps_done": run.steps_done,
        "reached_s": run.reached_s,
        "complete": run.complete,
        "cause": run.cause,
    }
    facts = tuple(_flat(dict(run.info) | told))
    return Schema(run, interfaces, tuple(_quantity(name, interfaces) for name in run.names), facts)


def identifiers(names: Iterable[str]) -> dict[str, str]:
    """For each name one that any program takes: ASCII letters, digits and `_`, at most 63, a letter first, no two
    alike (`ieee14/bus[4]/v_pu`: `ieee14_bus_4_v_pu`)."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        stem = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")
        stem = stem if stem[:1].isalpha() else f"x_{stem}"
        choice, number = stem[:63], 2
        while choice.lower() in taken:
            tail = f"_{number}"
            choice, number = stem[: 63 - len(tail)] + tail, number + 1
        found[name] = choice
        taken.add(choice.lower())
    return found


def _quantity(name: str, interfaces: tuple[str, ...]) -> Quantity:
    owner, _, short = name.partition("/")
    own = owner in interfaces and "/" not in short
    meaning = _MEANINGS.get(short, short) if own else name
    return Quantity(name, owner if own else "", short if own else name, unit_of(name), meaning)


def _flat(value: Mapping[Any, object], prefix: str = "") -> Iterator[tuple[str, str | float]]:
    for key, found in value.items():
        inner = dict(enumerate(found)) if isinstance(found, list) else found
        if isinstance(inner, dict):
            yield from _flat(inner, f"{prefix}{key}.")
        elif isinstance(inner, int | float) and not isinstance(inner, bool):
            yield f"{prefix}{key}", float(inner)
        elif inner is not None:
            yield f"{prefix}{key}", str(inner)
