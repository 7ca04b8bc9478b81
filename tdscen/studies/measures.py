"""What the table of a sweep says of a run: a few figures by name, each with its unit at the end of the name."""

from __future__ import annotations

from collections.abc import Iterator

from tdscen.plan import Requirement
from tdscen.results.inertia_centre import centre_hz
from tdscen.results.measures import MEASURES
from tdscen.results.recovery import happenings, recoveries
from tdscen.results.run import Run
from tdscen.results.summary import InterfaceSummary, summary
from tdscen.results.traces import NotMeasured

Figure = float | bool | None
"""None: it was not recorded, or did not vary (a slope), or is not over (a recovery)."""

RECOVERED_PU = 0.9
"""A voltage has recovered that stays above it; `require { recovery = above(...) }` judges another level."""


def measures(run: Run) -> dict[str, Figure]:
    """The figures of a complete run, in the order of the table's columns.

    Of one interface the names stand alone, of several behind the interface's name and a slash. A requirement NAME is
    `require.NAME`, its figure in the unit that it is written in, and `require.NAME.holds`.
    """
    data = summary(run)
    found: dict[str, Figure] = {}
    for interface in data.interfaces:
        lead = f"{interface.name}/" if len(data.interfaces) > 1 else ""
        found |= {f"{lead}{name}": value for name, value in _of_interface(interface)}
        found |= {f"{lead}{name}": value for name, value in _recovery(run, interface.name)}
    found |= dict(_frequency(run))
    for outcome in data.outcomes:
        if outcome.required:
            found |= {f"require.{outcome.name}": outcome.measured, f"require.{outcome.name}.holds": outcome.holds}
    return found


def _of_interface(interface: InterfaceSummary) -> Iterator[tuple[str, Figure]]:
    voltage, power, reaction = interface.v_pu, interface.p_mw, interface.reaction
    yield "v_min_pu", voltage.lowest if voltage else None
    yield "v_max_pu", voltage.highest if voltage else None
    yield "p_min_mw", power.lowest if power else None
    yield "p_max_mw", power.highest if power else None
    yield "slope_pu_per_mw", reaction.slope_pu_per_mw if reaction else None
    yield "r_squared", reaction.r_squared if reaction else None
    yield "feeder_v_min_pu", interface.feeder_lowest.v_pu if interface.feeder_lowest else None
    yield "taps_moved", None if interface.taps_moved is None else float(interface.taps_moved)
    yield "p_factor", interface.p_factor


def _recovery(run: Run, interface: str) -> Iterator[tuple[str, Figure]]:
    """The longest time in s that V took after an event until it stayed above `RECOVERED_PU`; nothing without events."""
    when, name = happenings(run.plan), f"{interface}/v_pu"
    if not when.over_s:
        return
    voltage = run.recording.column(name) if name in run.recording else None
    found = () if voltage is None else recoveries(run.recording.time_s, voltage, RECOVERED_PU, when)
    back = [each.duration_s for each in found if each.back_s is not None]
    yield "recovery_s", max(back) if back and len(back) == len(found) else None


def _frequency(run: Run) -> Iterator[tuple[str, Figure]]:
    """In Hz: the lowest and highest speed of any recorded rotor, and of the centre of inertia: nadir and zenith."""
    asked = Requirement("frequency", "frequency", None, None, "Hz", "")
    try:
        traces = MEASURES["frequency"].traces(run.plan, run.recording, asked)
    except NotMeasured:
        traces = ()
    yield "frequency_min_hz", min((float(t.values.min()) for t in traces), default=None)
    yield "frequency_max_hz", max((float(t.values.max()) for t in traces), default=None)
    centre = centre_hz(run)
    if centre is not None:
        yield "coi_min_hz", float(centre.min())
        yield "coi_max_hz", float(centre.max())
