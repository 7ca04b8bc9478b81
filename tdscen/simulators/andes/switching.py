"""What happens in a case at a time: the plan's events as ANDES's own devices, and events that the case file brings.

Faults are `Fault` devices, lines and generators are switched by `Toggle`, both act where ANDES's switch is thrown
(`TDS.do_switch`). Setpoints go through ANDES's own setpoint call; loads are `loads.Loads`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tdscen.plan import Event
from tdscen.simulators.andes.loading import System
from tdscen.simulators.errors import SimulationError
from tdscen.times import SAME_S

if TYPE_CHECKING:
    from tdscen.simulators.andes.loads import Loads

FAULT_PU = 1e-4
"""Reactance of a fault that states none, as in ANDES."""

_SETPOINTS = {"p_ref": "pref", "v_ref": "vref"}

CONTROLLERS = {"p_ref": ("TurbineGov", "syn"), "v_ref": ("Exciter", "syn")}
"""Without one ANDES would write the setpoint to the machine itself, where it means something else."""


def add_devices(system: System, events: Sequence[Event], name: str) -> None:
    """Add a device for each event that ANDES has one for, before set-up. Raises `SimulationError`."""
    for event in events:
        idx = f"tdscen_{event.name}"
        match event.action:
            case "fault":
                system.add("Fault", idx=idx, bus=event.target.key, **_fault(event))
            case "open" | "close" | "trip":
                model = model_of(system, event, name)
                system.add("Toggle", idx=idx, model=model, dev=event.target.key, t=event.at_s)


def _fault(event: Event) -> dict[str, float]:
    stated = event.resistance_pu is not None or event.reactance_pu is not None
    fault = {"tf": event.at_s, "rf": event.resistance_pu or 0.0}
    fault["xf"] = (event.reactance_pu or 0.0) if stated else FAULT_PU
    return fault if event.clear_after_s is None else fault | {"tc": event.at_s + event.clear_after_s}


def model_of(system: System, event: Event, name: str) -> str:
    """The ANDES model of the device that an event switches."""
    device, key = event.target.device, event.target.key
    groups = {"line": ("ACLine",), "generator": ("SynGen", "StaticGen")}.get(device, ())
    for group in groups:
        for model in getattr(system, group).models.values():
            if key in model.idx.v:
                return str(model.class_name)
    raise SimulationError(f"{name} has no {device} {key!r} to {event.action}: compile the scenario again")


class Switching:
    """The times at which something switches, and the switch itself; for a system whose dynamics are initialised."""

    def __init__(self, system: System, events: Sequence[Event], loads: Loads, name: str) -> None:
        self._system, self._loads, self._name = system, loads, name
        self._sets = [event for event in events if event.action == "set"]
        system.n_switches = 0  # ANDES's list has a time before and after each: ours are communication times
        self._times_s = sorted({*_device_times(system), *(event.at_s for event in self._sets)})
        self._done = 0

    def act(self) -> bool:
        """Do what is due at the current time, once. True where something was."""
        now = float(self._system.dae.t)
        if self._done == len(self._times_s) or self._times_s[self._done] > now + SAME_S:
            return False
        due_s = self._times_s[self._done]
        self._done += 1
        for event in self._sets:
            if event.at_s == due_s:
                self._set(event)
        self._system.dae.t[...] = due_s  # the devices compare times to the last bit
        self._system.TDS.custom_event = True
        self._system.TDS.do_switch()
        return True

    def between(self, end: float) -> float | None:
        """The first switching time after the current time and before `end`."""
        now = float(self._system.dae.t)
        return next((t for t in self._times_s[self._done :] if now + SAME_S < t < end - SAME_S), None)

    def _set(self, event: Event) -> None:
        system, key, quantity = self._system, event.target.key, event.target.quantity or ""
        value, base_mva = event.value or 0.0, float(system.config.mva)
        try:
            if event.target.device == "load":
                part = {"p": "p_pu", "q": "q_pu"}[quantity]
                uid = int(system.PQ.idx2uid(key))
                if system.PQ.ue.v[uid] != 1:
                    raise SimulationError("another load model of the case stands for it while dynamics run")
                self._loads.change(uid, **{part: value / base_mva})
                return
            controller, _ = system.SynGen._find_controller(system, key, *CONTROLLERS[quantity])
            if controller is None:
                raise SimulationError(f"it has no {CONTROLLERS[quantity][0]}")
            scaled = value / base_mva if quantity == "p_ref" else value
            system.SynGen.set_setpoint(system, key, _SETPOINTS[quantity], scaled)
        except Exception as error:
            what = f"{event.target.device} {key} of {self._name}"
            raise SimulationError(f"event {event.name} cannot set {quantity} of {what}: {error}") from error


def _device_times(system: System) -> set[float]:
    """When devices of the case that are in service act, from the start on."""
    found: set[float] = set()
    for model in system.exist.pflow_tds.values():
        for timer in model.timer_params.values():
            if timer.callback is not None:
                rows = zip(np.asarray(timer.v, np.float64), model.u.v, strict=True)
                found |= {float(t) for t, online in rows if online and np.isfinite(t) and t >= 0}
    return found
