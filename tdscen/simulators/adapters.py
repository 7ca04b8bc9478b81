"""What the runtime asks of a simulator while a study runs: two small interfaces, one a side.

Voltages are phasors `V exp(j theta)` in pu, powers are consumption: MW + j MVAr on the transmission side, kW + j kvar
at a feeder's head. Every method raises `SimulationError` with one sentence where the simulator fails.

Events of the plan are given to an adapter when it is made. One at time t happens in the simulator after the values of t
are read and before the step behind t: on the transmission side when the next step is opened, in a feeder in `act`
(`start_clock` for t = 0). Every event's time is a communication time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from tdscen.facts import Key

    Complexes = NDArray[np.complex128]
    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Attachment:
    """An interface at `bus`, in the place of the static load `load` (None: the bus has none, one is added).

    With `replace_mw` and `replace_mvar` it takes the place of this part of the bus's loads only, and the rest stays.
    """

    name: str
    bus: Key
    load: Key | None
    replace_mw: float | None = None
    replace_mvar: float | None = None


@dataclass(frozen=True, slots=True)
class FeederNodes:
    """Nodes of a feeder (`890.1`: bus and phase) and where they lie.

    `distance`: of the bus from the feeder's source along its closed lines, in `unit` ("" where a line of the model has
    no length unit; None where no way leads). `before`: the place in `names` of the same phase at the bus before (None:
    the source, or a phase that begins here).
    """

    names: tuple[str, ...]
    distance: tuple[float | None, ...]
    before: tuple[int | None, ...]
    unit: str


class TransmissionAdapter(Protocol):
    """A transmission system with n interfaces; vectors have n entries in the order of the interfaces."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what the simulator did that the user did not ask for."""
        ...

    @property
    def voltage_pu(self) -> Complexes:
        """Voltage phasors of the interface buses, as last solved (n)."""
        ...

    @property
    def drawn_mva(self) -> Complexes:
        """What each interface's load drew in the last solution, by the simulator's own account (n)."""
        ...

    def power_flow(self, power_mva: Sequence[complex] | Complexes) -> Complexes:
        """Quasi-static solution with these powers at the interfaces; returns `voltage_pu`."""
        ...

    def start(self, power_mva: Sequence[complex] | Complexes) -> None:
        """Initialise the dynamics at t = 0 with these powers at the interfaces."""
        ...

    def advance(self, to_s: float, power_mva: Sequence[complex] | Complexes, answered_pu: Complexes) -> Complexes:
        """Integrate from the current time to `to_s` with these powers held; returns `voltage_pu`.

        `answered_pu`: the voltages at which the feeders take these powers (n).
        """
        ...

    def attempt(self, to_s: float, power_mva: Sequence[complex] | Complexes, answered_pu: Complexes) -> Complexes:
        """One step from the last accepted time to `to_s` with these powers; repeatable; returns `voltage_pu`.

        The step is right where the voltages that it returns are those that were answered.
        """
        ...

    def accept(self) -> None:
        """The last attempt is the step."""
        ...

    def observed(self) -> Floats:
        """Recorded quantities in the order they were asked for."""
        ...


class FeederAdapter(Protocol):
    """A feeder behind its interface."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what the simulator did that the user did not ask for."""
        ...

    @property
    def phase_power_kva(self) -> Complexes:
        """Power of phases a, b, c at the head in the last solution (3)."""
        ...

    @property
    def phase_voltage_v(self) -> Complexes:
        """Voltage to ground of phases a, b, c at the head in the last solution, V (3; 0 where there is no such phase).

        Angles are on the scale of the voltages that were given to `settle` and `solve`.
        """
        ...

    @property
    def phase_current_a(self) -> Complexes:
        """Current of phases a, b, c into the feeder in the last solution, A (3; 0 where there is no such phase)."""
        ...

    def begin(self, time_s: float) -> None:
        """The solutions that follow belong to this communication time: resources take the values of their profiles."""
        ...

    def settle(self, voltage_pu: complex, multiplier: float) -> complex:
        """Solve and let all controls settle; returns the power at the head in kW + j kvar."""
        ...

    def start_clock(self) -> None:
        """The equilibrium is reached: it is t = 0 for the feeder's controls."""
        ...

    def solve(self, voltage_pu: complex, multiplier: float) -> complex:
        """Solve without control actions (`instant` controls: settle); returns the power at the head."""
        ...

    def act(self, time_s: float) -> int:
        """Controls act once for this time; returns how many tap and capacitor steps moved since the last call."""
        ...

    def observed(self) -> Floats:
        """Recorded quantities in the order they were asked for."""
        ...


class ObservedTogether(Protocol):
    """What a feeder adapter may also have: reading several feeders of its kind at once, where that is cheaper."""

    @staticmethod
    def observed_together(feeders: Sequence[Any]) -> list[Floats]:
        """What `observed` of each would be. The same feeders in the same order every time."""
        ...


class WithNodeVoltages(Protocol):
    """What a feeder adapter may also have: the voltages of all its nodes, kept while they are read for other things."""

    def nodes(self) -> FeederNodes | None:
        """The nodes; None where the model has no voltages in pu. As it is switched when it is asked."""
        ...

    def node_voltages_pu(self) -> tuple[int, Floats]:
        """How many recorded times were looked at, and each node's voltage in pu: first, lowest, highest, last (4, n).

        NaN where a node had no supply.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class MonitorStream:
    """What a monitor of the model has seen: a row a recorded time, `hour`, `t(sec)` and its channels (n, m)."""

    name: str
    columns: tuple[str, ...]
    values: Floats


class WithMonitors(Protocol):
    """What a feeder adapter may also have: measuring devices of the model's own."""

    def monitors(self) -> Sequence[MonitorStream]:
        """All of them, with the recorded times so far."""
        ...
