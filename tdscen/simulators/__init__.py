"""The simulators behind one interface; importing this package imports no simulator, numpy or pandas."""

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
