"""The PV curve of a sweep: where each point's run ends, the interface voltage over the power that T draws there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from tdscen.results import open_run
from tdscen.results.errors import ResultsError
from tdscen.studies.figures import STYLE
from tdscen.studies.table import DEFINITION

SAME_POWER = 1e-3
"""Powers that differ by less than this part are no curve."""

MOST_NAMED = 8
"""More curves than this are drawn without a legend."""


@dataclass(frozen=True, slots=True)
class Curve:
    """The points of one interface that differ in the sweep's first parameter only, in their order; MW and pu (n).

    Of a sweep that is no grid all points of the interface; not `ordered` where their order means nothing.
    """

    interface: str
    others: tuple[tuple[str, str], ...]
    p_mw: tuple[float, ...]
    v_pu: tuple[float, ...]
    ordered: bool

    @property
    def name(self) -> str:
        """The interface and the other parameters' values."""
        return ", ".join((self.interface, *(f"{name} = {text}" for name, text in self.others)))


def is_sweep(folder: Path) -> bool:
    """Whether this is the folder of a sweep, `generated/NAME/sweeps/SWEEP`."""
    return (folder / DEFINITION).is_file()


def curves(folder: Path) -> tuple[Curve, ...]:
    """The curves of the sweep in `folder`, of its complete points.

    Raises `ResultsError` where there are none, and where the power that T draws is the same in all of them.
    """
    try:
        told = json.loads((folder / DEFINITION).read_text(encoding="utf-8"))
        complete = [point for point in told["points"] if point["state"] == "complete"]
        combine = told["sweep"]["combine"]
        found: dict[tuple[str, tuple[tuple[str, str], ...]], list[tuple[float, float]]] = {}
        for point in complete:
            run = open_run(folder.parent / point["folder"])
            others = tuple((name, str(text)) for name, text in list(point["values"].items())[1:] if combine == "grid")
            for interface in run.plan.interfaces:
                p_mw, v_pu = (run.recording.column(f"{interface.name}/{q}")[-1] for q in ("drawn_p_mw", "v_pu"))
                found.setdefault((interface.name, others), []).append((float(p_mw), float(v_pu)))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ResultsError(f"{folder / DEFINITION} is no record of a sweep ({error})") from None
    if not found:
        raise ResultsError(f"{folder} has no complete point: nothing to draw")
    made = tuple(
        Curve(interface, others, tuple(p for p, _ in ends), tuple(v for _, v in ends), combine != "latin_hypercube")
        for (interface, others), ends in found.items()
    )
    if all(max(curve.p_mw) - min(curve.p_mw) <= SAME_POWER * max(map(abs, curve.p_mw)) for curve in made):
        first = next(iter(complete[0]["values"]))
        raise ResultsError(
            f"{first}, the first parameter of the sweep in {folder}, does not change the power that T draws at the "
            "end: a PV curve needs one that scales the load"
        )
    return made


def draw(folder: Path, path: Path) -> None:
    """Draw the curves of the sweep in `folder` into `path`. Raises `ResultsError`."""
    found = curves(folder)
    interfaces = list(dict.fromkeys(curve.interface for curve in found))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5.2, 3.4), layout="constrained")
        axes = figure.subplots()
        for i, curve in enumerate(found):
            colour = f"C{(i if len(interfaces) == 1 else interfaces.index(curve.interface)) % 10}"
            named = len(found) <= MOST_NAMED
            axes.plot(
                curve.p_mw,
                curve.v_pu,
                "o-",
                ms=3,
                lw=1.0,
                alpha=0.85,
                color=colour,
                label=curve.name if named else None,
            )
        axes.set(xlabel="P drawn by T at the end (MW)", ylabel="V at the end (pu)", title="PV curve")
        if len(found) <= MOST_NAMED:
            axes.legend()
        low, high = axes.get_ylim()
        if high - low < 1e-4:  # else round-off would look like a result
            axes.set_ylim((low + high) / 2 - 5e-5, (low + high) / 2 + 5e-5)
        figure.savefig(path, metadata={".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix.lower()))
