"""PVSystem and Storage elements that the model has itself: listed in its facts, recorded on request, left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from tdscen.facts import FeederResource
from tdscen.simulators.errors import SimulationError
from tdscen.simulators.opendss.engine import Engine
from tdscen.simulators.opendss.nodes import base_voltages_kv

CLASSES = {"pv": "pvsystem", "storage": "storage"}
"""OpenDSS's class of a kind of resource."""


def listed(engine: Engine) -> Iterator[FeederResource]:
    """The photovoltaic systems, then the storages, in the order of the model."""
    circuit = engine.ActiveCircuit
    for device, collection in (("pv", circuit.PVSystems), ("storage", circuit.Storages)):
        for name in [str(n) for n in collection.AllNames if str(n).lower() != "none"]:
            circuit.SetActiveElement(f"{CLASSES[device]}.{name}")
            bus = str(circuit.ActiveCktElement.BusNames[0]).split(".")[0].lower()
            kva = float(circuit.ActiveDSSElement.Properties("kVA").Val)
            yield FeederResource(name.lower(), device, bus, int(circuit.ActiveCktElement.NumPhases), kva)  # type: ignore[arg-type]


def reader(engine: Engine, feeder: str, device: str, name: str, quantity: str) -> Callable[[], float]:
    """Reads a quantity of the model's own element; delivered power is positive. Raises `SimulationError`."""
    circuit = engine.ActiveCircuit
    element = f"{CLASSES[device]}.{name.lower()}"
    if element not in {str(known).lower() for known in circuit.AllElementNames}:
        raise SimulationError(f"{feeder} has no {device} {name}: compile the scenario again")
    circuit.SetActiveElement(element)
    phases = int(circuit.ActiveCktElement.NumPhases)
    base_v = 1000 * base_voltages_kv(engine)[str(circuit.ActiveCktElement.BusNames[0]).split(".")[0].lower()]

    def active() -> object:
        circuit.SetActiveElement(element)
        return circuit.ActiveCktElement

    def power(part: int) -> float:
        return 0.0 - float(np.asarray(active().Powers, np.float64)[part : 2 * phases : 2].sum())  # type: ignore[attr-defined]

    def voltage() -> float:
        v_volt = np.asarray(active().VoltagesMagAng, np.float64)[::2][:phases]  # type: ignore[attr-defined]
        return float(v_volt.mean() / base_v) if base_v > 0 else float("nan")

    def energy() -> float:
        active()
        return float(circuit.ActiveDSSElement.Properties("kWhStored").Val)

    readers: dict[str, Callable[[], float]] = {
        "p": lambda: power(0),
        "q": lambda: power(1),
        "v": voltage,
        "connected": lambda: float(active().Enabled),  # type: ignore[attr-defined]
    }
    if device == "storage":
        readers["energy"] = energy
    if quantity not in readers:
        raise SimulationError(f"a {device} has no {quantity} to record")
    return readers[quantity]
