"""Where feeders are attached to a case: each interface has a static load (`PQ`) of its own.

An interface that takes the place of a bus's only load has that load. One that takes the place of a part, shares its
bus with others or stands at a bus with several loads has a load that is added, and what it takes is taken out of the
bus's loads, of each in proportion. A bus without a load gets one of zero power.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tdscen.facts import Key
from tdscen.simulators.adapters import Attachment
from tdscen.simulators.errors import SimulationError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tdscen.simulators.andes.loading import System

    Places = NDArray[np.intp]

NOTHING_PU = 1e-12
"""A load of less is what rounding leaves when everything was taken out of it."""


def attach(system: System, interfaces: Sequence[Attachment], name: str) -> tuple[Key, ...]:
    """The load of every interface, before set-up. Raises `SimulationError`."""
    own = _by_bus(system)
    taken: dict[Key, complex] = {}
    loads = []
    for attachment in interfaces:
        if attachment.replace_mw is None and attachment.load is not None:
            loads.append(attachment.load)
            continue
        at = own.get(attachment.bus, [])
        if attachment.replace_mw is not None and not at:
            raise SimulationError(
                f"{name} has no load at bus {attachment.bus!r} to replace a part of: compile the scenario again"
            )
        part = complex(attachment.replace_mw or 0.0, attachment.replace_mvar or 0.0) / float(system.config.mva)
        taken[attachment.bus] = taken.get(attachment.bus, 0j) + part
        loads.append(_add(system, attachment, part, at, name))
    for bus, part in taken.items():
        _take_out(system, own.get(bus, []), part)
    return tuple(loads)


def places(system: System, interfaces: Sequence[Attachment], loads: Sequence[Key], name: str) -> tuple[Places, Places]:
    """Positions of the interfaces' buses and of their loads in a system that is set up. Raises `SimulationError`."""
    buses = np.array([_uid(system.Bus, a.bus, "bus", name) for a in interfaces], np.intp)
    at = np.array([_uid(system.PQ, load, "load", name) for load in loads], np.intp)
    for attachment, uid in zip(interfaces, at.tolist(), strict=True):
        _check_load(system, attachment, uid, name)
    return buses, at


def _by_bus(system: System) -> dict[Key, list[int]]:
    """Positions of the case's loads in service at each bus, before set-up."""
    found: dict[Key, list[int]] = {}
    for i, (bus, online) in enumerate(zip(system.PQ.bus.v, system.PQ.u.v, strict=True)):
        if online:
            found.setdefault(bus, []).append(i)
    return found


def _take_out(system: System, at: Sequence[int], part: complex) -> None:
    """Take `part` (pu) out of the loads at these positions."""
    pq = system.PQ
    total = sum((complex(pq.p0.v[i], pq.q0.v[i]) for i in at), 0j)
    for i in at:
        pq.p0.v[i] = _rest(pq.p0.v[i], total.real, part.real)
        pq.q0.v[i] = _rest(pq.q0.v[i], total.imag, part.imag)


def _rest(own: float, total: float, part: float) -> float:
    if total == 0:
        return float(own)
    rest = float(own) - float(own) / total * part
    return 0.0 if abs(rest) < NOTHING_PU else rest


def _add(system: System, attachment: Attachment, part: complex, at: Sequence[int], name: str) -> Key:
    """A load of `part` (pu) for an interface; `at` are the loads that it stands for."""
    bus = system.Bus
    if attachment.bus not in bus.idx.v:
        raise SimulationError(f"{name} has no bus {attachment.bus!r}: compile the scenario again")
    rated_kv = bus.Vn.v[bus.idx.v.index(attachment.bus)]
    values = {"bus": attachment.bus, "Vn": rated_kv, "p0": part.real, "q0": part.imag}
    for i in at[:1]:  # the voltage limits of what it stands for
        values |= {"vmin": system.PQ.vmin.v[i], "vmax": system.PQ.vmax.v[i]}
    return system.add("PQ", idx=f"tdscen_{attachment.name}", **values)  # type: ignore[no-any-return]


def _uid(model: Any, key: Key, device: str, name: str) -> int:
    try:
        return int(model.idx2uid(key))
    except KeyError:
        raise SimulationError(f"{name} has no {device} {key!r}: compile the scenario again") from None


def _check_load(system: System, attachment: Attachment, uid: int, name: str) -> None:
    pq = system.PQ
    if pq.bus.v[uid] != attachment.bus:
        raise SimulationError(f"load {pq.idx.v[uid]} of {name} is at bus {pq.bus.v[uid]}, not at bus {attachment.bus}")
    if pq.u.v[uid] != 1:
        raise SimulationError(f"load {pq.idx.v[uid]} of {name} is out of service in the case")
