"""OpenDSS as a feeder behind an interface of a running study."""

from __future__ import annotations

import cmath
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from tdscen.plan import Controls, Event, ModelFile, Observation, Option, Resource
from tdscen.simulators.errors import ModelNotFound, SimulationError
from tdscen.simulators.opendss import head
from tdscen.simulators.opendss.distances import feeder_nodes
from tdscen.simulators.opendss.engine import OFF, STATIC, TIME, checked_power, open_engine, solved
from tdscen.simulators.opendss.events import Events, take_out
from tdscen.simulators.opendss.files import locate
from tdscen.simulators.opendss.monitors import Monitors
from tdscen.simulators.opendss.native import Native
from tdscen.simulators.opendss.nodes import nodes
from tdscen.simulators.opendss.observing import Observer
from tdscen.simulators.opendss.own_resources import CLASSES
from tdscen.simulators.opendss.positions import Positions
from tdscen.simulators.opendss.recorded import Recorded
from tdscen.simulators.opendss.resources import Resources
from tdscen.simulators.opendss.sound import check_sound
from tdscen.simulators.opendss.supply import Supply
from tdscen.simulators.opendss.voltages import NodeVoltages
from tdscen.simulators.source import verify

if TYPE_CHECKING:
    from tdscen.simulators.adapters import Complexes, FeederNodes, Floats, MonitorStream

Settling = Literal["none", "inverters", "all"]
"""Which controls settle behind a solution that OpenDSS makes without controls."""


class _Fed(NamedTuple):
    """Which solution it is, for a sentence that is hardly ever needed."""

    voltage_pu: complex
    multiplier: float

    def __str__(self) -> str:
        return f"at V = {abs(self.voltage_pu):.6g} pu with load multiplier {self.multiplier:.6g}"


class _At(NamedTuple):
    """A communication time, for a sentence that is hardly ever needed."""

    time_s: float

    def __str__(self) -> str:
        return f"at t = {self.time_s:.6g} s"


class OpenDssFeeder:
    """One instance of a feeder model, in an engine of its own; a `FeederAdapter`.

    After construction the feeder is solved at the model's own nominal settings with its controls settled, and its
    source is stiff (unless `source_impedance` is `keep`): from there regulators and switched capacitors follow.
    Multipliers scale all loads, over a load multiplier that the model may set itself.
    """

    def __init__(
        self,
        model: ModelFile,
        folder: Path,
        *,
        controls: Controls,
        source_impedance: Literal["none", "keep"] = "none",
        options: Sequence[Option] = (),
        observe: Sequence[Observation] = (),
        events: Sequence[Event] = (),
        resources: Sequence[Resource] = (),
    ) -> None:
        """Load and solve the model (`folder`: the generated folder). Raises `SimulationError`."""
        self._name = PurePosixPath(model.path).stem
        self._controls = controls
        try:
            source = locate(model.path, Path(folder))
        except ModelNotFound as error:
            raise SimulationError(f"{error}: compile the scenario again") from None
        verify(source, model)
        self._engine = engine = open_engine(source, options)
        self._native = Native(engine)
        self._solution = solution = engine.ActiveCircuit.Solution
        self._events = Events(engine, self._name, events, self.trip)
        self._own_multiplier = float(solution.LoadMult)
        self._multiplier, self._hour = 1.0, int(solution.Hour)
        what = "at its own nominal settings"
        head.check_source(engine, self._name)
        solved(engine, self._name, what, solution.Solve)
        at = nodes(engine)
        self._head = head.find_head(engine, self._name)
        check_sound(engine, at, self._head.bus, self._name, what)
        nominal_kva = self._power(what)
        self._resources = Resources(engine, self._name, controls, resources)
        self._head = head.find_head(engine, self._name)  # a resource at the source bus belongs to the feeder
        self._positions = Positions(engine)
        self._voltages = NodeVoltages(engine)
        self._observer = Observer(engine, at, self._name, observe, self._resources, self._positions, self._voltages)
        self._monitors = Monitors(engine)
        self._recorded: Recorded | None = None
        self._supply = Supply(engine, self._name, self._head.bus) if events else None
        self._supply_known, self._switched_s = True, 0.0
        others = [name for name in head.enabled_sources(engine) if name != self._head.source]
        self._notes = [f"voltage source {name} of {self._name} keeps its own voltage" for name in others]
        self._stood = self._positions.read()
        if source_impedance == "none":
            head.stiffen(engine, self._head, self._name, nominal_kva)

    @property
    def notes(self) -> tuple[str, ...]:
        """What OpenDSS did on its own; loads that events have left without supply."""
        return tuple(self._notes)

    @property
    def phase_power_kva(self) -> Complexes:
        """Power of phases a, b, c at the head in the last solution, kW + j kvar (3; zero for a missing phase)."""
        return np.array(self._flow.power_kva)

    @property
    def phase_voltage_v(self) -> Complexes:
        """Voltage to ground of phases a, b, c at the head in the last solution, V (3; zero for a missing phase)."""
        return np.array(self._flow.voltage_v)

    @property
    def phase_current_a(self) -> Complexes:
        """Current of phases a, b, c into the feeder in the last solution, A (3; zero for a missing phase)."""
        return np.array(self._flow.current_a)

    def begin(self, time_s: float) -> None:
        """The solutions that follow belong to this communication time: resources take the values of their profiles."""
        if self._resources.present:
            self._resources.begin(time_s)
            self._voltages.disturbed()

    def settle(self, voltage_pu: complex, multiplier: float) -> complex:
        """Solve with `voltage_pu` at the source, controls settling; returns kW + j kvar at the head."""
        self._solution.ControlMode = STATIC
        self._disturb()
        if self._resources.follow_voltage:
            return self._solve(self._solve_without_controls, voltage_pu, multiplier, "all")
        return self._solve(self._solution.Solve, voltage_pu, multiplier)

    def start_clock(self) -> None:
        """t = 0: from now on controls act in simulated time (`delayed`), not at all (`frozen`) or at once."""
        mode = {"delayed": TIME, "frozen": OFF, "instant": STATIC}[self._controls]
        self._solution.ControlMode = mode
        self._engine.ActiveCircuit.CtrlQueue.ClearQueue()
        self._set_clock(0.0)
        if self._monitors.present:
            self._monitors.begin()
            self._monitors.sample(0.0)
        self._resources.accept(0.0)
        self._happen(0.0)
        self._stood = self._positions.read()

    def solve(self, voltage_pu: complex, multiplier: float) -> complex:
        """Electrical solution; returns kW + j kvar at the head.

        Inverter controls settle in it; others do only where controls are `instant`. None acts where they are `frozen`.
        """
        if self._controls == "instant":
            if self._supply and self._events.switched:  # controls without voltage must be known before all settle
                self._solve(self._solve_without_controls, voltage_pu, multiplier)
                self._supply.hold_dead_controls()
            return self.settle(voltage_pu, multiplier)
        settling: Settling = "inverters" if self._controls == "delayed" else "none"
        return self._solve(self._solve_without_controls, voltage_pu, multiplier, settling)

    def act(self, time_s: float) -> int:
        """Once a step, after convergence: delayed controls look at the solution and do what is due at `time_s`.

        Before that the model's monitors take this solution. The energy of storages advances, and resources trip and
        return by the voltages of this solution. Then the events of this time happen.

        Returns how many tap and capacitor steps controls have moved since the last call; they show in the next
        solution, as events do.
        """
        if self._monitors.present:
            self._set_clock(time_s)
            self._monitors.sample(time_s)
        self._resources.accept(time_s)
        if self._controls == "delayed":
            if self._supply and self._events.switched:
                self._supply.hold_dead_controls()
            self._set_clock(time_s)
            what = _At(time_s)
            solved(self._engine, self._name, what, self._sample_controls)
            if self._native.queue_size() > 0:
                solved(self._engine, self._name, what, self._solution.DoControlActions)
                if self._solution.SystemYChanged:  # as any tap or capacitor step does; most only wait for their delay
                    self._disturb()
        before, now = self._stood, self._positions.read()
        self._happen(time_s)
        self._stood = self._positions.read()
        return 0 if now is before else int(np.abs(now - before).sum())

    def trip(self, device: str, name: str) -> None:
        """The resource (`pv` or `storage`) of that name goes out of service for good, from the next `begin` on.

        One that the scenario adds, or the model's own. Raises `SimulationError` for one that is not there.
        """
        if self._resources.has(device, name):
            self._resources.trip(device, name)
        else:
            take_out(self._engine, f"{CLASSES[device]}.{name}", self._name)

    def observed(self) -> Floats:
        """Recorded quantities in the order of `observe`, in their units."""
        return self.observed_together((self,))[0]

    @staticmethod
    def observed_together(feeders: Sequence[OpenDssFeeder]) -> list[Floats]:
        """As `observed`, of each: a few operations for all of them."""
        for feeder in feeders:
            if feeder._supply and not feeder._supply_known:
                feeder._look_for_supply(feeder._supply)
        recorded = feeders[0]._recorded
        all_of_it = recorded is not None and len(recorded.observers) == len(feeders)
        if recorded is None or not all_of_it or any(feeder._recorded is not recorded for feeder in feeders):
            recorded = Recorded([feeder._observer for feeder in feeders])
            for feeder in feeders:
                feeder._recorded = recorded
        return recorded.read()

    def _look_for_supply(self, supply: Supply) -> None:
        found = supply.look(self._switched_s)
        if found is not None:
            energised, notes = found
            self._observer.taken.leave_out_dead(energised)
            self._notes += notes
            self._supply_known = True

    def monitors(self) -> tuple[MonitorStream, ...]:
        """What the model's own monitors have seen at the recorded times."""
        streams = self._monitors.streams()
        self._notes += [
            f"monitor {name} of {self._name} did not sample every recorded time (is it in service?): it has no file"
            for name in self._monitors.silent
        ]
        return streams

    def nodes(self) -> FeederNodes | None:
        """The nodes whose voltages are kept, as the feeder is switched now; None where it has no voltages in pu."""
        names = self._observer.names
        return feeder_nodes(self._engine, names, self._head.bus) if names else None

    def node_voltages_pu(self) -> tuple[int, Floats]:
        """How many readings there were, and first, lowest, highest and last voltage of every node in pu (4, n)."""
        return self._observer.readings, self._observer.taken.envelope.copy()

    def _happen(self, time_s: float) -> None:
        """The events of this time, seen by the next solution."""
        if self._events.act(time_s):
            self._supply_known, self._switched_s = False, time_s
            self._disturb()

    def _solve(self, run: object, voltage_pu: complex, multiplier: float, settling: Settling = "none") -> complex:
        if not cmath.isfinite(voltage_pu) or abs(voltage_pu) > 10:
            raise SimulationError(f"{self._name} cannot be fed with a voltage of {voltage_pu} pu")
        head.set_voltage(self._engine, self._native, self._head, voltage_pu)
        if multiplier != self._multiplier:
            self._solution.LoadMult = self._own_multiplier * multiplier
            self._multiplier = multiplier
        self._voltages.follow(voltage_pu, multiplier)
        what = _Fed(voltage_pu, multiplier)
        solved(self._engine, self._name, what, run)  # type: ignore[arg-type]
        if settling != "none" and self._resources.follow_voltage:
            self._disturb()
            self._resources.settle(str(what), with_others=settling == "all")
        self._observer.solved()
        return self._power(what)

    def _solve_without_controls(self) -> None:
        self._native.init_snap()  # else the loads keep the multiplier of the last `Solve`; the control queue stays
        self._native.solve_no_control()
        self._native.check()

    def _sample_controls(self) -> None:
        self._native.sample_controls()
        self._native.check()

    def _power(self, what: object) -> complex:
        """Read the head after a solution, once for all who ask."""
        self._flow = head.flow(self._native, self._head)
        return checked_power(self._flow.total_kva, self._name, what)

    def _disturb(self) -> None:
        """Controls have settled or acted, or an event has happened."""
        self._positions.outdated()
        self._voltages.disturbed()

    def _set_clock(self, time_s: float) -> None:
        hour = int(time_s // 3600)
        if hour != self._hour:
            self._solution.Hour = self._hour = hour
        self._native.set_seconds(time_s - 3600 * hour)
