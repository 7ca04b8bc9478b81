"""What the runs of a comparison say, as data: one row a variant, the reference last."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import log2

import numpy as np

from tdscen.plan import Coupling, Plan
from tdscen.profiles import Profile
from tdscen.results.recording import Recording
from tdscen.times import SAME_S
from tdscen.verify.comparison import Comparison, compare
from tdscen.verify.jumps import jumps_s
from tdscen.verify.running import Done


@dataclass(frozen=True, slots=True)
class Row:
    """A variant. `comparison` is None for the reference, and where `failure` says why there is nothing to compare.

    `order`: by which power of the step the RMS of the voltage falls from this row to the one with half the step.
    """

    coupling: Coupling
    step_s: float
    integration_step_s: float
    tolerance_pu: float | None
    as_written: bool
    reference: bool
    failure: str | None
    comparison: Comparison | None
    order: float | None
    refined_step_s: float | None
    exchanges_mean: float | None
    exchanges_most: int | None
    taps_moved: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """A comparison. `swing_pu`: by how much the reference's voltage moves at each interface (None: no reference).

    `jumping_steps`: in how many of the `steps` of the study some profile (of a load, of a resource) jumps.
    """

    title: str
    name: str
    parameters: tuple[tuple[str, str], ...]
    interfaces: tuple[str, ...]
    stop_s: float
    steps: int
    jumping_steps: int
    dynamics: bool
    swing_pu: tuple[float, ...] | None
    rows: tuple[Row, ...]

    @property
    def reference(self) -> Row:
        """What the others are compared with."""
        return self.rows[-1]

    @property
    def failed(self) -> bool:
        """Whether some variant has no figures."""
        return any(row.failure for row in self.rows)


def report(plan: Plan, done: Sequence[Done]) -> Report:
    """Compare the runs of a plan's variants; the reference comes last."""
    names = tuple(interface.name for interface in plan.interfaces)
    jumps = sorted({t for profile in _profiles(plan) for t in jumps_s(profile, plan.simulation.stop_s)})
    reference = done[-1].run.recording if done[-1].run else None

    def row(one: Done) -> Row:
        failure, comparison = one.failure, None
        if one.run and not one.variant.reference:
            if reference is None:
                failure = "there is no reference to compare it with"
            else:
                instants_s = plan.simulation.instants_s
                comparison = compare(one.run.recording, reference, names, instants_s=instants_s, jumps_s=jumps)
        return _row(one, names, failure, comparison)

    rows = [row(one) for one in done]
    return Report(
        title=plan.title,
        name=plan.name,
        parameters=plan.parameters,
        interfaces=names,
        stop_s=plan.simulation.stop_s,
        steps=plan.steps,
        jumping_steps=_jumping(plan.times_s, jumps),
        dynamics=plan.transmission.dynamics,
        swing_pu=None if reference is None else tuple(_swing(reference, name) for name in names),
        rows=tuple(_with_order(row, rows) for row in rows),
    )


def _profiles(plan: Plan) -> set[Profile]:
    """What loads and resources follow; seeds do not matter for the times at which they jump."""
    found = {interface.profile for interface in plan.interfaces}
    for resource in plan.resources:
        found |= {profile for profile in (resource.profile, resource.charge, resource.discharge) if profile}
    return found


def _row(one: Done, names: Sequence[str], failure: str | None, comparison: Comparison | None) -> Row:
    simulation, recording = one.variant.plan.simulation, one.run.recording if one.run else None
    exchanges = taps = None
    if recording is not None:
        exchanges = np.max([recording.column(f"{name}/exchanges")[1:] for name in names], axis=0)
        taps = sum(float(recording.column(f"{name}/taps_moved").sum()) for name in names)
    return Row(
        coupling=simulation.coupling,
        step_s=simulation.step_s,
        integration_step_s=one.variant.plan.transmission.step_s,
        tolerance_pu=simulation.tolerance_pu,
        as_written=one.variant.as_written,
        reference=one.variant.reference,
        failure=failure,
        comparison=comparison,
        order=None,
        refined_step_s=simulation.refine.step_s if simulation.refine else None,
        exchanges_mean=None if exchanges is None else float(exchanges.mean()),
        exchanges_most=None if exchanges is None else int(exchanges.max()),
        taps_moved=None if taps is None else int(taps),
    )


def _with_order(row: Row, rows: Sequence[Row]) -> Row:
    """With the order, where a lagging coupling has run with half the step too."""
    halves = [r for r in rows if r.coupling == row.coupling and abs(2 * r.step_s - row.step_s) < 1e-9 * row.step_s]
    if row.coupling == "iterative" or not halves or row.comparison is None or halves[0].comparison is None:
        return row
    coarse, fine = row.comparison.worst("v_pu").rms, halves[0].comparison.worst("v_pu").rms
    return replace(row, order=log2(coarse / fine) if min(coarse, fine) > 0.0 else None)


def _swing(reference: Recording, interface: str) -> float:
    v_pu = reference.column(f"{interface}/v_pu")
    return float(v_pu.max() - v_pu.min())


def _jumping(times_s: Sequence[float], jumps: Sequence[float]) -> int:
    seen = [bisect_right(jumps, t + SAME_S) for t in times_s]
    return sum(after > before for before, after in pairwise(seen))
