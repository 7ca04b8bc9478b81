"""What the resources of a study did, feeder by feeder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tdscen.plan import Plan
from tdscen.results.extents import Extent, extent, values
from tdscen.results.recording import Recording


@dataclass(frozen=True, slots=True)
class ResourceSummary:
    """A resource in the feeder of one interface; delivered powers. What was not recorded is None.

    `out_s` is when it was first out of service, `out_rows` in how many rows; `energy_kwh` (of a storage) at the end.
    """

    interface: str
    name: str
    device: str
    p_kw: Extent | None
    q_kvar: Extent | None
    v_pu: Extent | None
    energy_kwh: float | None
    out_s: float | None
    out_rows: int


def resource_summaries(plan: Plan, recording: Recording) -> Iterator[ResourceSummary]:
    """In the order of the interfaces, then of the scenario."""
    for interface in plan.interfaces:
        for resource in plan.resources_of(interface.distribution):
            prefix = f"{interface.name}/{interface.distribution}/{resource.device}[{resource.name}]"
            energy, connected = values(recording, f"{prefix}/energy_kwh"), values(recording, f"{prefix}/connected")
            out = np.flatnonzero(connected == 0) if connected is not None else np.array([], np.intp)
            yield ResourceSummary(
                interface=interface.name,
                name=resource.name,
                device=resource.device,
                p_kw=extent(values(recording, f"{prefix}/p_kw")),
                q_kvar=extent(values(recording, f"{prefix}/q_kvar")),
                v_pu=extent(values(recording, f"{prefix}/v_pu")),
                energy_kwh=None if energy is None else float(energy[-1]),
                out_s=float(recording.time_s[out[0]]) if len(out) else None,
                out_rows=len(out),
            )
