"""The variants of a study: the same models, scales and profiles, another coupling or communication step.

All variants let T integrate with the same step, so that they differ by coupling alone. The reference is iterative with
that integration step as its communication step: without lag, it is what the others converge to. Iterative with twice
the step shows how much T's own integration still moves: that is no lag, and belongs to no coupling.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, isclose

from tdscen.plan import Coupling, Plan, Refine

TOLERANCE_PU = 1e-8
"""Of the reference: what is left to agree on must be small against any lag."""

MAX_EXCHANGES = 50

ROUNDING = 1e-9
"""Two lengths this close, relative to each other, are one."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One run of the comparison. `as_written`: coupling and communication step are those of the scenario."""

    name: str
    plan: Plan
    as_written: bool
    reference: bool

    @property
    def coupling(self) -> Coupling:
        """How it couples."""
        return self.plan.simulation.coupling

    @property
    def step_s(self) -> float:
        """Its communication step in s."""
        return self.plan.simulation.step_s


def shortened(plan: Plan, stop_s: float) -> Plan:
    """The study until `stop_s`. Raises `ValueError` where that is not within it or no whole number of steps."""
    simulation = plan.simulation
    if not 0.0 < stop_s <= simulation.stop_s * (1 + ROUNDING):
        raise ValueError(f"the study stops at {simulation.stop_s:g} s: {stop_s:g} s does not lie within it")
    steps = round(stop_s / simulation.step_s)
    if steps < 1 or not isclose(steps * simulation.step_s, stop_s, rel_tol=ROUNDING):
        raise ValueError(f"{stop_s:g} s is no whole number of steps of {simulation.step_s:g} s")
    return replace(
        plan,
        simulation=replace(
            simulation,
            stop_s=stop_s,
            steps=steps,
            instants_s=tuple(t for t in simulation.instants_s if t < stop_s),
        ),
        events=tuple(event for event in plan.events if event.at_s < stop_s),
    )


def integration_step_s(plan: Plan) -> float:
    """T's step in every variant: the study's own, or as much less as makes half a communication step a multiple of it.

    A study without dynamics integrates nothing: half its communication step.
    """
    half_s = plan.simulation.step_s / 2
    return half_s / _parts(half_s, plan.transmission.step_s) if plan.transmission.dynamics else half_s


def variants(plan: Plan) -> tuple[Variant, ...]:
    """Serial and parallel with the study's communication step and half of it; iterative, the reference last."""
    whole_s, fine_s, refine = plan.simulation.step_s, integration_step_s(plan), plan.simulation.refine
    lagging = [
        _variant(plan, coupling, whole_s * part, fine_s, _refined(refine, part))
        for coupling in ("serial", "parallel")
        for part in (1.0, 0.5)
    ]
    # In the refined time, too, the reference goes on with the longest step within T's that divides half the study's.
    finest = 0.5 / _parts(refine.step_s / 2, fine_s) if refine else 0.5
    coarse = _variant(plan, "iterative", 2 * fine_s, 2 * fine_s, _refined(refine, 2 * finest))
    reference = _variant(plan, "iterative", fine_s, fine_s, _refined(refine, finest), reference=True)
    return (*lagging, coarse, reference)


def _variant(
    plan: Plan,
    coupling: Coupling,
    step_s: float,
    integration_step_s: float,
    refine: Refine | None,
    *,
    reference: bool = False,
) -> Variant:
    simulation = plan.simulation
    as_written = coupling == simulation.coupling and isclose(step_s, simulation.step_s, rel_tol=ROUNDING)
    tolerance_pu, most = simulation.tolerance_pu, simulation.max_exchanges
    if coupling == "iterative" and not as_written:
        tolerance_pu, most = min(TOLERANCE_PU, tolerance_pu or 1.0), MAX_EXCHANGES
    return Variant(
        name=f"{coupling}_{step_s:.6g}s",
        plan=replace(
            plan,
            transmission=replace(plan.transmission, step_s=integration_step_s),
            simulation=replace(
                simulation,
                step_s=step_s,
                steps=round(simulation.stop_s / step_s),
                coupling=coupling,
                tolerance_pu=tolerance_pu if coupling == "iterative" else None,
                max_exchanges=most if coupling == "iterative" else None,
                refine=refine,
            ),
            requirements=(),  # what the scenario requires is not the question here
        ),
        as_written=as_written,
        reference=reference,
    )


def _parts(length_s: float, at_most_s: float) -> int:
    """In how many equal parts a length is divided so that none is longer than `at_most_s`."""
    return ceil(length_s / at_most_s * (1 - ROUNDING))


def _refined(refine: Refine | None, part: float) -> Refine | None:
    return refine and replace(refine, step_s=refine.step_s * part)
