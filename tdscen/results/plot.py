"""Figures of a run, by name, into files: the same run gives the same bytes.

Drawn by matplotlib without a window and without its global state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.text import Text

from tdscen.results.errors import ResultsError
from tdscen.results.figures import along, coupling, frequency, interface, lesson, pv_curve
from tdscen.results.figures.styles import STYLES, embolden
from tdscen.results.figures.subject import Subject, subject
from tdscen.results.run import Run
from tdscen.suggest import one_of

SUFFIXES = (".png", ".svg", ".pdf")

_ROOMY_IN = 6.0
"""Wider figures tell the scales too."""

_METADATA: dict[str, dict[str, None]] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {}}


@dataclass(frozen=True, slots=True)
class Named:
    """A figure that can be asked for. `compares`: it can show a second run."""

    draw: Callable[[Subject], Figure]
    compares: bool = True


FIGURES = {
    "lesson": Named(lesson.draw, compares=False),
    "interface": Named(interface.draw),
    "frequency": Named(frequency.draw),
    "profile": Named(along.draw),
    "pv-curve": Named(pv_curve.draw),
    "coupling": Named(coupling.draw),
}


def plot(
    run: Run,
    path: Path,
    interface: str | None = None,
    *,
    figure: str = "lesson",
    style: str = "default",
    other: Run | None = None,
) -> None:
    """Draw a figure (one of `FIGURES`) into `path` (`.png`, `.svg` or `.pdf`), for all interfaces or for one.

    `style`: one of `STYLES`. `other`: a second run in the same axes. Raises `ResultsError` for another suffix, a run
    without a completed step or without a quantity that the figure shows, a figure that shows one run only,
    `UnknownQuantity` for an interface that the plan does not have.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ResultsError(f"{path.name}: a figure is written as {one_of(SUFFIXES)}")
    if other is not None and not FIGURES[figure].compares:
        able = [name for name, named in FIGURES.items() if named.compares]
        raise ResultsError(f"the figure {figure} shows one run; two are compared by {one_of(able)}")
    about = subject(run, interface, STYLES[style], other)
    with mpl.rc_context():
        about.style.apply()
        draw(about, figure).savefig(path, metadata=_METADATA[suffix])


def draw(about: Subject, figure: str = "lesson") -> Figure:
    """The figure, laid out; the caller has applied the style. Raises `ResultsError`."""
    made = FIGURES[figure].draw(about)
    embolden(made, about.style.bold)
    texts: list[Text] = []
    if about.style.headed:
        small = 0.77 * float(mpl.rcParams["font.size"])
        # A long title is wrapped; the size of a named figure's is that of its panels' titles.
        size = "large" if figure == "lesson" else "medium"
        texts.append(made.suptitle(about.run.plan.title, fontsize=size, fontweight="bold", wrap=True))
        texts.append(made.supxlabel(_provenance(about, made), fontsize=small, color="0.35", wrap=True))
    _fix_layout(made, texts)
    return made


def _fix_layout(figure: Figure, texts: list[Text]) -> None:
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


def _provenance(about: Subject, made: Figure) -> str:
    run = about.run
    plan = run.plan
    parts = [
        f"{plan.name}, run {run.folder.name}",
        f"{plan.source} {plan.source_sha256[:8]}",
        f"{plan.simulation.coupling} coupling, step {plan.simulation.step_s:g} s",
    ]
    if made.get_figwidth() > _ROOMY_IN:
        parts.append(f"scale {lesson.scales(about.interfaces)}")
    for each in about.runs:
        if not each.complete:
            parts.append(f"NOT COMPLETE: {each.steps_done} of {each.plan.steps} steps")
    told = "  ·  ".join(parts)
    other = about.other
    return told if other is None else f"{told}\ndashed: {other.plan.name}, run {other.folder.name}"
