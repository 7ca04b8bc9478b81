"""Devices of a power flow: what is recorded of them, and what events do to them between two power flows.

A dynamic generator is its share of the static generator that it models.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tdscen.facts import Key
from tdscen.plan import Event, Observation
from tdscen.simulators.andes.loading import System
from tdscen.simulators.andes.switching import model_of
from tdscen.simulators.errors import SimulationError
from tdscen.times import SAME_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tdscen.simulators.adapters import Floats

_SETTINGS = {("load", "p"): "p0", ("load", "q"): "q0", ("generator", "p_ref"): "p0", ("generator", "v_ref"): "v0"}
"""The parameter of ANDES's power flow that an event's `set` changes."""


def static_generator(system: System, key: Key) -> tuple[Any, int, float, float]:
    """ANDES's model and position of a static generator, and the shares in its P and Q. Raises `KeyError`."""
    shares = (1.0, 1.0)
    for model in system.SynGen.models.values():
        if key in model.idx.v:
            at = model.idx2uid(key)
            if hasattr(model, "gammap"):
                shares = (float(model.gammap.v[at]), float(model.gammaq.v[at]))
            key = model.gen.v[at]
            break
    model = system.StaticGen.idx2model(key)
    return (model, int(model.idx2uid(key)), *shares)


class StaticReader:
    """Reads recorded quantities after each power flow."""

    def __init__(self, system: System, observe: Sequence[Observation]) -> None:
        """Raises `KeyError` for a device that the case does not have."""
        rows = [_row(system, observation) for observation in observe]
        self._count = len(rows)
        self._groups: list[tuple[Any, str, Any, NDArray[np.intp], NDArray[np.intp], Floats]] = []
        for device, name, status in dict.fromkeys(row[:3] for row in rows):
            chosen = [i for i, row in enumerate(rows) if row[:3] == (device, name, status)]
            at = np.array([rows[i][3] for i in chosen], np.intp)
            factor = np.array([rows[i][4] for i in chosen])
            self._groups.append((device, name, status, np.array(chosen, np.intp), at, factor))

    def read(self) -> Floats:
        """The values of the last power flow, in the units of the observations."""
        values = np.empty(self._count)
        for variable, name, status, chosen, at, factor in self._groups:
            online = 1.0 if status is None else status.v[at]
            values[chosen] = getattr(variable, name)[at] * factor * online
        return values


def _row(system: System, observation: Observation) -> tuple[Any, str, Any, int, float]:
    """Variable, its attribute, the status of its devices (None: always there), position, factor."""
    base_mva, key = float(system.config.mva), observation.key
    assert key is not None
    match observation.device, observation.quantity:
        case "bus", ("v" | "a") as quantity:
            return getattr(system.Bus, quantity), "v", None, int(system.Bus.idx2uid(key)), 1.0
        case "load", ("p" | "q") as quantity:
            term = system.PQ.a if quantity == "p" else system.PQ.v
            return term, "e", None, int(system.PQ.idx2uid(key)), base_mva
        case "generator", ("p" | "q") as quantity:
            model, at, p_share, q_share = static_generator(system, key)
            return getattr(model, quantity), "v", model.ue, at, base_mva * (p_share if quantity == "p" else q_share)
    raise KeyError(f"{observation.device}.{observation.quantity}")


class StaticSwitching:
    """Events between power flows: lines are switched, generators trip, loads and setpoints take values."""

    def __init__(self, system: System, events: Sequence[Event], interfaces: NDArray[np.intp], name: str) -> None:
        """Raises `SimulationError` for an event that means nothing in a power flow."""
        self._system, self._name = system, name
        own = {system.PQ.idx.v[i] for i in interfaces}
        self._due = sorted(events, key=lambda event: event.at_s)
        for event in self._due:
            if event.target.device == "load" and event.target.key in own:
                raise SimulationError(
                    f"event {event.name} sets load {event.target.key}, whose place a feeder has taken"
                )
            self._check(event)

    def act(self, now_s: float) -> None:
        """Do what is due at `now_s`, once. Raises `SimulationError`."""
        while self._due and self._due[0].at_s <= now_s + SAME_S:
            self._do(self._due.pop(0))

    def _check(self, event: Event) -> None:
        what = f"event {event.name}: {self._name} is a power flow at each communication time,"
        if event.action == "fault":
            raise SimulationError(f"{what} which a fault has no meaning in")
        if event.target.device != "generator":
            return
        try:
            model, _, p_share, _ = static_generator(self._system, event.target.key)
        except KeyError:
            raise SimulationError(f"{self._name} has no generator {event.target.key!r}: compile again") from None
        if p_share != 1:
            raise SimulationError(f"{what} in which generator {event.target.key} is a part of another and has no own")
        if model.class_name == "Slack" and (event.action != "set" or event.target.quantity == "p_ref"):
            raise SimulationError(
                f"{what} in which generator {event.target.key} is the slack: it takes what the others leave"
            )

    def _do(self, event: Event) -> None:
        system, target = self._system, event.target
        if event.action == "set":
            self._set(event)
        elif target.device == "generator":
            model, at, _, _ = static_generator(system, target.key)
            system.set_status(model.class_name, model.idx.v[at], 0)
        else:
            system.set_status(model_of(system, event, self._name), target.key, int(event.action == "close"))

    def _set(self, event: Event) -> None:
        target, value = event.target, event.value or 0.0
        parameter = _SETTINGS[target.device, target.quantity or ""]
        if target.device == "load":
            model, at = self._system.PQ, int(self._system.PQ.idx2uid(target.key))
        else:
            model, at, _, _ = static_generator(self._system, target.key)
        getattr(model, parameter).v[at] = value if parameter == "v0" else value / float(self._system.config.mva)
