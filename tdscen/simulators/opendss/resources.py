"""The resources of one feeder while a study runs: what they deliver, when they are out of service, what they hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tdscen.plan import Controls, Resource
from tdscen.profiles import Profile, sample
from tdscen.simulators.errors import SimulationError
from tdscen.simulators.opendss.engine import Engine
from tdscen.simulators.opendss.inverter_controls import InverterControls
from tdscen.simulators.opendss.resource_elements import Element, add
from tdscen.simulators.ride_through import RideThrough
from tdscen.simulators.storing import Store

PARTS_SLACK = 1e-9
"""A profile may fall short of zero by the rounding of its own arithmetic."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A resource, its elements, and what it remembers."""

    resource: Resource
    element: Element
    ride: RideThrough
    store: Store | None


@dataclass(slots=True)
class _Sent:
    """What the element was told last; what reactive power it is given back when it delivers again."""

    kw: float = 0.0
    on: bool = False
    kvar: float = 0.0


class Resources:
    """Adds the resources to the loaded circuit and drives them.

    `begin` sets what profiles say for a communication time, `settle` lets inverter controls settle after a solution,
    `accept` takes the last solution as that of its time: energy advances and trips are decided once a step.
    """

    def __init__(self, engine: Engine, feeder: str, controls: Controls, resources: Sequence[Resource]) -> None:
        self._circuit = engine.ActiveCircuit
        self._feeder = feeder
        self._mode = controls
        nodes = list(self._circuit.AllNodeNames)
        self._units = tuple(_unit(resource, add(engine, resource, feeder)) for resource in resources)
        self._sent = {unit.element.name: _Sent() for unit in self._units}
        names = tuple(unit.element.control for unit in self._units if unit.element.control)
        self._controls = InverterControls(engine, feeder, names)
        if self._units:
            solution = self._circuit.Solution
            solution.InitSnap()
            solution.SolveNoControl()
            if list(self._circuit.AllNodeNames) != nodes:
                raise SimulationError(f"OpenDSS gave {feeder} other nodes when its resources were added")

    def begin(self, time_s: float) -> None:
        """The solutions that follow belong to this time: powers by the profiles, as far as energy and state allow."""
        for unit in self._units:
            if unit.store is None:
                self._send_pv(unit, unit.ride.share(time_s) * self._part(unit, unit.resource.profile, time_s))
            else:
                unit.store.open_step(time_s)
                wanted_kw = unit.element.rating_kw * self._scheduled(unit, time_s) * unit.ride.share(time_s)
                self._send_storage(unit, unit.store.allowed_kw(wanted_kw))

    @property
    def present(self) -> bool:
        """Whether there are any."""
        return bool(self._units)

    @property
    def follow_voltage(self) -> bool:
        """Whether any inverter control is at work."""
        return bool(self._following)

    def settle(self, what: str, *, with_others: bool) -> None:
        """After a solution without controls: inverter controls settle, alone or (in static mode) with all others."""
        settle = self._controls.settle_with_others if with_others else self._controls.settle
        settle(self._following, what)

    def accept(self, time_s: float) -> None:
        """The last solution is that of this time."""
        for unit in self._units:
            phases_pu = self._phases_pu(unit.element)
            unit.ride.observe(time_s, float(phases_pu.min()), float(phases_pu.max()))
            if unit.store is not None:
                unit.store.close_step(time_s, self._delivered_kva(unit.element).real)

    def trip(self, device: str, name: str) -> None:
        """The `pv` or `storage` of that name out of service for good, from the next communication time on."""
        self._find(device, name).ride.trip("event")

    def reader(self, device: str, name: str, quantity: str) -> Callable[[], float]:
        """Reads a quantity of a resource off the last solution. Raises `SimulationError` for one that is not there."""
        unit = self._find(device, name)
        element, store, ride = unit.element, unit.store, unit.ride
        readers: dict[str, Callable[[], float]] = {
            "p": lambda: self._delivered_kva(element).real,
            "q": lambda: self._delivered_kva(element).imag,
            "v": lambda: float(self._phases_pu(element).mean()),
            "connected": lambda: float(ride.state == "in_service"),
        }
        if store is not None:
            readers["energy"] = lambda: store.kwh(self._delivered_kva(element).real)
        if quantity not in readers:
            raise SimulationError(f"a {device} has no {quantity} to record")
        return readers[quantity]

    def has(self, device: str, name: str) -> bool:
        """Whether it is one of these (and not of the model's own)."""
        return any(u.resource.device == device and u.resource.name.casefold() == name.casefold() for u in self._units)

    def _find(self, device: str, name: str) -> Unit:
        for unit in self._units:
            if unit.resource.device == device and unit.resource.name.casefold() == name.casefold():
                return unit
        raise SimulationError(f"{self._feeder} has no {device} {name} that the scenario adds")

    @property
    def _following(self) -> frozenset[str]:
        """The InvControls of resources that deliver."""
        return frozenset(u.element.control for u in self._units if u.element.control and self._sent[u.element.name].on)

    def _part(self, unit: Unit, profile: Profile, time_s: float) -> float:
        part = float(sample(profile, [time_s])[0])
        if not math.isfinite(part) or part < -PARTS_SLACK:
            raise SimulationError(
                f"the profile of {unit.resource.name} is {part:.6g} at t = {time_s:.6g} s: parts of the rating are not "
                "negative"
            )
        return max(part, 0.0)

    def _scheduled(self, unit: Unit, time_s: float) -> float:
        """Discharge less charge, in parts of the rating."""
        parts = [
            self._part(unit, profile, time_s) if profile is not None else 0.0
            for profile in (unit.resource.discharge, unit.resource.charge)
        ]
        return parts[0] - parts[1]

    def _send_pv(self, unit: Unit, part: float) -> None:
        """An inverter without sun is off: no reactive power either."""
        sent, systems = self._sent[unit.element.name], self._circuit.PVSystems
        systems.Name = unit.resource.name
        if part != sent.kw:
            systems.Irradiance = part
            sent.kw = part
        on = part > 0
        if on != sent.on and unit.resource.control == "volt_var":
            if not on:
                sent.kvar = float(systems.kvar)
            systems.kvar = sent.kvar if on else 0.0
        sent.on = on

    def _send_storage(self, unit: Unit, kw: float) -> None:
        """A storage in service that idles is on: volt-var goes on."""
        sent, on = self._sent[unit.element.name], unit.ride.state == "in_service"
        self._circuit.SetActiveElement(unit.element.name)
        properties = self._circuit.ActiveDSSElement.Properties
        if kw != sent.kw:
            properties("kW").Val = repr(kw)  # a native call, and OpenDSS has no other for it
            sent.kw = kw
        if on != sent.on and unit.resource.control == "volt_var":
            if not on:
                sent.kvar = float(properties("kvar").Val)
            properties("kvar").Val = repr(sent.kvar if on else 0.0)
        sent.on = on

    def _delivered_kva(self, element: Element) -> complex:
        self._circuit.SetActiveElement(element.name)
        powers = np.asarray(self._circuit.ActiveCktElement.Powers, np.float64).view(np.complex128)
        return 0j - complex(powers[: element.conductors].sum())

    def _phases_pu(self, element: Element) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Voltages of the phases, or (delta) between them."""
        self._circuit.SetActiveElement(element.name)
        v_volt = np.asarray(self._circuit.ActiveCktElement.Voltages, np.float64).view(np.complex128)
        v_volt = v_volt[: element.conductors]
        if element.delta:
            v_volt = v_volt[:1] - v_volt[1:] if element.conductors == 2 else v_volt - np.roll(v_volt, -1)
        return np.abs(v_volt) / element.base_v


def _unit(resource: Resource, element: Element) -> Unit:
    store = None
    if resource.device == "storage":
        store = Store(1000 * (resource.energy_mwh or 0.0), resource.soc, resource.efficiency)
    return Unit(resource, element, RideThrough(resource.ride_through), store)
