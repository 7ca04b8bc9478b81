"""ANDES as the transmission side of a running study."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tdscen.plan import Event, LoadModel, ModelFile, Observation, Option
from tdscen.simulators.adapters import Attachment
from tdscen.simulators.andes.case import AttachedCase
from tdscen.simulators.andes.evaluation import quicken
from tdscen.simulators.andes.loads import Loads, Secant
from tdscen.simulators.andes.observing import reader
from tdscen.simulators.andes.repeating import RepeatableStep
from tdscen.simulators.andes.starting import initialise
from tdscen.simulators.andes.stepping import integrate
from tdscen.simulators.andes.switching import Switching
from tdscen.simulators.errors import SimulationError

if TYPE_CHECKING:
    from tdscen.simulators.adapters import Complexes, Floats


class AndesTransmission:
    """A case with loads that feeders take the place of; a `TransmissionAdapter`.

    After construction the power flow is solved with the case's own loads. `power_flow` may then be called any number
    of times, `start` once, from then on `advance`, or `attempt` and `accept`. `loads`: what the case's other loads are
    while dynamics run.
    """

    def __init__(
        self,
        model: ModelFile,
        folder: Path,
        *,
        interfaces: Sequence[Attachment],
        step_s: float,
        disable_events: bool = True,
        options: Sequence[Option] = (),
        observe: Sequence[Observation] = (),
        events: Sequence[Event] = (),
        loads: LoadModel = "constant_power",
    ) -> None:
        """Load the case (`folder`: the generated folder). Raises `SimulationError`."""
        self._step_s = step_s
        self._events, self._other_loads = tuple(events), loads
        self._observe = tuple(observe)
        self._case = AttachedCase(
            model, folder, interfaces, disable_events=disable_events, options=options, events=events
        )
        self._name, self._system, self._notes = self._case.name, self._case.system, self._case.notes
        self._reader = reader(self._system, ())
        self._secant = Secant(len(interfaces))
        self._started = False
        self._step: RepeatableStep | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What ANDES did on its own: events switched off, loads that the power flow turned into impedances."""
        return tuple(self._notes)

    @property
    def time_s(self) -> float:
        """The time reached; negative before `start`."""
        return float(self._system.dae.t)

    @property
    def voltage_pu(self) -> Complexes:
        """Voltage phasors of the interface buses in pu, as last solved (n)."""
        return self._case.voltage_pu

    @property
    def drawn_mva(self) -> Complexes:
        """Power that each interface's load drew in the last solution: ANDES's own term of the bus balance (n)."""
        return self._case.drawn_mva

    def power_flow(self, power_mva: Sequence[complex] | Complexes) -> Complexes:
        """Power flow from the case's own starting point with these powers; returns `voltage_pu`."""
        if self._started:
            raise SimulationError(f"{self._name}: a power flow is not possible once dynamics have started")
        self._case.draw(power_mva)
        self._case.solve()
        return self.voltage_pu

    def start(self, power_mva: Sequence[complex] | Complexes) -> None:
        """Solve the power flow with these powers and initialise the dynamics in that state, at t = 0."""
        self.power_flow(power_mva)
        system = self._system
        try:
            initialise(system, self._name)
        except SimulationError as error:
            raise SimulationError(
                f"{error}; the powers at the interfaces are not the case's own, and a machine or its controls may be "
                "beyond a limit with them (other reactive power: `match_load(q = shunt)` keeps that of the loads)"
            ) from None
        replaced = [str(system.PQ.idx.v[uid]) for uid in self._case.load if system.PQ.ue.v[uid] != 1]
        if replaced:
            raise SimulationError(
                f"the load {replaced[0]} of {self._name} is replaced by another load model of the case when dynamics "
                "start, so a feeder cannot take its place"
            )
        self._started = True
        quicken(system)
        self._reader = reader(system, self._observe)
        self._loads = Loads(system, self._case.load, self._other_loads)
        self._switching = Switching(system, self._events, self._loads, self._name)

    def advance(
        self, to_s: float, power_mva: Sequence[complex] | Complexes, answered_pu: Complexes | None = None
    ) -> Complexes:
        """Integrate to exactly `to_s` with these powers held; returns `voltage_pu`.

        Below a load's voltage limit (`vmin` of the case) the power is that of an impedance, see `loads`.
        """
        self._check_ahead(to_s)
        self._hold(power_mva, answered_pu)
        remarks = integrate(self._system, self._loads, self._switching, to_s, self._step_s, self._name)
        self._note_step(remarks)
        return self._finite_voltage(to_s)

    def attempt(
        self, to_s: float, power_mva: Sequence[complex] | Complexes, answered_pu: Complexes | None = None
    ) -> Complexes:
        """One step from the last accepted time to exactly `to_s` with these powers at its end; returns `voltage_pu`.

        May be called again for the same `to_s`: the state before the step is restored, and the same powers give the
        same voltages. It is one implicit step whatever `step_s`. With `answered_pu` the powers follow the voltage
        within the step as they did between the last two answers (a secant): fewer attempts are needed, and where the
        voltages are those that were answered the powers are exactly these.
        """
        if self._step is None:
            self._check_ahead(to_s)
            self._step = RepeatableStep(self._system, self._loads, self._switching, to_s, self._name)
            self._secant.forget()
        elif self._step.to_s != to_s:
            raise SimulationError(
                f"{self._name} is asked for t = {to_s:.6g} s before its step to {self._step.to_s:.6g} s is accepted"
            )
        if answered_pu is not None:
            self._secant.learn(power_mva, answered_pu)
        self._hold(power_mva, answered_pu, self._secant.slope)
        self._step.attempt()
        return self._finite_voltage(to_s)

    def accept(self) -> None:
        """The last attempt is the step: rotors are checked."""
        if self._step is None:
            raise SimulationError(f"{self._name} has no step to accept at t = {self.time_s:.6g} s")
        self._note_step(self._step.accept())
        self._step = None

    def observed(self) -> Floats:
        """Recorded quantities in the order of `observe`, in their units; from `start` on."""
        if not self._started:
            raise SimulationError(f"{self._name}: there is nothing to observe before dynamics have started")
        return self._reader.read(self._system)

    def _check_ahead(self, to_s: float) -> None:
        if not self._started or to_s <= self.time_s or self._step is not None:
            raise SimulationError(f"{self._name} cannot advance from t = {self.time_s:.6g} s to {to_s:.6g} s")

    def _hold(
        self,
        power_mva: Sequence[complex] | Complexes,
        answered_pu: Complexes | None,
        slope_mva: Complexes | None = None,
    ) -> None:
        """Set the powers of the interfaces' loads, taken at the voltages `answered_pu` (None: at the present ones)."""
        base_mva = self._case.base_mva
        power_pu = np.asarray(power_mva, np.complex128) / base_mva
        slope_pu = np.zeros_like(power_pu) if slope_mva is None or answered_pu is None else slope_mva / base_mva
        self._loads.hold(self._case.load, power_pu, slope_pu, self.voltage_pu if answered_pu is None else answered_pu)

    def _finite_voltage(self, to_s: float) -> Complexes:
        voltage_pu = self.voltage_pu
        if not np.isfinite(voltage_pu).all():
            raise SimulationError(f"{self._name} has no finite voltage at t = {to_s:.6g} s")
        return voltage_pu

    def _note_step(self, remarks: Sequence[str]) -> None:
        self._notes += remarks
        low = self._loads.newly_low()
        if low:
            shown = ", ".join(low[:5]) + (", ..." if len(low) > 5 else "")
            self._notes.append(
                f"{len(low)} load{'s' if len(low) > 1 else ''} below the voltage limit of the case at "
                f"t = {self.time_s:.6g} s, an impedance as long as that lasts: {shown}"
            )
