"""The transmission side of a run: voltages out, powers in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tdscen.plan import Event, Observation
from tdscen.runtime.errors import RunError
from tdscen.runtime.federate import Federate
from tdscen.runtime.keys import power_key, voltage_key
from tdscen.runtime.vectors import Complexes

_PER_INTERFACE = ("v_pu", "angle_rad", "drawn_p_mw", "drawn_q_mvar", "mismatch_pu")


class Recorded(Protocol):
    """What is recorded of a transmission system."""

    @property
    def drawn_mva(self) -> Complexes: ...  # noqa: D102 - as in simulators.adapters
    @property
    def notes(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def voltage_pu(self) -> Complexes: ...  # noqa: D102
    def observed(self) -> NDArray[np.float64]: ...  # noqa: D102


class TransmissionFederate(Federate):
    """Exchanges with one or more feeder federates; vectors have one entry an interface.

    The order is that of `feeders`: the interfaces of the first feeder federate, then those of the second, ...
    """

    def __init__(self, name: str, script: str, *, feeders: Mapping[str, Sequence[str]]) -> None:
        """`feeders`: the interfaces that each feeder federate carries, in the order of its vectors."""
        super().__init__(
            name,
            script,
            publications=[voltage_key(name, feeder) for feeder in feeders],
            subscriptions=[power_key(feeder) for feeder in feeders],
        )
        self.interfaces = tuple(interface for carried in feeders.values() for interface in carried)
        self._feeders = tuple(feeders)
        ends = np.cumsum([len(carried) for carried in feeders.values()]).tolist()
        self._parts = [slice(end - len(feeders[feeder]), end) for feeder, end in zip(feeders, ends, strict=True)]
        self._sent_pu: Complexes | None = None
        self._sent_before_pu: Complexes | None = None
        self._noted = 0
        self._moved_pu = np.zeros(len(self.interfaces))

    @property
    def observe(self) -> tuple[Observation, ...]:
        """What the plan records of the transmission system."""
        return self.plan.transmission.observe

    @property
    def events(self) -> tuple[Event, ...]:
        """What happens in the transmission system."""
        return self.plan.events_of(self.name)

    @property
    def answered_pu(self) -> Complexes:
        """The voltages that the feeders solved with for the powers that they sent last (n)."""
        before = self._sent_before_pu if self.plan.simulation.coupling == "parallel" else None
        answered = self._sent_pu if before is None else before
        if answered is None:
            raise RunError(f"the script of {self.name} asks what was answered before it has sent any voltage")
        return answered

    def send_if_moved(self, voltage_pu: Complexes) -> None:
        """Send the voltages (n) if one moved more than the sides tolerate; otherwise they agree.

        They tolerate `AGREED_PU` before time starts, and in a step of iterative coupling what the plan says. Silence
        means agreement.
        """
        self._begin()
        tolerance_pu, most = self._limits
        self._measure(voltage_pu)
        if self._sent_pu is None or not (self._moved_pu <= tolerance_pu).all():
            if self._sent_pu is not None and self._exchanges >= most:
                raise RunError(self._disagreement(self._sent_pu, voltage_pu))
            self._publish(voltage_pu)
        else:
            self._agree()

    def iterate(self) -> bool:
        """Wait for all answers. True when they are there, False when the sides agree.

        At t = 0 the first voltages are sent before; in each step of iterative coupling the feeders speak first.
        """
        self._enter()
        if self._repeating_s is None:
            return False
        self._ask(2 * self._exchanges)
        for index, feeder in enumerate(self._feeders):
            if not self._link.updated(index):
                raise RunError(f"{feeder} has not answered {self._presence.when}")
        self._exchanges += 1
        return True

    def receive(self) -> Complexes:
        """The power at every interface in MW + j MVAr, consumption positive (n)."""
        power_mva = np.empty(len(self.interfaces), np.complex128)
        for index, part in enumerate(self._parts):
            power_mva[part] = self._link.receive(
                index, self.interfaces[part], "power", self._feeders[index], self._presence.when
            )
        return power_mva

    def send(self, voltage_pu: Complexes) -> None:
        """Send the voltage phasor of every interface bus in pu (n)."""
        self._measure(voltage_pu)
        self._publish(voltage_pu)

    def record(self, system: Recorded) -> None:
        """Record this communication time."""
        notes = system.notes
        self.note(notes[self._noted :])
        self._noted = len(notes)
        voltage_pu, drawn_mva = system.voltage_pu, system.drawn_mva
        boundary = np.column_stack(
            (np.abs(voltage_pu), np.angle(voltage_pu), drawn_mva.real, drawn_mva.imag, self._moved_pu)
        )
        self._append(np.concatenate((boundary.ravel(), system.observed())))

    def _columns(self) -> tuple[str, ...]:
        return (
            *(f"{interface}/{quantity}" for interface in self.interfaces for quantity in _PER_INTERFACE),
            *(f"{self.name}/{observation.column}" for observation in self.observe),
        )

    def _measure(self, voltage_pu: Complexes) -> None:
        """How far each voltage moved since it was last sent: small movements of many steps add up."""
        if self._sent_pu is not None:
            self._moved_pu = np.abs(voltage_pu - self._sent_pu)

    def _publish(self, voltage_pu: Complexes) -> None:
        self._plausible(voltage_pu, self.interfaces, "voltage")
        self._sent_before_pu, self._sent_pu = self._sent_pu, np.array(voltage_pu)
        for index, part in enumerate(self._parts):
            self._link.publish(index, voltage_pu[part])

    def _disagreement(self, sent_pu: Complexes, voltage_pu: Complexes) -> str:
        """What is wrong when exchanges do not end."""
        worst = int(self._moved_pu.argmax())
        what, help = "find no common start", ""
        if not self._starting:
            what, help = f"do not agree {self._presence.when}", "; a smaller step or more exchanges (`max`) may help"
        return (
            f"transmission and feeders {what} at {self.interfaces[worst]}: after {self._exchanges} exchanges its "
            f"voltage still moves by {self._moved_pu[worst]:.3g} pu, from {_phasor(sent_pu[worst])} to "
            f"{_phasor(voltage_pu[worst])}{help}"
        )


def _phasor(voltage_pu: complex) -> str:
    """A voltage for a sentence."""
    return f"{abs(voltage_pu):.9g} pu at {np.angle(voltage_pu):.9g} rad"
