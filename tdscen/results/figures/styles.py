"""How figures look: for a screen, for an IEEE paper, for slides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

_COMMON: dict[Any, Any] = {
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.useoffset": False,
    "axes.xmargin": 0.02,
    "grid.color": "0.9",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.borderpad": 0.1,
    "legend.handlelength": 1.6,
    "legend.labelspacing": 0.3,
    "legend.columnspacing": 1.0,
    "pdf.fonttype": 42,  # TrueType, which journals ask for; type 3 is refused by IEEE's PDF eXpress
    "svg.hashsalt": "tdscen",
}


@dataclass(frozen=True, slots=True)
class Style:
    """`narrow_in`, `wide_in`: width of a figure with one panel across and with two.

    `tall`, `bold`: factors on heights and on lines and markers. `headed`: with title and provenance.
    """

    name: str
    narrow_in: float
    wide_in: float
    tall: float
    settings: dict[str, Any]
    bold: float = 1.0
    headed: bool = True

    def apply(self) -> None:
        """Into matplotlib's settings, over its own defaults: a user's matplotlibrc must not change a figure."""
        mpl.rcdefaults()
        mpl.rcParams.update(_COMMON | self.settings)

    def figure(self, *, wide: bool, height_in: float) -> Figure:
        """An empty figure that lays itself out."""
        width_in = self.wide_in if wide else self.narrow_in
        layout = ConstrainedLayoutEngine(wspace=0.06, hspace=0.05)
        return Figure(figsize=(width_in, height_in * self.tall), layout=layout)


def _sizes(text: float, title: float, small: float) -> dict[str, Any]:
    return {
        "font.size": text,
        "axes.titlesize": title,
        "axes.labelsize": text,
        "axes.titlepad": 1.75 * text,  # room for the panel's legend below its title
        "legend.fontsize": small,
        "figure.titlesize": title + 2,
    }


def embolden(figure: Figure, factor: float) -> None:
    """Thicker lines and larger markers, those of legends too."""
    if factor == 1:
        return
    for axes in figure.axes:
        legend = axes.get_legend()
        for line in (*axes.lines, *(legend.get_lines() if legend else ())):
            line.set_linewidth(factor * line.get_linewidth())
            line.set_markersize(factor * line.get_markersize())
        for collection in axes.collections:
            if isinstance(collection, LineCollection):
                collection.set_linewidth((factor * np.asarray(collection.get_linewidth())).tolist())


STYLES = {
    style.name: style
    for style in (
        Style("default", 5.0, 7.16, 1.0, _sizes(8.5, 9, 7.5) | {"savefig.dpi": 200}),
        Style(
            "ieee",
            3.5,
            7.16,
            1.0,
            # STIX is a Times that comes with matplotlib: the same on every machine.
            _sizes(8, 8, 8) | {"font.family": "STIXGeneral", "mathtext.fontset": "stix", "savefig.dpi": 600},
            headed=False,
        ),
        Style("slides", 10.0, 10.0, 1.9, _sizes(15, 16, 13) | {"savefig.dpi": 150}, bold=1.7),
    )
}
"""`ieee`: the widths of one and two columns, 8 pt, no heading: a paper has captions. `slides`: 10 in wide, 15 pt."""
