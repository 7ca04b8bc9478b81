"""The comparison in plain words: every sentence with its figure."""

from __future__ import annotations

from collections.abc import Iterator

from tdscen.verify.report import Report, Row


def figure(value: float) -> str:
    """Two significant digits: `1.7e-3`, `0.27`, `3.4`, `120`."""
    if value == 0.0 or value >= 0.01:
        return f"{value:.0f}" if value >= 10 or value == 0.0 else f"{value:#.2g}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def verdicts(report: Report) -> tuple[str, ...]:
    """What the table means, most important first."""
    return tuple(_verdicts(report))


def _verdicts(report: Report) -> Iterator[str]:
    reference = report.reference
    for row in sorted(report.rows, key=lambda row: not row.as_written):
        if row.failure and row.reference:
            yield f"The reference failed, so that no error can be stated: {row.failure}"
        elif row.failure and reference.failure is None:
            yield f"{_called(row)} failed: {row.failure}"
        elif row.comparison and (row.as_written or (row.coupling != "iterative" and _whole(row, report))):
            yield _within(row, report)
    if reference.failure is not None or report.swing_pu is None:
        return
    yield from _on_jumps(report)
    coarse = next((r for r in report.rows if r.coupling == "iterative" and not r.reference and r.comparison), None)
    if coarse and coarse.comparison:
        moved = f"{figure(coarse.comparison.worst('v_pu').largest)} pu"
        quiet = coarse.comparison.between_jumps_v_pu
        if report.jumping_steps and quiet:
            moved += f" at jumps, {figure(quiet.largest)} pu at all other times"
        what = "T's integration" if report.dynamics else "the step"
        if coarse.comparison.taps_apart:
            what += " and taps that move at other times"
        yield (
            f"doubling the reference's own step to {coarse.step_s:.4g} s moves the voltage by {moved}: that is {what}, "
            "not lag, and of differences below it nothing can be said"
        )
    yield _cost(report)


def _within(row: Row, report: Report) -> str:
    assert row.comparison is not None
    voltage = row.comparison.worst("v_pu")
    swing_pu = dict(zip(report.interfaces, report.swing_pu or (), strict=True))[voltage.where]
    part = f" ({figure(100 * voltage.largest / swing_pu)} % of it)" if swing_pu else ""
    return (
        f"{_called(row)} is within {figure(voltage.largest)} pu of the converged coupling (RMS {figure(voltage.rms)}; "
        f"worst at {voltage.where}, t = {voltage.at_s:g} s), where the voltage moves by "
        f"{figure(swing_pu)} pu{part}; P delivered within "
        f"{figure(row.comparison.worst('p_mw').largest)} MW, P drawn within "
        f"{figure(row.comparison.worst('drawn_p_mw').largest)} MW"
    )


def _on_jumps(report: Report) -> Iterator[str]:
    """Lag at a jump of a load does not fall with the step: without this sentence its order would be a riddle."""
    if not report.jumping_steps:
        return
    away = [
        f"{row.coupling} at {row.step_s:.4g} s within {figure(row.comparison.between_jumps_v_pu.largest)} pu"
        for row in report.rows
        if row.coupling != "iterative" and row.comparison and row.comparison.between_jumps_v_pu
    ]
    yield (
        f"a profile jumps in {report.jumping_steps} of {report.steps} steps: there a lagging coupling is late by the "
        "whole jump until its next step, however short that is"
        + (f"; at all other times {', '.join(away)}" if away else "; at this step there are no other times")
    )


def _cost(report: Report) -> str:
    reference = report.reference
    refined = f", refined to {reference.refined_step_s:.4g} s" if reference.refined_step_s else ""
    return (
        f"the converged coupling iterates steps of {reference.step_s:.4g} s{refined} to "
        f"{reference.tolerance_pu:g} pu: {reference.exchanges_mean:.2f} exchanges a step, at most "
        f"{reference.exchanges_most}, where a lagging step takes one"
    )


def _called(row: Row) -> str:
    return f"{row.coupling} at {row.step_s:.4g} s" + (" (this study as written)" if row.as_written else "")


def _whole(row: Row, report: Report) -> bool:
    """Whether its step is that of the study, not half of it."""
    return row.step_s >= max(r.step_s for r in report.rows if r.coupling == row.coupling)


def notes(report: Report) -> tuple[str, ...]:
    """What was compared with what."""
    return tuple(_notes(report))


def _notes(report: Report) -> Iterator[str]:
    reference = report.reference
    if report.dynamics:
        yield (
            f"T integrates steps of {reference.integration_step_s:.4g} s in every row but the coarse iterative one; "
            "iterative coupling takes one of them for each communication step"
        )
    else:
        yield "T has no dynamics: each communication time is a power flow"
    yield (
        "differences from the reference at the communication times that both runs have, behind t = 0; P and Q are what "
        "D delivers, drawn is what T took in the step that ends there"
    )
    left_out = max((row.comparison.left_out for row in report.rows if row.comparison), default=0)
    if left_out:
        yield (
            f"{left_out} rows are left out: those that end the 0.1 ms behind a switching, where a lagging coupling "
            "still shows what was before"
        )
    apart = [row for row in report.rows if row.comparison and row.comparison.taps_apart]
    if apart:
        times = ", ".join(
            f"{row.coupling} at {row.step_s:.4g} s in {row.comparison.taps_apart} of {row.comparison.times}"
            for row in apart
            if row.comparison
        )
        yield (
            f"taps move at other times than in the reference (times at which they differ: {times}): the differences "
            "hold whole taps there, and the order means little"
        )
    if len(report.interfaces) > 1:
        yield (
            f"each figure of the first table is that of the worst of {len(report.interfaces)} interfaces; the JSON "
            "form has all of them for every row"
        )
