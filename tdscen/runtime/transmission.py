"""The transmission side of a run: voltages out, powers in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tdscen.plan import Observation
from tdscen.runtime.errors import RunError
from tdscen.runtime.federate import Federate
from tdscen.runtime.keys import power_key, voltage_key
from tdscen.runtime.vectors import Complexes

AGREED_PU = 1e-9
"""The sides agree on the start when no interface voltage moves more than this between two exchanges."""

MAX_EXCHANGES = 200
"""Each exchange gains a factor of about 15 where a solution exists; so many mean that there is none."""

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
        self._last_pu: Complexes | None = None
        self._sent_pu = np.zeros(len(self.interfaces), np.complex128)
        self._moved_pu = np.zeros(len(self.interfaces))
        self._awaited: set[int] = set()
        self._exchanges = 0

    @property
    def observe(self) -> tuple[Observation, ...]:
        """What the plan records of the transmission system."""
        return self.plan.transmission.observe

    def send_if_moved(self, voltage_pu: Complexes) -> None:
        """Send the voltages (n) to the feeder federates where one moved; where none did the sides agree.

        Before time starts that is by more than `AGREED_PU`, and all of them are sent; in a step of iterative coupling
        by more than its tolerance since it was last sent.
        """
        self._begin()
        if self._repeating_s is not None:
            self._send_moved(voltage_pu, self._repeating_s)
            return
        first = self._last_pu is None
        self._measure(voltage_pu)
        if first or not (self._moved_pu <= AGREED_PU).all():
            self._publish(voltage_pu)

    def iterate(self) -> bool:
        """Wait for all answers. True when they are there, False when the sides agree.

        In each step of iterative coupling the feeders speak first.
        """
        agreed = not self._awaited
        while self._iterate():
            self._awaited -= {index for index in self._awaited if self._link.updated(index)}
            if not agreed and not self._awaited:
                self._count_exchange()
                return True
        if self._awaited:
            silent = ", ".join(self._feeders[index] for index in sorted(self._awaited))
            raise RunError(f"HELICS went on {self._when()} though {silent} had not answered")
        return False

    def receive(self) -> Complexes:
        """The power at every interface in MW + j MVAr, consumption positive (n)."""
        power_mva = np.empty(len(self.interfaces), np.complex128)
        for index, part in enumerate(self._parts):
            power_mva[part] = self._link.receive(
                index, self.interfaces[part], "power", self._feeders[index], self._when()
            )
        return power_mva

    def send(self, voltage_pu: Complexes) -> None:
        """Send the voltage phasor of every interface bus in pu (n)."""
        self._measure(voltage_pu)
        self._publish(voltage_pu)

    def record(self, system: Recorded) -> None:
        """Record this communication time."""
        if self._beat.time_s == 0.0:
            self.note(system.notes)
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

    def _open_step(self, time_s: float) -> None:
        super()._open_step(time_s)
        self._awaited, self._exchanges = set(range(len(self._parts))), 0

    def _send_moved(self, voltage_pu: Complexes, time_s: float) -> None:
        """Send what moved since it was sent. Raises `RunError` where that should have ended."""
        simulation = self.plan.simulation
        tolerance_pu, most = simulation.tolerance_pu, simulation.max_exchanges
        if tolerance_pu is None or most is None:
            raise RunError("the plan says iterative coupling without tolerance or most exchanges: compile it again")
        self._moved_pu = np.abs(voltage_pu - self._sent_pu)
        moved = ~(self._moved_pu <= tolerance_pu)
        if moved.any() and self._exchanges >= most:
            worst = int(self._moved_pu.argmax())
            before, now = self._sent_pu[worst], voltage_pu[worst]
            raise RunError(
                f"transmission and feeders do not agree on the step to t = {time_s:.6g} s at "
                f"{self.interfaces[worst]}: after {most} exchanges its voltage still moves by "
                f"{self._moved_pu[worst]:.3g} pu (tolerance {tolerance_pu:g}), from {_phasor(before)} to {_phasor(now)}; "
                "a smaller step or more exchanges (`max`) may help"
            )
        self._last_pu = np.array(voltage_pu)
        self._publish(voltage_pu, [index for index, part in enumerate(self._parts) if moved[part].any()])

    def _measure(self, voltage_pu: Complexes) -> None:
        """How far each voltage moved since the last exchange."""
        if self._last_pu is not None:
            self._moved_pu = np.abs(voltage_pu - self._last_pu)
        self._last_pu = np.array(voltage_pu)

    def _publish(self, voltage_pu: Complexes, indices: Iterable[int] | None = None) -> None:
        """Send to the feeder federates of these numbers, or to all."""
        self._awaited = set(range(len(self._parts)) if indices is None else indices)
        for index in sorted(self._awaited):
            part = self._parts[index]
            self._sent_pu[part] = voltage_pu[part]
            self._link.publish(index, voltage_pu[part])

    def _count_exchange(self) -> None:
        self._exchanges += 1
        self._say(waiting=False, exchanges=self._beat.exchanges + 1)
        if self._repeating_s is None and self._exchanges > MAX_EXCHANGES:
            worst = int(self._moved_pu.argmax())
            raise RunError(
                f"transmission and feeders find no common start at {self.interfaces[worst]}: after {MAX_EXCHANGES} "
                f"exchanges its voltage still moves by {self._moved_pu[worst]:.3g} pu"
            )


def _phasor(voltage_pu: complex) -> str:
    """A voltage for a sentence."""
    return f"{abs(voltage_pu):.9g} pu at {np.angle(voltage_pu):.9g} rad"
