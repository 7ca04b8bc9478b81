"""Requirements judged on a run's table. Every outcome states its figure; what cannot be had is never a pass."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from tdscen import units
from tdscen.plan import Plan, Requirement
from tdscen.results.measures import MEASURES, Measure
from tdscen.results.recording import Recording
from tdscen.results.traces import NotMeasured, Trace, power_mva


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one requirement came out.

    `measured`, `minimum` and `maximum` are in `unit`. `measured` is the value furthest outside the limits, or closest
    to them (the lowest value where there are none), met at `time_s` and `where`. `holds` is None where there was
    nothing to judge; `sentence` then says why. `required` is False for the checks that every run reports unasked;
    they never fail a run.
    """

    name: str
    measure: str
    measured: float | None
    minimum: float | None
    maximum: float | None
    unit: str
    time_s: float | None
    where: str | None
    holds: bool | None
    sentence: str
    required: bool = True


DEFAULT_CHECKS = (
    Requirement("balance", "balance", None, 1e-3, "kW", ""),
    Requirement("scaling", "scaling", None, 1e-9, "", ""),
    Requirement("causality", "causality", None, 0.0, "pu/MW", ""),
    Requirement("voltage", "voltage", None, None, "pu", ""),
)
"""Reported for every run. Balance and scaling repeat sums that the federates made in double precision: 1 W and 1e-9
leave room for their round-off and nothing else."""

STEEPEST = 4.0
"""No load's power changes faster with the voltage than by this many times itself in pu: an impedance's by twice."""


def default_checks(plan: Plan, recording: Recording) -> tuple[Requirement, ...]:
    """`DEFAULT_CHECKS`; iterative coupling agrees within its tolerance, powers within what that makes of them."""
    tolerance_pu = plan.simulation.tolerance_pu
    if tolerance_pu is None:
        return DEFAULT_CHECKS
    try:
        most_mva = max(float(np.abs(power_mva(recording, i.name)).max()) for i in plan.interfaces)
    except NotMeasured:
        return DEFAULT_CHECKS
    balance, *others = DEFAULT_CHECKS
    assert balance.maximum is not None
    return (replace(balance, maximum=balance.maximum + STEEPEST * tolerance_pu * most_mva * 1e3), *others)


def judge(plan: Plan, recording: Recording) -> tuple[Outcome, ...]:
    """The scenario's requirements in its order, then the default checks whose measure it does not require itself."""
    asked = {requirement.measure for requirement in plan.requirements}
    required = [judge_one(plan, recording, requirement) for requirement in plan.requirements]
    checks = [
        judge_one(plan, recording, check, required=False)
        for check in default_checks(plan, recording)
        if check.measure not in asked
    ]
    return (*required, *checks)


def judge_one(plan: Plan, recording: Recording, requirement: Requirement, *, required: bool = True) -> Outcome:
    """One requirement on one table; never raises for what the table holds or lacks."""
    try:
        measure, factor, requirement = _measure(requirement)
        traces = measure.traces(plan, recording, requirement)
    except NotMeasured as reason:
        said = f"{'cannot be judged' if reason.violated else 'not judged'}: {reason}"
        holds = False if reason.violated else None
        said = _with_message(said, requirement) if reason.violated else said
        return _outcome(requirement, required, None, None, None, holds, said)
    return _compare(requirement, required, measure, factor, traces)


def _measure(requirement: Requirement) -> tuple[Measure, float, Requirement]:
    """The measure, what to multiply its values by, and the requirement with its unit spelled out.

    A plain number is in the measure's own unit.
    """
    measure = MEASURES.get(requirement.measure)
    if measure is None:
        raise NotMeasured(f"there is no such measure (known: {', '.join(MEASURES)})", violated=True)
    if requirement.unit == measure.unit or (requirement.unit == "" and "number" in measure.dimensions):
        return measure, 1.0, replace(requirement, unit=measure.unit)
    unit = units.UNITS.get(requirement.unit)
    if unit is not None and unit.dimension in measure.dimensions:
        return measure, 1.0 / unit.factor, requirement
    asked = requirement.unit or "a plain number"
    raise NotMeasured(f"it is measured in {measure.unit or '%'}, not in {asked}", violated=True)


def _compare(
    requirement: Requirement, required: bool, measure: Measure, factor: float, traces: tuple[Trace, ...]
) -> Outcome:
    minimum = -math.inf if requirement.minimum is None else requirement.minimum
    maximum = math.inf if requirement.maximum is None else requirement.maximum
    bounded = math.isfinite(minimum) or math.isfinite(maximum)

    def margin(value: float) -> float:
        return min(value - minimum, maximum - value) if bounded else value

    worst, at, trace = min(
        (
            (float(trace.values[k]) * factor, int(k), trace)
            for trace in traces
            for k in (trace.values.argmin(), trace.values.argmax())
        ),
        key=lambda candidate: (margin(candidate[0]), candidate[1]),
    )
    time_s = None if trace.time_s is None else float(trace.time_s[at])
    place = f"at {trace.where}" + ("" if time_s is None else f", t = {time_s:g} s")
    note = f" ({trace.note})" if trace.note else ""
    said = f"{measure.subject} is {_figure(worst, requirement.unit)} {place}{note}"
    spare = margin(worst)
    if not bounded:
        highest = max(float(trace.values.max()) for trace in traces) * factor
        said = f"{said}, the lowest; the highest is {_figure(highest, requirement.unit)}"
        return _outcome(requirement, required, worst, time_s, trace.where, None, said)
    if spare > 0 or (spare == 0 and not measure.strict):
        said = f"{said}, within {_limits(requirement)}"
        return _outcome(requirement, required, worst, time_s, trace.where, True, said)
    beyond = f"{_figure(-spare, requirement.unit)} beyond" if spare < 0 else "not short of"
    said = _with_message(f"{said}, {beyond} {_limits(requirement)}", requirement)
    return _outcome(requirement, required, worst, time_s, trace.where, False, said)


def _outcome(
    requirement: Requirement,
    required: bool,
    measured: float | None,
    time_s: float | None,
    where: str | None,
    holds: bool | None,
    sentence: str,
) -> Outcome:
    return Outcome(
        name=requirement.name,
        measure=requirement.measure,
        measured=measured,
        minimum=requirement.minimum,
        maximum=requirement.maximum,
        unit=requirement.unit,
        time_s=time_s,
        where=where,
        holds=holds,
        sentence=sentence,
        required=required,
    )


def _with_message(sentence: str, requirement: Requirement) -> str:
    return f"{sentence} (required: {requirement.message})" if requirement.message else sentence


def _figure(value: float, unit: str) -> str:
    return f"{value:.6g} {unit}".rstrip()


def _limits(requirement: Requirement) -> str:
    low, high, unit = requirement.minimum, requirement.maximum, requirement.unit
    if low is not None and high is not None:
        return f"the limits {low:.6g} to {_figure(high, unit)}"
    if low is not None:
        return f"the minimum of {_figure(low, unit)}"
    return f"the maximum of {_figure(high, unit)}" if high is not None else "no limits"
