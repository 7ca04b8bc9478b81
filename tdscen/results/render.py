"""The summary as text for people."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tdscen.results.extents import Extent
from tdscen.results.requirements import Outcome
from tdscen.results.summary import InterfaceSummary, Summary
from tdscen.results.terminal import recording_console

_ABSENT = "-"
_NAMES = ("interface", "bus", "feeder", "resource")
_MARKS = {True: ("✓", "green"), False: ("✗", "red"), None: ("·", "dim")}


def render_text(summary: Summary, width: int = 80, *, color: bool = False) -> str:
    """The summary in at most `width` columns; `color` adds terminal styles. The same summary gives the same text."""
    console = recording_console(width, color=color)
    with console.capture() as captured:
        _heading(console, summary)
        console.print(_boundary(summary))
        console.print(_feeders(summary))
        if summary.resources:
            console.print(_resources(summary))
        _events(console, summary)
        _scales(console, summary)
        for heading, outcomes in (
            ("Requirements", [outcome for outcome in summary.outcomes if outcome.required]),
            ("Checks", [outcome for outcome in summary.outcomes if not outcome.required]),
        ):
            if outcomes:
                console.print(Text(f"\n{heading}", style="bold"))
                console.print(_outcomes(outcomes))
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def _heading(console: Console, summary: Summary) -> None:
    console.print(Text(summary.title, style="bold"))
    wall = "" if summary.wall_s is None else f", wall time {summary.wall_s:.1f} s"
    console.print(
        f"{summary.name}, run {summary.run}: {summary.state}, {summary.steps_done} of {summary.steps} steps of "
        f"{summary.step_s:g} s{' at most' if summary.events else ''}, {summary.coupling} coupling{wall}"
    )
    if summary.resumed_s:
        times = ", ".join(f"{at_s:g} s" for at_s in summary.resumed_s)
        console.print(f"interrupted and resumed at t = {times} (wall time since then)")
    if summary.cause:
        console.print(Text(f"Not complete: {summary.cause}", style="red"))


def _table(*headings: str) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for heading in headings:
        table.add_column(heading, justify="left" if heading in _NAMES else "right", overflow="fold")
    return table


def _boundary(summary: Summary) -> Padding:
    table = _table("interface", "bus", "V pu", "P MW", "Q MVAr", "dV/dP\npu/MW", "\nr²")
    for interface in summary.interfaces:
        reaction = interface.reaction
        table.add_row(
            interface.name,
            interface.bus,
            _extent(interface.v_pu, ".4f"),
            _extent(interface.p_mw, "#.4g"),
            _extent(interface.q_mvar, "#.3g"),
            _ABSENT if reaction is None else f"{reaction.slope_pu_per_mw:.3g}",
            _ABSENT if reaction is None else f"{reaction.r_squared:.3f}",
        )
    return Padding(table, (1, 0, 0, 0))


def _feeders(summary: Summary) -> Padding:
    table = _table(
        "interface", "feeder", "load factor", "lowest\nV pu", "at s", "I2/I1\nmost %", "tap\nmoves", "exchanges"
    )
    for interface in summary.interfaces:
        lowest = interface.feeder_lowest
        table.add_row(
            interface.name,
            interface.distribution,
            _extent(interface.multiplier, ".3f"),
            _ABSENT if lowest is None else f"{lowest.v_pu:.4f}",
            _ABSENT if lowest is None else f"{lowest.time_s:g}",
            _ABSENT if interface.unbalance is None else f"{100 * interface.unbalance.ratio:.3g}",
            _ABSENT if interface.taps_moved is None else str(interface.taps_moved),
            _exchanges(interface),
        )
    return Padding(table, (1, 0, 0, 0))


def _resources(summary: Summary) -> Padding:
    table = _table("interface", "resource", "P kW", "Q kvar", "V pu", "left\nkWh", "first out\nat s")
    for resource in summary.resources:
        table.add_row(
            resource.interface,
            f"{resource.device} {resource.name}",
            _extent(resource.p_kw, ".1f"),
            _extent(resource.q_kvar, ".1f"),
            _extent(resource.v_pu, ".4f"),
            _ABSENT if resource.energy_kwh is None else f"{resource.energy_kwh:.4g}",
            "never" if resource.out_s is None else f"{resource.out_s:.6g}",
        )
    return Padding(table, (1, 0, 0, 0))


def _events(console: Console, summary: Summary) -> None:
    if not summary.events:
        return
    console.print(Text("\nEvents", style="bold"))
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for event in summary.events:
        grid.add_row(f"{event.at_s:g} s", event.name, event.what)
    console.print(Padding(grid, (0, 0, 0, 2)))


def _scales(console: Console, summary: Summary) -> None:
    console.print(Text("\nScale", style="bold"))
    for interface in summary.interfaces:
        text = f"{interface.name}: {_factors(interface)} ({interface.scale_rule})"
        if interface.derivation:
            text = f"{text}; {interface.derivation}"
        console.print(Padding(Text(text), (0, 0, 0, 2)))


def _factors(interface: InterfaceSummary) -> str:
    if interface.p_factor == interface.q_factor:
        factors = f"{interface.p_factor:.9g} times P and Q"
    else:
        factors = f"{interface.p_factor:.9g} times P, {interface.q_factor:.9g} times Q"
    return f"{factors}, shunt {interface.shunt_mvar:.9g} MVAr" if interface.shunt_mvar else factors


def _outcomes(outcomes: list[Outcome]) -> Padding:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for outcome in outcomes:
        mark, style = _MARKS[outcome.holds]
        grid.add_row(Text(mark, style=style), outcome.name, outcome.sentence)
    return Padding(grid, (0, 0, 0, 2))


def _extent(extent: Extent | None, form: str) -> str:
    if extent is None:
        return _ABSENT
    lowest, highest = (f"{value:{form}}".rstrip(".") for value in (extent.lowest, extent.highest))
    return f"{lowest} .. {highest}"


def _exchanges(interface: InterfaceSummary) -> str:
    if interface.exchanges is None:
        return _ABSENT
    return f"{interface.exchanges} (most {interface.exchanges_most}, start {interface.exchanges_start})"
