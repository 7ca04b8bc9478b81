"""ANDES as the transmission side of a quasi-static study: each communication time is a power flow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tdscen.plan import Event, ModelFile, Observation, Option
from tdscen.simulators.adapters import Attachment
from tdscen.simulators.andes.case import AttachedCase
from tdscen.simulators.andes.static_devices import StaticReader, StaticSwitching
from tdscen.simulators.errors import SimulationError

if TYPE_CHECKING:
    from tdscen.simulators.adapters import Complexes, Floats


class AndesPowerFlow:
    """A case with loads that feeders take the place of, without dynamics; a `TransmissionAdapter`.

    After construction the power flow is solved with the case's own loads. `power_flow` may then be called any number
    of times, `start` once, from then on `advance`, or `attempt` and `accept`. Every power flow begins at the case's own
    starting point, so that its result depends on nothing but the powers and what events have switched. Where that does
    not converge it begins at the last accepted solution, which is noted.
    """

    def __init__(
        self,
        model: ModelFile,
        folder: Path,
        *,
        interfaces: Sequence[Attachment],
        options: Sequence[Option] = (),
        observe: Sequence[Observation] = (),
        events: Sequence[Event] = (),
    ) -> None:
        """Load the case (`folder`: the generated folder); its own events are off. Raises `SimulationError`."""
        self._case = AttachedCase(model, folder, interfaces, disable_events=True, options=options)
        self._name = self._case.name
        self._reader = StaticReader(self._case.system, observe)
        self._switching = StaticSwitching(self._case.system, events, self._case.load, self._name)
        self._time_s: float | None = None
        self._opened_s: float | None = None
        self._notes: list[str] = []
        self._solution = self._case.voltages()

    @property
    def notes(self) -> tuple[str, ...]:
        """What ANDES did on its own: events switched off, loads turned into impedances, other starting points."""
        return (*self._case.notes, *self._notes)

    @property
    def time_s(self) -> float:
        """The time reached; negative before `start`."""
        return -1.0 if self._time_s is None else self._time_s

    @property
    def voltage_pu(self) -> Complexes:
        """Voltage phasors of the interface buses in pu, as last solved (n)."""
        return self._case.voltage_pu

    @property
    def drawn_mva(self) -> Complexes:
        """Power that each interface's load drew in the last solution: ANDES's own term of the bus balance (n)."""
        return self._case.drawn_mva

    def power_flow(self, power_mva: Sequence[complex] | Complexes) -> Complexes:
        """Power flow with these powers; returns `voltage_pu`."""
        if self._time_s is not None:
            raise SimulationError(f"{self._name}: time has started, its power flows belong to steps")
        self._case.draw(power_mva)
        self._case.solve()
        return self.voltage_pu

    def start(self, power_mva: Sequence[complex] | Complexes) -> None:
        """The power flow with these powers is t = 0."""
        self.power_flow(power_mva)
        self._time_s = 0.0
        self._solution = self._case.voltages()

    def advance(
        self, to_s: float, power_mva: Sequence[complex] | Complexes, answered_pu: Complexes | None = None
    ) -> Complexes:
        """The power flow of `to_s` with these powers; returns `voltage_pu`."""
        if self._opened_s is not None:
            raise SimulationError(
                f"{self._name} is asked to advance before its step to {self._opened_s:g} s is accepted"
            )
        self.attempt(to_s, power_mva, answered_pu)
        self.accept()
        return self.voltage_pu

    def attempt(
        self, to_s: float, power_mva: Sequence[complex] | Complexes, answered_pu: Complexes | None = None
    ) -> Complexes:
        """The power flow of `to_s` with these powers; may be repeated for the same `to_s`; returns `voltage_pu`.

        `answered_pu` has no say: the powers are drawn as they are.
        """
        del answered_pu
        if self._time_s is None or to_s <= self._time_s:
            raise SimulationError(f"{self._name} cannot go from t = {self.time_s:.6g} s to {to_s:.6g} s")
        if self._opened_s is None:
            self._opened_s = to_s
            self._switching.act(self._time_s)
        elif self._opened_s != to_s:
            raise SimulationError(
                f"{self._name} is asked for t = {to_s:.6g} s before its step to {self._opened_s:.6g} s is accepted"
            )
        self._case.draw(power_mva)
        self._solve(to_s)
        return self.voltage_pu

    def accept(self) -> None:
        """The last attempt is the solution of its time."""
        if self._opened_s is None:
            raise SimulationError(f"{self._name} has no power flow to accept at t = {self.time_s:.6g} s")
        self._time_s, self._opened_s = self._opened_s, None
        self._solution = self._case.voltages()

    def observed(self) -> Floats:
        """Recorded quantities in the order of `observe`, in their units."""
        return self._reader.read()

    def _solve(self, to_s: float) -> None:
        """From the case's own starting point; where that fails, from the last accepted solution."""
        try:
            self._case.solve()
        except SimulationError as error:
            try:
                self._case.solve_from(self._solution)
            except SimulationError:
                raise SimulationError(f"{error} (t = {to_s:.6g} s)") from None
            self._note(f"the power flow at t = {to_s:.6g} s converges from the last solution only")
        if not np.isfinite(self.voltage_pu).all():
            raise SimulationError(f"{self._name} has no finite voltage at t = {to_s:.6g} s")

    def _note(self, sentence: str) -> None:
        if sentence not in self._notes:
            self._notes.append(sentence)
