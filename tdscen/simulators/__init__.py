"""The simulators behind one interface; importing this package imports no simulator, numpy or pandas.

The names are imported when they are asked for: a federate needs its adapter and nothing of what the compiler knows of
simulators.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tdscen.simulators.errors import ModelNotFound, SimulationError
    from tdscen.simulators.registry import BUILT_IN, simulator, simulators
    from tdscen.simulators.source import ModelSource
    from tdscen.simulators.spec import Observable, OptionSpec, Settable, ShippedModel, Simulator

__all__ = [
    "BUILT_IN",
    "ModelNotFound",
    "ModelSource",
    "Observable",
    "OptionSpec",
    "Settable",
    "ShippedModel",
    "SimulationError",
    "Simulator",
    "simulator",
    "simulators",
]

_HOMES = {
    "errors": ("ModelNotFound", "SimulationError"),
    "registry": ("BUILT_IN", "simulator", "simulators"),
    "source": ("ModelSource",),
    "spec": ("Observable", "OptionSpec", "Settable", "ShippedModel", "Simulator"),
}


def __getattr__(name: str) -> object:
    home = next((module for module, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module 'tdscen.simulators' has no attribute {name!r}")
    return getattr(import_module(f"tdscen.simulators.{home}"), name)
