"""The figure of a run: load factor, power, voltage, and how voltage answers power.

Drawn by matplotlib without a window and without its global state; the same run gives the same SVG.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text

from tdscen.event_words import happenings
from tdscen.plan import Interface
from tdscen.results import marks, panels
from tdscen.results.causality import undisturbed
from tdscen.results.errors import ResultsError, UnknownQuantity
from tdscen.results.run import Run
from tdscen.suggest import did_you_mean, one_of

SUFFIXES = (".png", ".svg", ".pdf")

_STYLE: dict[Any, Any] = {
    "font.size": 8.5,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.titlepad": 15,  # room for the panel's legend below its title
    "axes.labelsize": 8.5,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.useoffset": False,
    "axes.xmargin": 0.02,
    "grid.color": "0.9",
    "grid.linewidth": 0.6,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "legend.borderpad": 0.1,
    "legend.handlelength": 1.6,
    "legend.labelspacing": 0.3,
    "svg.hashsalt": "tdscen",
    "savefig.dpi": 200,
}
_METADATA: dict[str, dict[str, None]] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {}}
_SIZE_IN = (7.16, 5.6)
"""As wide as two columns of an IEEE paper."""


def plot(run: Run, path: Path, interface: str | None = None) -> None:
    """Draw the four panels into `path` (`.png`, `.svg` or `.pdf`), for all interfaces or for one.

    Raises `ResultsError` for another suffix, a run without a completed step or without a quantity that the figure
    shows, `UnknownQuantity` for an interface that the plan does not have.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ResultsError(f"{path.name}: a figure is written as {one_of(SUFFIXES)}")
    chosen = _choose(run, interface)
    if run.recording.rows == 0:
        raise ResultsError(f"{run.folder} has no completed step to draw: {run.cause}")
    with mpl.rc_context():
        mpl.rcdefaults()  # a user's matplotlibrc must not change a figure
        mpl.rcParams.update(_STYLE)
        draw(run, chosen).savefig(path, metadata=_METADATA[suffix])


def _choose(run: Run, name: str | None) -> tuple[Interface, ...]:
    chosen = tuple(interface for interface in run.plan.interfaces if name in (None, interface.name))
    if not chosen:
        known = [interface.name for interface in run.plan.interfaces]
        mend = did_you_mean(str(name), known) or f"it has {one_of(known)}"
        raise UnknownQuantity(f"{run.plan.name} has no interface {name}; {mend}")
    return chosen


def draw(run: Run, chosen: tuple[Interface, ...]) -> Figure:
    """The figure, laid out; the caller has set the style."""
    recording, traces = run.recording, panels.inks(chosen)
    figure = Figure(figsize=_SIZE_IN, layout=ConstrainedLayoutEngine(wspace=0.06, hspace=0.05))
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
    title = figure.suptitle(run.plan.title, fontsize=11, fontweight="bold", wrap=True)
    foot = figure.supxlabel(_provenance(run, chosen), fontsize=6.5, color="0.35", wrap=True)
    _fix_layout(figure, (title, foot))
    return figure


def _fix_layout(figure: Figure, texts: tuple[Text, ...]) -> None:
    """Lay the figure out now, and round what comes out.

    The layout's solver differs in its last bits from call to call, which shows in the files' digits.
    """
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes in figure.axes:
        axes.set_position(tuple(round(edge, 4) for edge in axes.get_position().bounds))
    for text in texts:
        x, y = text.get_position()
        text.set_position((round(x, 4), round(y, 4)))


def _provenance(run: Run, chosen: tuple[Interface, ...]) -> str:
    plan = run.plan
    parts = [
        f"{plan.name}, run {run.folder.name}",
        f"{plan.source} {plan.source_sha256[:8]}",
        f"{plan.simulation.coupling} coupling, step {plan.simulation.step_s:g} s",
        f"scale {_scales(chosen)}",
    ]
    if not run.complete:
        parts.append(f"NOT COMPLETE: {run.steps_done} of {plan.steps} steps")
    return "  ·  ".join(parts)


def _scales(chosen: tuple[Interface, ...]) -> str:
    factors = {f"{each.scale.p_factor:.6g} ({each.scale.rule})" for each in chosen}
    if len(factors) == 1:
        where = "" if len(chosen) == 1 else f" at each of {len(chosen)} interfaces"
        return f"{factors.pop()}{where}"
    told = ", ".join(f"{each.name} {each.scale.p_factor:.6g} ({each.scale.rule})" for each in chosen[:3])
    return f"{told} and {len(chosen) - 3} more" if len(chosen) > 3 else told
