"""Steps, stop times and how long profiles last."""

from __future__ import annotations

from collections.abc import Iterator

from tdscen.diagnostics import Diagnostic, Label
from tdscen.language.added import without_dynamics
from tdscen.language.mending import seconds
from tdscen.language.models import Models
from tdscen.language.study import Study
from tdscen.language.values import ProfileValue
from tdscen.mends import instead
from tdscen.profiles import end_s, shortest_draw_s
from tdscen.source import Span

RELATIVE = 1e-9
"""How far a ratio of two written times may be from a whole number and still be one (rounding of decimals)."""


_PROFILES = (("interface", ("load",)), ("der", ("profile", "charge", "discharge")))
"""Attributes that are profiles, by the keyword of their block."""


def whole_steps(stop_s: float, step_s: float) -> int | None:
    """How many steps make up the stop time; None where they do not divide it."""
    steps = round(stop_s / step_s)
    return steps if steps >= 1 and abs(stop_s / step_s - steps) <= RELATIVE * steps else None


def step_divides_stop(study: Study, _models: Models) -> Iterator[Diagnostic]:
    """The run ends on a communication step."""
    block = study.first("simulation")
    step_s, stop_s = (block.number("step"), block.number("stop")) if block else (None, None)
    if block is None or step_s is None or stop_s is None or whole_steps(stop_s, step_s):
        return
    label = Label(block.span("step"), f"step is {step_s:g} s")
    if stop_s < step_s:
        message = f"the simulation stops at {stop_s:g} s, before its first step ends"
        yield Diagnostic("TDS420", message, block.span("stop"), labels=(label,))
        return
    below = int(stop_s / step_s) * step_s
    message = f"the step does not divide the stop time: {stop_s:g} s is {stop_s / step_s:.6g} steps"
    at = f"{below:g} s or {below + step_s:g} s would do"
    span = block.span("stop")
    fixes = (*instead(span, seconds(below)), *instead(span, seconds(below + step_s)))
    yield Diagnostic("TDS420", message, span, at, labels=(label,), fixes=fixes)


def profile_covers_stop(study: Study, _models: Models) -> Iterator[Diagnostic]:
    """A profile read from a file lasts as long as the run."""
    simulation = study.first("simulation")
    stop_s = simulation.number("stop") if simulation else None
    if simulation is None or stop_s is None:
        return
    given = [(block, name) for keyword, names in _PROFILES for block in study.all(keyword) for name in names]
    for block, name in given:
        value = block.value(name)
        end = end_s(value.profile) if isinstance(value, ProfileValue) else None
        if end is not None and end < stop_s * (1 - RELATIVE):
            label = Label(simulation.span("stop"), f"the simulation stops at {stop_s:g} s")
            message = f"the profile ends at {end:g} s, before the simulation does"
            help = "a longer file, or an earlier stop; nothing is assumed beyond the last row"
            yield Diagnostic("TDS421", message, block.span(name), f"data until {end:g} s", help, (label,))


MOST_STEPS = 100_000_000
"""Steps of a run, and draws of a profile: three years of seconds; a row of results takes about 100 bytes."""


def steps_are_bounded(study: Study, _models: Models) -> Iterator[Diagnostic]:
    """A run that would outlast its writer, or fill any disk, is a slip of the pen."""
    block = study.first("simulation")
    stop_s = block.number("stop") if block else None
    if block is None or stop_s is None:
        return
    for name in ("step", "transmission_step"):
        step_s = block.number(name)
        if step_s is not None and stop_s / step_s > MOST_STEPS:
            yield _too_many("the simulation has", stop_s / step_s, "steps", block.span(name))
            return


def draws_are_bounded(study: Study, _models: Models) -> Iterator[Diagnostic]:
    """Random profiles hold all their draws in memory."""
    simulation = study.first("simulation")
    stop_s = simulation.number("stop") if simulation else None
    for block, name in (
        (block, name) for keyword, names in _PROFILES for block in study.all(keyword) for name in names
    ):
        value = block.value(name)
        if stop_s is not None and isinstance(value, ProfileValue):
            every_s = shortest_draw_s(value.profile)
            if every_s is not None and stop_s / every_s > MOST_STEPS:
                yield _too_many("the profile has", stop_s / every_s, "draws", block.span(name))


def _too_many(what: str, count: float, unit: str, span: Span) -> Diagnostic:
    help = "a shorter run or longer intervals; look at the units"
    return Diagnostic("TDS435", f"{what} {count:.3g} {unit}: at most {MOST_STEPS:,} are possible", span, "", help)


def transmission_step_fits(study: Study, _models: Models) -> Iterator[Diagnostic]:
    """T takes one or several whole integration steps per communication step."""
    block = study.first("simulation")
    if block is None or "transmission_step" not in block.entries or _no_dynamics(study):
        return
    step_s, inner_s = block.number("step"), block.number("transmission_step")
    if step_s is None or inner_s is None or whole_steps(step_s, inner_s):
        return
    label = Label(block.span("step"), f"step is {step_s:g} s")
    count = max(1, round(step_s / inner_s))
    at = f"{step_s / count:.6g} s would make {count} of them"
    message = "a communication step is no whole number of integration steps"
    span = block.span("transmission_step")
    fixes = instead(span, seconds(step_s) if count == 1 else f"{seconds(step_s)} / {count}")
    yield Diagnostic("TDS422", message, span, at, labels=(label,), fixes=fixes)


def _no_dynamics(study: Study) -> bool:
    """T integrates nothing, so its step is not asked for."""
    return any(without_dynamics(study, block.label) for block in study.all("transmission"))


def iterative_steps_together(study: Study, _models: Models) -> Iterator[Diagnostic]:
    """Iterating a step to convergence needs T and D to take the same step."""
    block = study.first("simulation")
    if block is None or block.choice("coupling") != "iterative" or _no_dynamics(study):
        return
    step_s, inner_s = block.number("step"), block.number("transmission_step")
    if step_s is not None and inner_s is not None and step_s - inner_s > RELATIVE * step_s:
        label = Label(block.span("step"), f"step is {step_s:g} s")
        message = f"iterative coupling repeats one step of both sides, but T takes steps of {inner_s:.6g} s"
        help = "give both the same length, as in `step = 20 ms` and `transmission_step = 20 ms`"
        yield Diagnostic("TDS423", message, block.span("coupling"), help=help, labels=(label,))
