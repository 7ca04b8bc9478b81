"""A run in a notebook: what it was, its interfaces, its checks with their figures, and a small plot."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from tdscen.results.summary import InterfaceSummary, Summary

if TYPE_CHECKING:
    from tdscen.results.extents import Extent
    from tdscen.results.requirements import Outcome
    from tdscen.results.run import Run

MOST_ROWS = 20
"""So many interfaces are listed, and checks likewise."""

MOST_DRAWN, FEW_ROWS = 8, 100
_SIZE_IN, _DPI = (7.2, 2.3), 110
_MARKS = {True: ("✓", "#1a7f37"), False: ("✗", "#d1242f"), None: ("·", "inherit")}
_LEFT = "text-align:left"


def run_html(run: Run) -> str:
    """The run as HTML. It holds no wall time and no absolute path: the same run gives the same text."""
    summary = run.summary
    parts = [_heading(summary), _interfaces(summary.interfaces), _outcomes(summary.outcomes), _figure(run)]
    return f'<div class="tdscen">{"".join(parts)}</div>'


def _heading(summary: Summary) -> str:
    done = (
        f"{summary.name}, run {summary.run}: {summary.state}, {summary.steps_done} of {summary.steps} steps of "
        f"{summary.step_s:g} s{' at most' if summary.events else ''}, {summary.coupling} coupling"
    )
    cause = f'<div style="color:#d1242f">Not complete: {escape(summary.cause)}</div>' if summary.cause else ""
    return f"<div><b>{escape(summary.title)}</b></div><div>{escape(done)}</div>{cause}"


def _interfaces(interfaces: Sequence[InterfaceSummary]) -> str:
    rows = [
        (
            each.name,
            each.bus,
            _extent(each.v_pu, ".4f"),
            _extent(each.p_mw, ".2f"),
            _extent(each.q_mvar, ".2f"),
            f"{each.reaction.slope_pu_per_mw:.6f}" if each.reaction else "-",
            f"{each.reaction.r_squared:.3f}" if each.reaction else "-",
            f"{each.p_factor:.9g} ({each.scale_rule})",
        )
        for each in interfaces[:MOST_ROWS]
    ]
    names = ("interface", "bus", "V pu", "P MW", "Q MVAr", "dV/dP pu/MW", "r²", "scale")
    return _table(names, rows) + _further(len(interfaces), "interfaces")


def _outcomes(outcomes: Sequence[Outcome]) -> str:
    rows = []
    for outcome in outcomes[:MOST_ROWS]:
        mark, colour = _MARKS[outcome.holds]
        name = f"<b>{escape(outcome.name)}</b>" if outcome.required else escape(outcome.name)
        rows.append(
            f'<tr><td style="color:{colour};font-weight:bold">{mark}</td><td style="{_LEFT}">{name}</td>'
            f'<td style="{_LEFT}">{escape(outcome.sentence)}</td></tr>'
        )
    return f"<table>{''.join(rows)}</table>{_further(len(outcomes), 'checks')}"


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _further(number: int, what: str) -> str:
    return f"<div>... and {number - MOST_ROWS} more {what}</div>" if number > MOST_ROWS else ""


def _extent(extent: Extent | None, form: str) -> str:
    return "-" if extent is None else f"{extent.lowest:{form}} .. {extent.highest:{form}}"


def _figure(run: Run) -> str:
    """Voltage and power over time, as a picture inside the text; nothing where neither was recorded."""
    if run.recording.rows == 0:
        return ""
    content = base64.b64encode(small_plot(run)).decode("ascii")
    return f'<img alt="interface voltage and power over time" src="data:image/png;base64,{content}">'


def small_plot(run: Run) -> bytes:
    """Two panels, V in pu and P in MW of the first interfaces over time, as PNG."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    from tdscen.results import panels

    recording = run.recording
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update({"font.size": 8, "axes.grid": True, "grid.color": "0.9", "axes.formatter.useoffset": False})
        figure = Figure(figsize=_SIZE_IN, layout="constrained")
        axes = figure.subplots(1, 2)
        marker = ".-" if recording.rows <= FEW_ROWS else "-"  # between two rows nothing is known
        for ink in panels.inks(run.plan.interfaces[:MOST_DRAWN]):
            for place, quantity in zip(axes, ("v_pu", "p_mw"), strict=True):
                if f"{ink.name}/{quantity}" in recording:
                    values = recording.column(f"{ink.name}/{quantity}")
                    place.plot(recording.time_s, values, marker, color=ink.colour, lw=ink.width, ms=3, label=ink.name)
        for place, label in zip(axes, ("interface V in pu", "interface P in MW"), strict=True):
            place.set(xlabel="time in s", ylabel=label)
        if 1 < len(run.plan.interfaces) <= MOST_DRAWN:
            axes[0].legend(frameon=False, fontsize=7)
        into = io.BytesIO()
        figure.savefig(into, format="png", dpi=_DPI)
    return into.getvalue()
