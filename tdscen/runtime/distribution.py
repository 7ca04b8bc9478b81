"""The distribution side of a run: voltages in, powers out, for one feeder or many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from tdscen.plan import Controls, Event, ModelFile, Observation, Option, Resource, Scale
from tdscen.profiles import Profile
from tdscen.runtime import monitors, phases
from tdscen.runtime.federate import Federate
from tdscen.runtime.keys import power_key, voltage_key
from tdscen.runtime.node_voltages import NodeVoltages
from tdscen.runtime.vectors import Complexes
from tdscen.times import ANSWER_OFFSET_S

_PER_INTERFACE = (
    *("p_mw", "q_mvar", "p_kw", "q_kvar"),
    *phases.COLUMNS,
    *("multiplier", "fed_v_pu", "fed_angle_rad", "exchanges", "taps_moved"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What the last solution of one feeder says: phases a, b, c at its head (3 each), observed quantities."""

    power_kva: Complexes
    voltage_v: Complexes
    current_a: Complexes
    observed: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Feeder:
    """A feeder at an interface, as a generated script lists it; the fields are those of the plan."""

    interface: str
    model: ModelFile
    scale: Scale
    profile: Profile
    controls: Controls
    source_impedance: Literal["none", "keep"] = "none"
    options: tuple[Option, ...] = ()


class Recorded(Protocol):
    """What is recorded of a feeder."""

    @property
    def notes(self) -> tuple[str, ...]: ...  # noqa: D102 - as in simulators.adapters
    @property
    def phase_power_kva(self) -> Complexes: ...  # noqa: D102
    @property
    def phase_voltage_v(self) -> Complexes: ...  # noqa: D102
    @property
    def phase_current_a(self) -> Complexes: ...  # noqa: D102
    def observed(self) -> NDArray[np.float64]: ...  # noqa: D102


class DistributionFederate(Federate):
    """Exchanges with the transmission federate; vectors have one entry an interface, in the order of `interfaces`."""

    def __init__(self, name: str, script: str, *, transmission: str, interfaces: Sequence[str]) -> None:
        """`transmission`: the federate that sends voltages and gets powers."""
        super().__init__(name, script, publications=[power_key(name)], subscriptions=[voltage_key(transmission, name)])
        self.interfaces = tuple(interfaces)
        self._transmission = transmission
        self._noted: dict[int, int] = {}
        self._voltages: NodeVoltages | None = None
        self._feeders: Sequence[Recorded] = ()

    @property
    def offset_s(self) -> float:
        """Feeders answer the voltage of the same step (serial) or that of the step before (parallel)."""
        return ANSWER_OFFSET_S if self.plan.simulation.coupling == "serial" else 0.0

    def observe(self, interface: str) -> tuple[Observation, ...]:
        """What the plan records of the feeder at an interface."""
        return self.plan.distribution(self.plan.interface(interface).distribution).observe

    def events(self, interface: str) -> tuple[Event, ...]:
        """What happens in the feeder at an interface."""
        return self.plan.events_of(self.plan.interface(interface).distribution)

    def resources(self, interface: str) -> tuple[Resource, ...]:
        """What is added to the feeder at an interface, independent draws by seeds of the interface's own."""
        found = self.plan.resources_of(self.plan.interface(interface).distribution)
        return tuple(resource.at_interface(interface) for resource in found)

    def iterate(self) -> bool:
        """Wait for new voltages. True when there are any, False when the sides agree.

        It begins with the voltages known, at once, and ends when T is silent: at t = 0 and, with iterative coupling, in
        every step.
        """
        self._enter()
        if self._exchanges > 0:
            self._ask(2 * self._exchanges - 1)
            if not self._link.updated(0):
                self._agree()
                return False
        self._exchanges += 1
        return True

    def receive(self) -> Complexes:
        """The voltage phasor at every interface in pu (n)."""
        return self._link.receive(0, self.interfaces, "voltage", self._transmission, self._presence.when)

    def send(self, power_mva: Sequence[complex] | Complexes) -> None:
        """Send the power at every interface in MW + j MVAr, scaled, consumption positive (n).

        At t = 0 and in a repeated step only in answer to voltages.
        """
        self._plausible(np.asarray(power_mva, np.complex128), self.interfaces, "power")
        self._link.publish(0, power_mva)

    def measure(self, feeders: Sequence[Recorded]) -> list[Measured]:
        """What the last solution of every feeder says; to be asked before controls act and make it outdated."""
        if self._voltages is None:
            self._feeders = feeders
            models = [self.plan.interface(name).distribution for name in self.interfaces]
            self._voltages = NodeVoltages(feeders, self.interfaces, models)
        measured = [
            Measured(feeder.phase_power_kva, feeder.phase_voltage_v, feeder.phase_current_a, observed)
            for feeder, observed in zip(feeders, _observed(feeders), strict=True)
        ]
        self._tell(feeders)
        return measured

    def _tell(self, feeders: Sequence[Recorded]) -> None:
        """Keep what feeders have noted since this was asked before."""
        for i, feeder in enumerate(feeders):
            notes = feeder.notes
            if len(notes) > self._noted.get(i, 0):
                self.note(notes[self._noted.get(i, 0) :])
                self._noted[i] = len(notes)

    def record(
        self,
        voltage_pu: Complexes,
        multiplier: NDArray[np.float64],
        power_mva: Sequence[complex] | Complexes,
        measured: Sequence[Measured],
        taps_moved: Sequence[int] | None = None,
    ) -> None:
        """Record this communication time; all sequences have one entry an interface."""
        moved = taps_moved if taps_moved is not None else [0] * len(measured)
        by_phase_kva = np.array([m.power_kva for m in measured], np.complex128)
        currents_a = np.array([m.current_a for m in measured], np.complex128)
        voltages_v = np.array([m.voltage_v for m in measured], np.complex128)
        powers = np.column_stack([power_mva, by_phase_kva.sum(axis=1)])
        rows = np.column_stack(
            [
                powers.view(np.float64),
                phases.quantities(by_phase_kva, voltages_v, currents_a),
                multiplier,
                np.abs(voltage_pu),
                np.angle(voltage_pu),
                np.full(len(measured), self._exchanges),
                moved,
            ]
        )
        self._append(np.concatenate([rows.ravel(), *(m.observed for m in measured)]))

    def _end(self) -> None:
        if self._voltages is not None:
            try:
                self._voltages.write(self.run, self.name)
            finally:
                monitors.write(self.run, self._feeders, self.interfaces)
                self._tell(self._feeders)

    def _columns(self) -> tuple[str, ...]:
        columns = [f"{interface}/{quantity}" for interface in self.interfaces for quantity in _PER_INTERFACE]
        for interface in self.interfaces:
            model = self.plan.interface(interface).distribution
            columns += [f"{interface}/{model}/{observation.column}" for observation in self.observe(interface)]
        return tuple(columns)


def _observed(feeders: Sequence[Recorded]) -> list[NDArray[np.float64]]:
    """What is recorded of each; together, where they are of one kind that can (`adapters.ObservedTogether`)."""
    kinds = {type(feeder) for feeder in feeders}
    together = getattr(feeders[0], "observed_together", None) if len(kinds) == 1 else None
    return together(feeders) if together else [feeder.observed() for feeder in feeders]
