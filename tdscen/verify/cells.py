"""The tables of a comparison as words, for every form that it is printed in."""

from __future__ import annotations

from dataclasses import dataclass

from tdscen.verify.report import Report, Row
from tdscen.verify.wording import figure

ABSENT = "-"
MOST_INTERFACES = 12
_SHOWN = (("v_pu", "V pu"), ("p_mw", "P MW"), ("q_mvar", "Q MVAr"))
_PAIRS = tuple(f"{shown} {what}" for _, shown in _SHOWN for what in ("max", "RMS"))


@dataclass(frozen=True, slots=True)
class Grid:
    """Headings and rows, all of one length; the first column holds names. `strong`: which rows stand out."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    strong: tuple[bool, ...]


def grids(report: Report) -> tuple[Grid, ...]:
    """The variants; where there are several interfaces, those of the study as written."""
    return (_variants(report), *_interfaces(report))


def _variants(report: Report) -> Grid:
    headings = (
        "coupling",
        "step s",
        *_PAIRS,
        "drawn MW max",
        "speed pu max",
        "V order",
        "exchanges a step",
        "tap moves",
    )
    rows = tuple(_variant(row) for row in report.rows)
    return Grid("", headings, rows, tuple(row.as_written for row in report.rows))


def _variant(row: Row) -> tuple[str, ...]:
    name = f"{row.coupling}{'*' if row.as_written else ''}{' (ref)' if row.reference else ''}"
    run = (
        ABSENT if row.exchanges_mean is None else f"{row.exchanges_mean:.2f}",
        ABSENT if row.taps_moved is None else str(row.taps_moved),
    )
    if row.comparison is None:
        first = "failed" if row.failure else ABSENT
        return (name, f"{row.step_s:.4g}", first, *([ABSENT] * (len(_PAIRS) + 2)), *run)
    worst = [row.comparison.worst(quantity) for quantity, _ in _SHOWN]
    speed = row.comparison.speed_pu
    return (
        name,
        f"{row.step_s:.4g}",
        *(figure(value) for difference in worst for value in (difference.largest, difference.rms)),
        figure(row.comparison.worst("drawn_p_mw").largest),
        ABSENT if speed is None else figure(speed.largest),
        ABSENT if row.order is None else f"{row.order:.1f}",
        *run,
    )


def _interfaces(report: Report) -> tuple[Grid, ...]:
    """The interfaces whose voltage differs most from the reference in the study as written."""
    written = next((row for row in report.rows if row.as_written and row.comparison), None)
    if written is None or written.comparison is None or report.swing_pu is None or len(report.interfaces) == 1:
        return ()
    found = written.comparison.quantities
    order = sorted(range(len(report.interfaces)), key=lambda i: -found["v_pu"][i].largest)[:MOST_INTERFACES]
    rows = tuple(
        (
            report.interfaces[i],
            figure(report.swing_pu[i]),
            *(
                figure(value)
                for quantity, _ in _SHOWN
                for value in (found[quantity][i].largest, found[quantity][i].rms)
            ),
            figure(found["drawn_p_mw"][i].largest),
            f"{found['v_pu'][i].at_s:g}",
        )
        for i in order
    )
    which = "each interface"
    if len(rows) < len(report.interfaces):
        which = f"the {len(rows)} of {len(report.interfaces)} interfaces where V differs most"
    headings = ("interface", "V pu moves", *_PAIRS, "drawn MW max", "at s")
    return (Grid(f"{written.coupling} at {written.step_s:.4g} s, {which}", headings, rows, (False,) * len(rows)),)
