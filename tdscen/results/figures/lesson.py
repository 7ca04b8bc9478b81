"""`lesson`: load factor, power, voltage, and how voltage answers power; the figure of the published lesson."""

from __future__ import annotations

from matplotlib.figure import Figure

from tdscen.event_words import happenings
from tdscen.plan import Interface
from tdscen.results import marks, panels
from tdscen.results.causality import undisturbed
from tdscen.results.figures.subject import Subject


def draw(subject: Subject) -> Figure:
    """Four panels of one run. Raises `ResultsError` for a run without a quantity that they show."""
    run, recording, traces = subject.run, subject.run.recording, subject.inks
    figure = subject.style.figure(wide=True, height_in=5.6)
    grid = figure.add_gridspec(2, 2)
    halves = grid[0, 1].subgridspec(2, 1, height_ratios=(3, 2), hspace=0.04)
    factor, upper = figure.add_subplot(grid[0, 0]), figure.add_subplot(halves[0])
    lower, volts = figure.add_subplot(halves[1], sharex=upper), figure.add_subplot(grid[1, 0])
    panels.load_factor(factor, recording, traces)
    panels.power(upper, lower, recording, traces)
    panels.voltage(volts, recording, traces, run.plan.requirements)
    events, end_s, hours = happenings(run.plan), float(recording.time_s[-1]), panels.in_hours(recording)
    for axes in (factor, upper, lower, volts):
        marks.mark(axes, events, end_s, in_hours=hours)
    marks.name(volts, events, end_s, in_hours=hours)
    panels.reaction(figure.add_subplot(grid[1, 1]), undisturbed(run.plan, recording), traces)
    return figure


def scales(chosen: tuple[Interface, ...]) -> str:
    """The factors of the interfaces in few words."""
    factors = {f"{each.scale.p_factor:.6g} ({each.scale.rule})" for each in chosen}
    if len(factors) == 1:
        where = "" if len(chosen) == 1 else f" at each of {len(chosen)} interfaces"
        return f"{factors.pop()}{where}"
    if len(chosen) > 3:
        values = [each.scale.p_factor for each in chosen]
        return f"{min(values):.6g} to {max(values):.6g} at {len(chosen)} interfaces"
    return ", ".join(f"{each.name} {each.scale.p_factor:.6g} ({each.scale.rule})" for each in chosen)
