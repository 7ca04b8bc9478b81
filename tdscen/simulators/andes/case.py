"""A case whose interfaces have loads of their own, and its power flow: what both ANDES adapters begin with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from tdscen.plan import Event, ModelFile, Option
from tdscen.simulators.adapters import Attachment
from tdscen.simulators.andes.attaching import attach, places
from tdscen.simulators.andes.loading import (
    check_voltages,
    configure,
    find,
    load,
    set_up,
    solve_power_flow,
    switch_off_events,
)
from tdscen.simulators.andes.switching import add_devices
from tdscen.simulators.errors import SimulationError

if TYPE_CHECKING:
    from tdscen.simulators.adapters import Complexes, Floats


class AttachedCase:
    """A case, loaded, with feeders in the place of loads; after construction its own power flow is solved.

    `system` is ANDES's, `bus` and `load` are the positions of the interfaces' buses and loads in it (n), `notes` grow.
    """

    def __init__(
        self,
        model: ModelFile,
        folder: Path,
        interfaces: Sequence[Attachment],
        *,
        disable_events: bool,
        options: Sequence[Option],
        events: Sequence[Event] = (),
    ) -> None:
        """Load the case; `events` are those that become devices of ANDES. Raises `SimulationError`."""
        self.name = PurePosixPath(model.path).stem
        self.system = system = load(find(model, Path(folder)))
        self.notes = list(switch_off_events(system) if disable_events else ())
        own = attach(system, interfaces, self.name)
        add_devices(system, events, self.name)
        set_up(system, self.name)
        configure(system, options)
        self.base_mva = float(system.config.mva)
        self.bus, self.load = places(system, interfaces, own, self.name)
        self.solve()

    @property
    def voltage_pu(self) -> Complexes:
        """Voltage phasors of the interface buses in pu, as last solved (n)."""
        bus = self.system.Bus
        return np.asarray(bus.v.v[self.bus] * np.exp(1j * bus.a.v[self.bus]))

    @property
    def drawn_mva(self) -> Complexes:
        """Power that each interface's load drew in the last solution: ANDES's own term of the bus balance (n)."""
        pq = self.system.PQ
        return np.asarray((pq.a.e[self.load] + 1j * pq.v.e[self.load]) * self.base_mva)

    def draw(self, power_mva: Sequence[complex] | Complexes) -> None:
        """What the interfaces' loads draw in the next power flow."""
        power_pu = np.asarray(power_mva, np.complex128) / self.base_mva
        self.system.PQ.p0.v[self.load] = power_pu.real
        self.system.PQ.q0.v[self.load] = power_pu.imag

    def solve(self) -> None:
        """Power flow from the case's own starting point. Raises `SimulationError`."""
        solve_power_flow(self.system, self.name)
        self._note_impedances()
        check_voltages(self.system, self.name)

    def voltages(self) -> tuple[Floats, Floats]:
        """Magnitude in pu and angle in rad of every bus, as last solved."""
        bus = self.system.Bus
        return np.array(bus.v.v), np.array(bus.a.v)

    def solve_from(self, voltages: tuple[Floats, Floats]) -> None:
        """Power flow from these `voltages`. Raises `SimulationError`."""
        bus = self.system.Bus
        starts = (bus.v0, bus.a0)
        own = [start.v.copy() for start in starts]
        try:
            for start, values in zip(starts, voltages, strict=True):
                start.v[:] = values
            self.solve()
        finally:
            for start, values in zip(starts, own, strict=True):
                start.v[:] = values

    def _note_impedances(self) -> None:
        """ANDES makes a load an impedance where its voltage leaves the load's limits in the power flow."""
        pq = self.system.PQ
        if not pq.n:
            return
        for uid in np.flatnonzero((pq.vcmp.zi < 0.5) & (pq.u.v > 0.5)):
            v_pu = float(pq.v.v[uid])
            if uid in self.load:
                raise SimulationError(
                    f"the power flow of {self.name} puts bus {pq.bus.v[uid]} at {v_pu:.3f} pu, outside "
                    f"{pq.vmin.v[uid]:g} to {pq.vmax.v[uid]:g} pu, where ANDES makes the interface's load an impedance"
                )
            note = f"load {pq.idx.v[uid]} at bus {pq.bus.v[uid]} is an impedance at {v_pu:.3f} pu in the power flow"
            if note not in self.notes:
                self.notes.append(note)
