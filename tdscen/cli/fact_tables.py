"""Facts as tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import RenderableType
from rich.table import Table

from tdscen.facts import Bus, CaseEvent, DistributionFacts, TransmissionFacts

MOST_ROWS = 60

OWN_EVENTS = "Events of the case (off unless kept)"
"""By `disable_events = false` in the scenario."""


def transmission_tables(name: str, facts: TransmissionFacts) -> tuple[RenderableType, ...]:
    """A headline, then buses with their loads, generators, lines and the case's own events."""
    buses = (_bus_row(bus, facts) for bus in facts.buses)
    generators = ((g.idx, g.bus, g.model, f"{g.mva:g}", f"{g.p_mw:.6g}") for g in facts.generators)
    lines = ((x.idx, x.name, x.from_bus, x.to_bus, "" if x.online else "out") for x in facts.lines)
    events = ((e.model, _times(e), e.text, "" if e.online else "switched off in the case") for e in facts.events)
    kind = "dynamic" if facts.dynamic else "power flow only"
    return (
        f"[bold]{name}[/]: {len(facts.buses)} buses, {len(facts.loads)} loads "
        f"({sum(x.p_mw for x in facts.loads if x.online):.6g} MW), {len(facts.generators)} generators, "
        f"{len(facts.lines)} lines, {facts.base_mva:g} MVA base, {facts.frequency_hz:g} Hz, {kind}",
        *(f"[red]{problem}[/]" for problem in (facts.problem, facts.dynamics_problem) if problem),
        _table("Buses", ("bus", "name", "kV", "V pu", "angle rad", "load MW", "load MVAr"), buses),
        _table("Generators", ("generator", "bus", "model", "MVA", "MW"), generators),
        _table("Lines", ("line", "name", "from", "to", ""), lines),
        _table(OWN_EVENTS, ("kind", "at s", "what", ""), events),
    )


def _times(event: CaseEvent) -> str:
    return f"{event.time_s:g}" if event.until_s is None else f"{event.time_s:g} to {event.until_s:g}"


def _bus_row(bus: Bus, facts: TransmissionFacts) -> tuple[object, ...]:
    loads = [load for load in facts.loads if load.bus == bus.idx and load.online]
    p, q = ", ".join(f"{x.p_mw:.6g}" for x in loads), ", ".join(f"{x.q_mvar:.6g}" for x in loads)
    return (bus.idx, bus.name, f"{bus.kv:g}", f"{bus.v_pu:.5f}", f"{bus.angle_rad:.5f}", p, q)


def distribution_tables(name: str, facts: DistributionFacts) -> tuple[RenderableType, ...]:
    """A headline, then loads, regulators, capacitors, the model's own resources and buses."""
    source, head = facts.source, facts.head
    loads = ((x.name, x.bus, x.phases, f"{x.kw:g}", f"{x.kvar:g}", f"{x.kv:g}", x.model) for x in facts.loads)
    regulators = ((r.name, r.transformer, r.tap, f"{r.delay_s:g}", f"{r.tap_delay_s:g}") for r in facts.regulators)
    capacitors = ((c.name, c.bus, f"{c.kvar:g}", c.steps) for c in facts.capacitors)
    switched = (
        (x.name, x.from_bus, x.to_bus, "switch" if x.is_switch else "", "" if x.closed else "open") for x in facts.lines
    )
    generators = ((g.name, g.bus, f"{g.kw:g}", "" if g.online else "out") for g in facts.generators)
    resources = ((r.device, r.name, r.bus, r.phases, f"{r.kva:g}") for r in facts.resources)
    buses = ((b.name, f"{b.kv:g}", " ".join(str(p) for p in b.phases)) for b in facts.buses)
    lines = [f"[bold]{name}[/]: {len(facts.buses)} buses, {len(facts.loads)} loads, {facts.frequency_hz:g} Hz"]
    if facts.problem:
        lines.append(f"[red]{facts.problem}[/]")
    if source:
        setting = f"{source.kv:g} kV, set to {source.v_pu:g} pu, {source.angle_deg:g} deg"
        lines.append(f"source {source.name} at bus {source.bus}: {setting}")
    if head:
        behind = f"behind transformer {head.transformer}" if head.transformer else "at the source"
        lines.append(f"head {behind}: {head.v_pu:.5f} pu, {facts.head_p_kw:.6g} kW, {facts.head_q_kvar:.6g} kvar")
        rated = f"{facts.loads_p_kw:.6g} kW, {facts.loads_q_kvar:.6g} kvar"
        lines.append(f"loads rated {rated}; losses {facts.losses_p_kw:.6g} kW")
        low, high = f"{facts.v_min_pu:.4f} pu ({facts.v_min_bus})", f"{facts.v_max_pu:.4f} pu ({facts.v_max_bus})"
        lines.append(f"voltages {low} to {high}")
    return (
        *lines,
        *(f"[yellow]{warning}[/]" for warning in facts.warnings),
        _table("Loads", ("load", "bus", "phases", "kW", "kvar", "kV", "model"), loads),
        _table("Regulators", ("regulator", "transformer", "tap", "delay s", "tap delay s"), regulators),
        _table("Capacitors", ("capacitor", "bus", "kvar", "steps"), capacitors),
        _table("Lines and switches", ("line", "from", "to", "", ""), switched),
        _table("Generators of the model itself", ("generator", "bus", "kW", ""), generators),
        _table("Resources of the model itself", ("kind", "name", "bus", "phases", "kVA"), resources),
        _table("Buses", ("bus", "kV", "phases"), buses),
    )


def _table(title: str, headings: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> RenderableType:
    """A table of at most `MOST_ROWS` rows, which says how many more there are."""
    listed = list(rows)
    if not listed:
        return f"{title}: none"
    caption = f"... and {len(listed) - MOST_ROWS} more (--json prints all)" if len(listed) > MOST_ROWS else None
    table = Table(title=title, title_justify="left", title_style="bold", caption=caption, box=None)
    table.padding = (0, 2, 0, 0)
    for heading in headings:
        table.add_column(heading)
    for row in listed[:MOST_ROWS]:
        table.add_row(*(str(cell) for cell in row))
    return table
