"""The four panels of a run's figure, each drawn into axes that it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from tdscen import units
from tdscen.plan import Interface, Requirement
from tdscen.profiles import Normal
from tdscen.results import causality
from tdscen.results import traces as measured
from tdscen.results.errors import ResultsError
from tdscen.results.recording import HOURS_FROM_S, Recording, Values

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6D31")
"""The palette of Okabe and Ito (2008), which colour-blind readers can tell apart; a brown in place of its yellow, which
paper does not show. More interfaces than colours are drawn as thin lines."""

_FEW_POINTS = 60
_LEAST_SPAN_PU = 1e-4
"""Smallest height of the voltage axis: below it the curve would be round-off blown up to look like a result."""

_LEAST_SPAN_PARTS = 1e-3
"""Smallest width of the axis of drawn P, in parts of it."""


@dataclass(frozen=True, slots=True)
class Ink:
    """How one interface is drawn."""

    interface: Interface
    colour: str
    width: float
    alone: bool

    @property
    def name(self) -> str:
        """The interface's name, under which its quantities are recorded."""
        return self.interface.name


def inks(interfaces: tuple[Interface, ...]) -> tuple[Ink, ...]:
    """One colour each while the colours last, then thin lines."""
    width = 1.4 if len(interfaces) <= len(COLOURS) else 0.5
    return tuple(
        Ink(interface, COLOURS[i % len(COLOURS)], width, len(interfaces) == 1) for i, interface in enumerate(interfaces)
    )


def load_factor(axes: Axes, recording: Recording, traces: tuple[Ink, ...]) -> None:
    """The multiplier over time, with its band: mean ± 2 std of a normal profile, else the extent of the values."""
    drawn: list[Values] = []
    bands: dict[tuple[float, float], tuple[str, str]] = {}
    for ink in traces:
        values = _column(recording, f"{ink.name}/multiplier")
        low, high, name = _band(ink.interface, values)
        bands.setdefault((low, high), (name, ink.colour))
        if not any(np.array_equal(values, other) for other in drawn):
            drawn.append(values)
            axes.step(_time(axes, recording), values, where="post", color=ink.colour, lw=ink.width, zorder=3)
    if len(drawn) == 1 and len(traces) > 1:
        axes.lines[0].set_color("0.2")  # the same at all interfaces: nobody's colour
    if len(bands) <= len(COLOURS):
        for (low, high), (name, colour) in bands.items():
            axes.axhspan(low, high, color=colour if len(bands) > 1 else "0.5", alpha=0.15, lw=0, label=name)
    _widen(axes, 0.01)
    axes.set(title="(a) Load factor", ylabel="multiplier")
    if len(bands) == 1:
        _legend_above(axes)


def power(upper: Axes, lower: Axes, recording: Recording, traces: tuple[Ink, ...]) -> None:
    """P above, Q below: what T drew in each step as a line over that step, what the feeder delivered at its time."""
    for axes, quantity in ((upper, "p_mw"), (lower, "q_mvar")):
        time = _time(axes, recording)
        for ink in traces:
            drawn = _column(recording, f"{ink.name}/drawn_{quantity}")
            delivered = _column(recording, f"{ink.name}/{quantity}")
            axes.step(time, drawn, where="pre", color=ink.colour, lw=ink.width, label="drawn by T")
            points = axes.plot(time, delivered, "o", ms=3.2, mfc="white", mew=0.9, color=ink.colour, zorder=3)[0]
            points.set_label("delivered by D")
            if recording.rows > _FEW_POINTS:
                points.set(marker="", linestyle=":", linewidth=0.8)
    upper.set(title="(b) Interface power", ylabel="P (MW)", xlabel="")
    upper.tick_params(labelbottom=False)
    lower.set(ylabel="Q (MVAr)")
    _legend_above(upper, upper.lines[:2], "0.2" if len(traces) > 1 else None)


def voltage(axes: Axes, recording: Recording, traces: tuple[Ink, ...], requirements: tuple[Requirement, ...]) -> None:
    """The interface voltage over time, with the limits that the scenario requires of it."""
    time = _time(axes, recording)
    marker = "o" if recording.rows <= _FEW_POINTS else ""
    for ink in traces:
        values = _column(recording, f"{ink.name}/v_pu")
        axes.plot(time, values, color=ink.colour, lw=ink.width, marker=marker, ms=2.5)
    _widen(axes, _LEAST_SPAN_PU)
    axes.set(title="(c) Interface voltage", ylabel="V (pu)")
    asked = [requirement for requirement in requirements if requirement.measure == "voltage"]
    if asked:
        for requirement in asked:
            limits(axes, requirement)
        _legend_above(axes)


def reaction(axes: Axes, recording: Recording, traces: tuple[Ink, ...]) -> None:
    """V over the P that T drew, with the regression that the causality check judges; names the interfaces' colours."""
    slopes = []
    few = recording.rows <= _FEW_POINTS
    for ink in traces:
        p_mw, v_pu = _column(recording, f"{ink.name}/drawn_p_mw"), _column(recording, f"{ink.name}/v_pu")
        axes.plot(p_mw, v_pu, "o", color=ink.colour, ms=3.2 if few else 1.5, alpha=0.7, mew=0)
        line, variation = causality.reaction(recording, ink.name)
        prefix = "" if ink.alone else f"{ink.name}: "
        if line is None:
            text = f"{prefix}no trend, P varied by {variation:.2g} MW"
            axes.plot([], [], color="none" if ink.alone else ink.colour, label=text)
            continue
        slopes.append(line.slope)
        ends = np.array([p_mw.min(), p_mw.max()])
        text = f"{prefix}{_signed(line.slope)} pu/MW, r² = {line.r_squared:.3f}"
        axes.plot(ends, line.intercept + line.slope * ends, color=ink.colour, lw=max(0.6, ink.width * 0.7), label=text)
    _widen(axes, _LEAST_SPAN_PU)
    low_mw, high_mw = axes.get_xlim()
    if high_mw - low_mw < _LEAST_SPAN_PARTS * abs(high_mw):  # round-off, whose digits would cover each other
        axes.set_xlim(low_mw - _LEAST_SPAN_PARTS * abs(high_mw), high_mw + _LEAST_SPAN_PARTS * abs(high_mw))
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4))
    axes.set(title="(d) V over drawn P", xlabel="P drawn by T (MW)", ylabel="V (pu)")
    if len(traces) == 1:
        _legend_above(axes)
    elif len(traces) <= len(COLOURS):
        low, high = axes.get_ylim()
        axes.set_ylim(low, high + (high - low) * 0.09 * len(traces))
        axes.legend(loc="upper right")
    elif slopes:
        text = f"{len(slopes)} trends, {_signed(min(slopes))} to {_signed(max(slopes))} pu/MW"
        _legend_above(axes, axes.plot([], [], color="none", label=text))


def _legend_above(axes: Axes, lines: Sequence[Line2D] | None = None, colour: str | None = None) -> None:
    """A legend between title and axes, where it covers no data; of `lines` alone, or of all that has a label."""
    handles: Sequence[Artist] = axes.get_legend_handles_labels()[0]
    if lines is not None:
        handles = lines
    legend = axes.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=len(handles),
        borderaxespad=0.1,
        columnspacing=1.0,
    )
    for line in legend.get_lines():
        if colour is not None:
            line.set_color(colour)


def _column(recording: Recording, name: str) -> Values:
    try:
        return measured.column(recording, name)
    except measured.NotMeasured as reason:
        raise ResultsError(f"the figure cannot be drawn: {reason}") from None


def in_hours(recording: Recording) -> bool:
    """Whether a time axis is in h: from three hours on."""
    return bool(recording.time_s[-1] >= HOURS_FROM_S)


def _time(axes: Axes, recording: Recording) -> Values:
    """The time in s or h; labels the axis accordingly."""
    hours = in_hours(recording)
    axes.set_xlabel("time (h)" if hours else "time (s)")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 3, 5, 6, 10]))
    return recording.time_s / 3600 if hours else recording.time_s


def _band(interface: Interface, values: Values) -> tuple[float, float, str]:
    match interface.profile:
        case Normal(mean, std):
            return mean - 2 * std, mean + 2 * std, "mean ± 2 std"
    return float(values.min()), float(values.max()), "lowest to highest"


def limits(axes: Axes, requirement: Requirement) -> None:
    """Limits as dashed lines; those too far away to show without flattening the curve are only named."""
    low, high = axes.get_ylim()
    factor = units.UNITS[requirement.unit].factor
    asked = [limit for limit in (requirement.minimum, requirement.maximum) if limit is not None]
    shown = [limit * factor for limit in asked if 2 * low - high <= limit * factor <= 2 * high - low]
    for limit_pu in shown:
        axes.axhline(limit_pu, color="0.25", lw=1.0, ls=(0, (5, 3)))
    words = " to ".join(f"{limit:g}" for limit in asked)
    if len(asked) == 1:
        words = f"{'at least' if requirement.minimum is not None else 'at most'} {words}"
    text = f"required {words} {requirement.unit}" + ("" if shown else " (off the axis)")
    axes.plot([], [], color="0.25" if shown else "none", lw=1.0, ls=(0, (5, 3)), label=text)


def _widen(axes: Axes, least: float) -> None:
    low, high = axes.get_ylim()
    if high - low < least:
        middle = (low + high) / 2
        axes.set_ylim(middle - least / 2, middle + least / 2)


def _signed(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")
