"""What a run has to say for itself, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tdscen import codec
from tdscen.event_words import Happening, happenings
from tdscen.plan import Coupling, Interface
from tdscen.results.causality import reaction, undisturbed
from tdscen.results.extents import Extent, extent, values
from tdscen.results.recording import Recording
from tdscen.results.requirements import Outcome, judge
from tdscen.results.resources import ResourceSummary, resource_summaries
from tdscen.results.run import Run
from tdscen.results.traces import NotMeasured


@dataclass(frozen=True, slots=True)
class Lowest:
    """The lowest voltage anywhere in a feeder, in pu, and when it was met."""

    v_pu: float
    time_s: float


@dataclass(frozen=True, slots=True)
class Unbalance:
    """The highest |I2| / |I1| at a feeder's head, and when it was met."""

    ratio: float
    time_s: float


@dataclass(frozen=True, slots=True)
class Reaction:
    """The regression of V on the power that T drew; see `causality.reaction`."""

    slope_pu_per_mw: float
    r_squared: float


@dataclass(frozen=True, slots=True)
class InterfaceSummary:
    """One interface. What was not recorded, or (for `reaction`) did not vary, is None.

    `exchanges` counts those of the steps, `exchanges_most` those of the step with most,
    `exchanges_start` those of the equilibrium at t = 0.
    """

    name: str
    bus: str
    distribution: str
    scale_rule: str
    p_factor: float
    q_factor: float
    shunt_mvar: float
    derivation: str
    profile: str
    v_pu: Extent | None
    p_mw: Extent | None
    q_mvar: Extent | None
    multiplier: Extent | None
    reaction: Reaction | None
    exchanges: int | None
    exchanges_most: int | None
    exchanges_start: int | None
    taps_moved: int | None
    feeder_lowest: Lowest | None
    unbalance: Unbalance | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """A run at a glance. `wall_s` is None until the run has ended."""

    title: str
    name: str
    run: str
    state: Literal["running", "complete", "failed", "lost"]
    cause: str | None
    steps_done: int
    steps: int
    step_s: float
    stop_s: float
    coupling: Coupling
    transmission: str
    interfaces: tuple[InterfaceSummary, ...]
    outcomes: tuple[Outcome, ...]
    wall_s: float | None
    resources: tuple[ResourceSummary, ...] = ()
    events: tuple[Happening, ...] = ()
    resumed_s: tuple[float, ...] = ()


def summary(run: Run) -> Summary:
    """Sum up a run, complete or not. Nothing is taken from `run.json` that the table itself can say."""
    plan, recording = run.plan, run.recording
    return Summary(
        title=plan.title,
        name=plan.name,
        run=run.folder.name,
        state=run.info["state"],
        cause=run.cause,
        steps_done=run.steps_done,
        steps=plan.steps,
        step_s=plan.simulation.step_s,
        stop_s=plan.simulation.stop_s,
        coupling=plan.simulation.coupling,
        transmission=plan.transmission.name,
        interfaces=tuple(
            _interface(interface, recording, undisturbed(plan, recording)) for interface in plan.interfaces
        ),
        outcomes=judge(plan, recording),
        wall_s=(run.info.get("timings") or {}).get("wall_s") or None,
        resources=tuple(resource_summaries(plan, recording)),
        events=happenings(plan),
        resumed_s=tuple(again["at_s"] for again in run.info.get("resumed", ())),
    )


def to_json(data: Summary) -> str:
    """The summary as JSON with sorted keys."""
    return codec.dumps(data)


def _interface(interface: Interface, recording: Recording, calm: Recording) -> InterfaceSummary:
    """`calm`: the rows up to the first event, over which the reaction is judged."""

    def of(quantity: str) -> NDArray[np.float64] | None:
        return values(recording, f"{interface.name}/{quantity}")

    exchanges, taps = of("exchanges"), of("taps_moved")
    return InterfaceSummary(
        name=interface.name,
        bus=str(interface.bus),
        distribution=interface.distribution,
        scale_rule=interface.scale.rule,
        p_factor=interface.scale.p_factor,
        q_factor=interface.scale.q_factor,
        shunt_mvar=interface.scale.shunt_mvar,
        derivation=interface.scale.derivation,
        profile=interface.profile_name,
        v_pu=extent(of("v_pu")),
        p_mw=extent(of("p_mw")),
        q_mvar=extent(of("q_mvar")),
        multiplier=extent(of("multiplier")),
        reaction=_reaction(calm, interface.name),
        exchanges=None if exchanges is None else int(exchanges[1:].sum()),
        exchanges_most=None if exchanges is None else int(exchanges[1:].max(initial=0)),
        exchanges_start=None if exchanges is None else int(exchanges[0]),
        taps_moved=None if taps is None else int(taps.sum()),
        feeder_lowest=_lowest(
            recording, values(recording, f"{interface.name}/{interface.distribution}/feeder/v_min_pu")
        ),
        unbalance=_most_unbalanced(recording, of("unbalance")),
    )


def _lowest(recording: Recording, v_pu: NDArray[np.float64] | None) -> Lowest | None:
    if v_pu is None:
        return None
    at = int(v_pu.argmin())
    return Lowest(float(v_pu[at]), float(recording.time_s[at]))


def _most_unbalanced(recording: Recording, ratio: NDArray[np.float64] | None) -> Unbalance | None:
    if ratio is None:
        return None
    at = int(ratio.argmax())
    return Unbalance(float(ratio[at]), float(recording.time_s[at]))


def _reaction(recording: Recording, interface: str) -> Reaction | None:
    try:
        line, _ = reaction(recording, interface)
    except NotMeasured:
        return None
    return None if line is None else Reaction(line.slope, line.r_squared)
