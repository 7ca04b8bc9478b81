"""What requirements look at: each measure turns a run's table into traces (values over time at a place).

A measure that cannot be had says so by `NotMeasured`; it never stands in for missing data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tdscen.plan import Interface, Plan, Requirement
from tdscen.results.causality import causality
from tdscen.results.recording import Recording
from tdscen.results.recovery import recovery
from tdscen.results.traces import LAG_STEPS, NotMeasured, Trace, Values, column, power_mva

LOW_PU = 0.9
"""Below it a difference of drawn and delivered power is told with its voltage."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure: what it is called in sentences, its unit, the dimensions its limits may be written in.

    `strict`: the limits themselves are outside (a slope of exactly 0 is no reaction).
    """

    subject: str
    unit: str
    dimensions: tuple[str, ...]
    traces: Callable[[Plan, Recording, Requirement], tuple[Trace, ...]]
    strict: bool = False


def _voltage(plan: Plan, recording: Recording, _: Requirement) -> tuple[Trace, ...]:
    return tuple(
        Trace(interface.name, column(recording, f"{interface.name}/v_pu"), recording.time_s)
        for interface in plan.interfaces
    )


def _feeder_voltage(plan: Plan, recording: Recording, requirement: Requirement) -> tuple[Trace, ...]:
    needed = {"v_min_pu": requirement.minimum, "v_max_pu": requirement.maximum}
    unbounded = requirement.minimum is None and requirement.maximum is None
    return tuple(
        Trace(where, column(recording, f"{where}/feeder/{name}"), recording.time_s)
        for where in (f"{interface.name}/{interface.distribution}" for interface in plan.interfaces)
        for name, limit in needed.items()
        if limit is not None or unbounded
    )


def _frequency(plan: Plan, recording: Recording, _: Requirement) -> tuple[Trace, ...]:
    """Rotor speeds in Hz: `omega_pu` times the rated frequency of the transmission system."""
    start, end = f"{plan.transmission.name}/generator[", "/omega_pu"
    names = [name for name in recording.names if name.startswith(start) and name.endswith(end)]
    if not names:
        raise NotMeasured(f"no generator speed ({start}...]{end}) was recorded", violated=True)
    hertz = plan.transmission.frequency_hz
    return tuple(Trace(name.removesuffix(end), column(recording, name) * hertz, recording.time_s) for name in names)


def _balance(plan: Plan, recording: Recording, _: Requirement) -> tuple[Trace, ...]:
    """|S drawn by T in the step that ends at t_k - S delivered at the time that T read it|, in MVA.

    At t = 0 both belong to the equilibrium.
    """
    lag = LAG_STEPS[plan.simulation.coupling]
    source = np.maximum(np.arange(recording.rows) - lag, 0)
    traces = []
    for interface in plan.interfaces:
        drawn, delivered = power_mva(recording, interface.name, "drawn_"), power_mva(recording, interface.name)[source]
        difference = np.abs(drawn - delivered)
        note = _low_voltage(recording, interface.name, int(difference.argmax()))
        traces.append(Trace(interface.name, difference, recording.time_s, note))
    return tuple(traces)


def _low_voltage(recording: Recording, interface: str, row: int) -> str:
    """The voltage at that time where it is so low that T may draw as an impedance does (a load's `vmin`)."""
    name = f"{interface}/v_pu"
    v_pu = float(recording.column(name)[row]) if name in recording else 1.0
    return f"with V = {v_pu:.4g} pu" if v_pu < LOW_PU else ""


def _scaling(plan: Plan, recording: Recording, _: Requirement) -> tuple[Trace, ...]:
    return tuple(
        Trace(interface.name, _scaling_error(interface, recording), recording.time_s) for interface in plan.interfaces
    )


def _scaling_error(interface: Interface, recording: Recording) -> Values:
    """|scaled feeder power - interface power| over the larger of the two, from the factors that the plan states."""
    name, scale = interface.name, interface.scale
    p_mw = scale.p_factor * column(recording, f"{name}/p_kw") / 1e3
    q_mvar = scale.q_factor * column(recording, f"{name}/q_kvar") / 1e3
    if scale.shunt_mvar != 0:
        q_mvar = q_mvar - scale.shunt_mvar * column(recording, f"{name}/fed_v_pu") ** 2
    expected, stated = p_mw + 1j * q_mvar, power_mva(recording, name)
    larger = np.maximum(np.abs(expected), np.abs(stated))
    return np.asarray(np.abs(expected - stated) / np.where(larger > 0, larger, 1.0))


def _convergence(plan: Plan, recording: Recording, _: Requirement) -> tuple[Trace, ...]:
    lagging = LAG_STEPS[plan.simulation.coupling] > 0
    note = f"{plan.simulation.coupling}: from step to step, its angle included" if lagging else ""
    return tuple(
        Trace(interface.name, column(recording, f"{interface.name}/mismatch_pu"), recording.time_s, note)
        for interface in plan.interfaces
    )


def _unbalance(plan: Plan, recording: Recording, _: Requirement) -> tuple[Trace, ...]:
    """|I2| / |I1| at each feeder's head; see `tdscen.runtime.phases`."""
    return tuple(
        Trace(interface.name, column(recording, f"{interface.name}/unbalance"), recording.time_s)
        for interface in plan.interfaces
    )


_POWER = ("active power", "reactive power", "apparent power")

MEASURES: dict[str, Measure] = {
    "voltage": Measure("the interface voltage", "pu", ("per unit", "number"), _voltage),
    "feeder_voltage": Measure("the feeder voltage", "pu", ("per unit", "number"), _feeder_voltage),
    "frequency": Measure("the frequency", "Hz", ("frequency",), _frequency),
    "balance": Measure("power drawn less power delivered", "MW", _POWER, _balance),
    "scaling": Measure("the scaling error", "", ("per unit", "number"), _scaling),
    "causality": Measure("the slope of V on drawn P", "pu/MW", ("number",), causality, strict=True),
    "convergence": Measure("the last voltage mismatch", "pu", ("per unit", "number"), _convergence),
    "unbalance": Measure("the current unbalance", "", ("number",), _unbalance),
    "recovery": Measure("the recovery time", "s", ("time",), recovery),
}
