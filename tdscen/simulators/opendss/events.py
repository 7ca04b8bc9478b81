"""What happens in a feeder at a time, done to the loaded OpenDSS circuit through native calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tdscen.plan import Event
from tdscen.simulators.errors import SimulationError
from tdscen.simulators.opendss.elements import activate, close_line, names, open_line
from tdscen.simulators.opendss.engine import Engine, command
from tdscen.times import SAME_S

TripResource = Callable[[str, str], None]
"""Takes a resource out of service: its kind (`pv`, `storage`) and its name."""


class Events:
    """The events of one feeder in the order of their times; each is done once."""

    def __init__(self, engine: Engine, feeder: str, events: Sequence[Event], trip_resource: TripResource) -> None:
        """Look every target up. Raises `SimulationError` for one that the feeder does not have."""
        self._engine, self._feeder = engine, feeder
        self._trip_resource = trip_resource
        ordered = sorted(events, key=lambda event: event.at_s)
        self._due = [(event, self._action(event)) for event in ordered]
        self.switched = False

    def act(self, time_s: float) -> bool:
        """Do what is due at this time; True where something was. Raises `SimulationError`."""
        done = False
        while self._due and self._due[0][0].at_s <= time_s + SAME_S:
            event, do = self._due.pop(0)
            do()
            done = True
            self.switched |= event.action in ("open", "close")
        return done

    def _action(self, event: Event) -> Callable[[], None]:
        target, engine, feeder = event.target, self._engine, self._feeder
        key, value = str(target.key), event.value or 0.0
        match event.action, target.device, target.quantity:
            case "open", "line" | "switch", _:
                activate(engine, f"Line.{key}", feeder)
                return lambda: open_line(engine, key, feeder)
            case "close", "line" | "switch", _:
                make_ready(engine, key, feeder)
                return lambda: close_line(engine, key, feeder)
            case "trip", "generator", _:
                activate(engine, f"Generator.{key}", feeder)
                return lambda: take_out(engine, f"Generator.{key}", feeder)
            case "trip", "pv" | "storage", _:
                return lambda: self._trip_resource(target.device, key)
            case "set", device, str(quantity) if (device, quantity) in SETTERS:
                self._find(device, key)
                return lambda: self._set(device, key, quantity, value)
        raise SimulationError(f"event {event.name}: OpenDSS cannot {event.action} a {target.device} here")

    def _find(self, device: str, key: str) -> None:
        known = names(getattr(self._engine.ActiveCircuit, _COLLECTIONS[device]))
        if key.lower() not in {name.lower() for name in known}:
            raise SimulationError(f"{self._feeder} has no {device} {key}: compile the scenario again")

    def _set(self, device: str, key: str, quantity: str, value: float) -> None:
        circuit = self._engine.ActiveCircuit
        getattr(circuit, _COLLECTIONS[device]).Name = key
        SETTERS[device, quantity](circuit, value)


Circuit = Any
"""dss-python's circuit, the device that is meant active."""


def _set_steps(circuit: Circuit, value: float) -> None:
    """The first `value` steps of a capacitor are in."""
    circuit.Capacitors.States = [1] * round(value) + [0] * (circuit.Capacitors.NumSteps - round(value))


def _set_kvar(circuit: Circuit, value: float) -> None:
    """All steps alike. dss-python's own setter leaves a capacitor of several steps as it is."""
    steps = int(circuit.Capacitors.NumSteps)
    circuit.SetActiveElement(f"Capacitor.{circuit.Capacitors.Name}")
    circuit.ActiveDSSElement.Properties("kvar").Val = f"[{' '.join([f'{value * 1000 / steps:.17g}'] * steps)}]"


def _assign(collection: str, attribute: str, factor: float = 1.0) -> Callable[[Circuit, float], None]:
    """Sets an attribute of the active device to `factor` times the value, in the unit that OpenDSS has it in."""
    return lambda circuit, value: setattr(getattr(circuit, collection), attribute, value * factor)


def _set_tap(circuit: Circuit, value: float) -> None:
    circuit.RegControls.TapNumber = round(value)


_COLLECTIONS = {"load": "Loads", "capacitor": "Capacitors", "regulator": "RegControls"}

SETTERS: dict[tuple[str, str], Callable[[Circuit, float], None]] = {
    ("load", "kW"): _assign("Loads", "kW", 1000.0),
    ("load", "kvar"): _assign("Loads", "kvar", 1000.0),
    ("capacitor", "state"): _set_steps,
    ("capacitor", "kvar"): _set_kvar,
    ("regulator", "tap"): _set_tap,
    ("regulator", "vreg"): _assign("RegControls", "ForwardVreg", 1000.0),
    ("regulator", "band"): _assign("RegControls", "ForwardBand", 1000.0),
}
"""What can be set, as `spec` lists it. Values come in MW, MVAr, kV and plain numbers."""


def make_ready(engine: Engine, line: str, feeder: str) -> None:
    """Put a line that the model has out of service into service with open ends.

    To do that when it closes would give the circuit another list of nodes. Raises `SimulationError`.
    """
    element = activate(engine, f"Line.{line}", feeder)
    if not element.Enabled:
        open_line(engine, line, feeder)
        engine.ActiveCircuit.ActiveCktElement.Enabled = True


def take_out(engine: Engine, element: str, feeder: str) -> None:
    """Take an element out of service. Raises `SimulationError`."""
    nodes = list(engine.ActiveCircuit.AllNodeNames)
    activate(engine, element, feeder).Enabled = False
    command(engine, feeder, "MakeBusList")
    if list(engine.ActiveCircuit.AllNodeNames) != nodes:
        raise SimulationError(f"without {element} the nodes of {feeder} are others, which is not supported")
