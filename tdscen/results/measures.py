"""What requirements look at: each measure turns a run's table into traces (values over time at a place).

A measure that cannot be had says so by `NotMeasured`; it never stands in for missing data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tdscen.plan import Interface, Plan, Requirement
from tdscen.results.recording import Recording
from tdscen.results.recovery import happenings, recoveries
from tdscen.results.regression import Line, fit_line
from tdscen.times import SAME_S

Values = NDArray[np.float64]
Powers = NDArray[np.complex128]

LAG_STEPS = {"serial": 1, "parallel": 1, "iterative": 0}
"""How many steps before t_k the feeder delivered the power that T draws in the step that ends at t_k."""

LEAST_VARIATION = 1e-4
"""Range of drawn P over its largest magnitude below which its effect on V is not told from tap motion and round-off."""

LEAST_R_SQUARED = 0.1
"""Below it others (feeders at other buses) move V more than the P drawn at the bus, and the sign says nothing."""

LEAST_DRIVE = 1e-2
"""Range of the load factor over its largest magnitude from which drawn P has to vary: a load that T never sees change
is the mistake that this check exists for."""

LOW_PU = 0.9
"""Below it a difference of drawn and delivered power is told with its voltage."""

LEAST_REACTION_PU = 1e-9
"""Range of V that the start's own tolerance leaves open; a voltage that moves less did not react."""


class NotMeasured(Exception):  # noqa: N818 - an answer rather than an error
    """The measure has no value; `violated` tells whether that breaks a requirement or leaves it open."""

    def __init__(self, sentence: str, *, violated: bool) -> None:
        super().__init__(sentence)
        self.violated = violated


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Values at one place, at the times beside them (None: one value for the whole run), in the measure's own unit."""

    where: str
    values: Values
    time_s: Values | None
    note: str = ""


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


def column(recording: Recording, name: str) -> Values:
    """A recorded column of finite numbers. Raises `NotMeasured` otherwise."""
    if recording.rows == 0:
        raise NotMeasured("the run has no completed step", violated=True)
    if name not in recording:
        raise NotMeasured(f"{name} was not recorded", violated=True)
    values = recording.column(name)
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        at = recording.time_s[bad[0]]
        raise NotMeasured(f"{name} is not a finite number at t = {at:g} s", violated=True)
    return values


def power_mva(recording: Recording, interface: str, prefix: str = "") -> Powers:
    """`p_mw + j q_mvar` of an interface (`prefix` "drawn_": what T drew)."""
    p = column(recording, f"{interface}/{prefix}p_mw")
    return np.asarray(p + 1j * column(recording, f"{interface}/{prefix}q_mvar"))


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


def _causality(plan: Plan, recording: Recording, _: Requirement) -> tuple[Trace, ...]:
    """Slope of V on drawn P, in pu/MW, at each interface whose drawn P varied; until the first event."""
    whole, recording = recording, undisturbed(plan, recording)
    first_s = min(plan.simulation.instants_s, default=0.0)
    until = "" if recording.rows == whole.rows else f" until the first event at t = {first_s:g} s"
    traces, still, deaf = [], [], []
    for interface in plan.interfaces:
        line, variation = reaction(recording, interface.name)
        if line is not None and line.slope != 0.0 and line.r_squared < LEAST_R_SQUARED:
            still.append(f"V at {interface.name} hardly follows the P drawn there (r² = {line.r_squared:.3f})")
            continue
        if line is not None:
            note = f"r² = {line.r_squared:.3f} over {recording.rows} points{until}"
            traces.append(Trace(interface.name, np.array([line.slope]), None, note))
            continue
        still.append(f"P drawn at {interface.name} varied by {variation:.3g} MW{until}")
        factor = _driving_factor(plan, recording, interface.name)
        if factor is not None:
            deaf.append(f"{still[-1]} while its load factor went from {factor[0]:.4g} to {factor[1]:.4g}")
    if deaf:
        raise NotMeasured("; ".join(deaf), violated=True)
    if not traces:
        raise NotMeasured("; ".join(still), violated=False)
    return tuple(traces)


def _driving_factor(plan: Plan, recording: Recording, interface: str) -> tuple[float, float] | None:
    """Lowest and highest load factor that T can have drawn by the last step; None where it hardly varied."""
    name = f"{interface}/multiplier"
    felt = recording.rows - LAG_STEPS[plan.simulation.coupling]
    if name not in recording or felt < 1:
        return None
    values = column(recording, name)[:felt]
    low, high = float(values.min()), float(values.max())
    return (low, high) if high - low > LEAST_DRIVE * max(abs(low), abs(high)) else None


def undisturbed(plan: Plan, recording: Recording) -> Recording:
    """The rows up to the first event. A fault or an opened line moves V and P together (a deep dip draws less), which
    says nothing about how V answers P."""
    if not plan.simulation.instants_s:
        return recording
    rows = int(np.searchsorted(recording.time_s, min(plan.simulation.instants_s) + SAME_S, side="right"))
    return Recording(recording.names, recording.values[:rows])


def reaction(recording: Recording, interface: str) -> tuple[Line | None, float]:
    """The line of V (pu) over drawn P (MW), None where P hardly varied; and the range of drawn P in MW.

    Drawn, not delivered: the delivered power answers the voltage, so that its slope has the sign of the load's own
    voltage dependence.
    """
    p_mw = column(recording, f"{interface}/drawn_p_mw")
    v_pu = column(recording, f"{interface}/v_pu")
    variation = float(np.ptp(p_mw))
    if variation <= LEAST_VARIATION * float(np.abs(p_mw).max()):
        return None, variation
    if float(np.ptp(v_pu)) < LEAST_REACTION_PU:
        return Line(0.0, float(v_pu.mean()), 0.0), variation
    return fit_line(p_mw, v_pu), variation


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


def _recovery(plan: Plan, recording: Recording, requirement: Requirement) -> tuple[Trace, ...]:
    """Time in s until the voltage stays above the level, for every interface and event (`tdscen.results.recovery`)."""
    level = requirement.level_pu
    if level is None:
        raise NotMeasured("it states no level that the voltage has to recover to", violated=True)
    when, allowed_s = happenings(plan), requirement.maximum if requirement.maximum is not None else np.inf
    traces, open_ = [], []
    for interface in plan.interfaces:
        v_pu = column(recording, f"{interface.name}/v_pu")
        for found in recoveries(recording.time_s, v_pu, level, when):
            note = found.note(level)
            values, since_s = np.array([found.duration_s]), np.array([found.since_s])
            traces.append(Trace(interface.name, values, since_s, note))
            if found.back_s is None and found.duration_s <= allowed_s:
                open_.append(f"V at {interface.name} is {note}, {found.duration_s:g} s after t = {found.since_s:g} s")
    if not traces:
        raise NotMeasured("no event is over before the recording ends", violated=True)
    if open_ and all(trace.values[0] <= allowed_s for trace in traces):
        raise NotMeasured(f"{open_[0]}: a longer run would tell", violated=True)
    return tuple(traces)


_POWER = ("active power", "reactive power", "apparent power")

MEASURES: dict[str, Measure] = {
    "voltage": Measure("the interface voltage", "pu", ("per unit", "number"), _voltage),
    "feeder_voltage": Measure("the feeder voltage", "pu", ("per unit", "number"), _feeder_voltage),
    "frequency": Measure("the frequency", "Hz", ("frequency",), _frequency),
    "balance": Measure("power drawn less power delivered", "MW", _POWER, _balance),
    "scaling": Measure("the scaling error", "", ("per unit", "number"), _scaling),
    "causality": Measure("the slope of V on drawn P", "pu/MW", ("number",), _causality, strict=True),
    "convergence": Measure("the last voltage mismatch", "pu", ("per unit", "number"), _convergence),
    "unbalance": Measure("the current unbalance", "", ("number",), _unbalance),
    "recovery": Measure("the recovery time", "s", ("time",), _recovery),
}
