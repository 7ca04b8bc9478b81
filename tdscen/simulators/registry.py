"""The simulators that are known here: those of tdscen and those of third parties (entry point `tdscen.simulators`)."""

from __future__ import annotations

import functools
from importlib import import_module

from tdscen.facts import Side
from tdscen.simulators.andes.spec import ANDES
from tdscen.simulators.opendss.spec import OPENDSS
from tdscen.simulators.spec import ShippedModel, Simulator

GROUP = "tdscen.simulators"
"""Entry point group: each entry points to a `Simulator` value in a module that does not import the simulator."""

BUILT_IN = (ANDES, OPENDSS)


@functools.cache
def _known() -> dict[str, Simulator]:
    from importlib.metadata import entry_points  # slow to import, and federates never look anything up

    known = {simulator.name: simulator for simulator in BUILT_IN}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        loaded = entry.load()
        if not isinstance(loaded, Simulator):
            raise TypeError(f"entry point {entry.name} ({entry.value}) of {GROUP} is not a Simulator")
        known.setdefault(loaded.name, loaded)
    return known


def simulators(side: Side) -> tuple[Simulator, ...]:
    """The simulators for one side, tdscen's own first."""
    return tuple(simulator for simulator in _known().values() if simulator.side == side)


def simulator(name: str) -> Simulator:
    """The simulator called `name` in scenarios. Raises `KeyError`."""
    built_in = next((simulator for simulator in BUILT_IN if simulator.name == name), None)
    return built_in or _known()[name]  # others are looked for only where one is named


def shipped(side: Side) -> tuple[ShippedModel, ...]:
    """The models that the simulators of one side bring with them, counted without loading one."""
    paths = (simulator.shipped.partition(":") for simulator in simulators(side) if simulator.shipped)
    return tuple(model for module, _, name in paths for model in getattr(import_module(module), name)())
