"""What a simulator is to the compiler: data and pure functions, nothing that imports the simulator."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from tdscen.facts import Facts, Key, Side
from tdscen.plan import Observation
from tdscen.simulators.source import ModelSource
from tdscen.units import Dimension


@dataclass(frozen=True, slots=True)
class Observable:
    """What can be recorded: device `bus`, quantity `v`, unit `pu`, help `voltage magnitude`."""

    device: str
    quantity: str
    unit: str
    help: str


@dataclass(frozen=True, slots=True)
class Settable:
    """What an event can set: device `load`, quantity `p`, of which dimension, within which bounds (internal units)."""

    device: str
    quantity: str
    dimension: Dimension
    help: str
    above: float | None = None
    least: float | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class OptionSpec:
    """What a block's `options { }` takes for this simulator."""

    name: str
    type: Literal["number", "text", "boolean"]
    help: str


@dataclass(frozen=True, slots=True)
class ShippedModel:
    """A model that comes with a simulator: its name in scenarios, how many buses, loads and generators it has.

    `dynamic`: it has more than a power flow. `extra` are files that may be loaded with it and bring dynamics.
    """

    name: str
    buses: int
    loads: int
    generators: int
    dynamic: bool
    extra: tuple[str, ...] = ()


class Locate(Protocol):
    """Finds a model: text of `case` or `model`, folder of the scenario, further files of the same model."""

    def __call__(self, text: str, folder: Path, extra: tuple[str, ...] = ()) -> ModelSource:
        """Raises `ModelNotFound` with one sentence and near matches."""
        ...


@dataclass(frozen=True, slots=True)
class Simulator:
    """One simulator.

    `package` is its distribution's name, for its version. `expand(device, key, quantity, facts)` turns one reference
    (`bus[4].v`; key None: `bus[*].v`) into observations in the order of the facts; it raises `KeyError(key)` for an
    unknown device and `ValueError` with a sentence where the model has no such quantity. `probe` and `runtime` are
    import paths `module:attribute`, resolved only where the simulator may be imported.
    `warm`: what a process that runs are forked from imports (`module`) or calls (`module:function`) beforehand, besides
    the module of `runtime`; neither may begin a thread.
    `shipped`: a function of no arguments that tells the models that come with the simulator (`ShippedModel`) without
    loading one; empty where none do.
    `prepare`: a function of no arguments that makes what loading any model needs (generated code), where it is not
    there yet; it is called before the process that looks at models is confined. Empty: nothing is needed.
    `power_flow` is that of a transmission adapter for `dynamics = off`; empty where the simulator has none.
    """

    name: str
    side: Side
    title: str
    package: str
    module: str
    options: tuple[OptionSpec, ...]
    observables: tuple[Observable, ...]
    expand: Callable[[str, Key | None, str, Facts], tuple[Observation, ...]]
    default_observe: Callable[[Facts], tuple[Observation, ...]]
    locate: Locate
    probe: str
    runtime: str
    power_flow: str = ""
    settables: tuple[Settable, ...] = ()
    warm: tuple[str, ...] = ()
    shipped: str = ""
    prepare: str = ""


def find_key(key: Key, known: Iterable[Key]) -> Key:
    """The key as the model has it: `4` also finds `"4"`, letter case aside. Raises `KeyError(key)`."""
    names = tuple(known)
    if key in names:
        return key
    for name in names:
        if str(name).casefold() == str(key).casefold():
            return name
    raise KeyError(key)
