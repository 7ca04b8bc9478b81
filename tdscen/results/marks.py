"""Events on a figure: a line where each happens, a band as long as a fault lasts, and their names once."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib import rcParams
from matplotlib.axes import Axes

from tdscen.event_words import Happening

MOST_NAMES = 6
"""More names than these would cover each other."""

_COLOUR = "#B03060"


def mark(axes: Axes, happenings: Sequence[Happening], end_s: float, *, in_hours: bool) -> None:
    """Mark what happens by `end_s` on axes whose horizontal axis is time."""
    size_s = 3600.0 if in_hours else 1.0
    for happening in _seen(happenings, end_s):
        axes.axvline(happening.at_s / size_s, color=_COLOUR, lw=0.7, ls=(0, (1, 2)), zorder=1.5)
        if happening.until_s is not None:
            until_s = min(happening.until_s, end_s)
            axes.axvspan(happening.at_s / size_s, until_s / size_s, color=_COLOUR, alpha=0.12, lw=0)


def name(axes: Axes, happenings: Sequence[Happening], end_s: float, *, in_hours: bool) -> None:
    """Write the events' names beside their lines, where there are few."""
    seen = _seen(happenings, end_s)
    if len(seen) > MOST_NAMES:
        return
    for k, happening in enumerate(seen):
        late = happening.at_s > 0.6 * end_s
        axes.annotate(
            happening.name,
            (happening.at_s / (3600.0 if in_hours else 1.0), 0.94 - 0.07 * (k % 3)),
            xycoords=("data", "axes fraction"),
            xytext=(-2 if late else 2, 0),
            textcoords="offset points",
            ha="right" if late else "left",
            fontsize=0.77 * float(rcParams["font.size"]),
            color=_COLOUR,
            bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "alpha": 0.75, "edgecolor": "none"},
        )


def _seen(happenings: Sequence[Happening], end_s: float) -> list[Happening]:
    return [happening for happening in happenings if happening.at_s <= end_s]
