"""What a figure is about: a run or two, some of their interfaces, a style."""

from __future__ import annotations

from dataclasses import dataclass

from tdscen.plan import Interface
from tdscen.results import panels
from tdscen.results import traces as measured
from tdscen.results.errors import ResultsError, UnknownQuantity
from tdscen.results.figures.styles import Style
from tdscen.results.recording import Values
from tdscen.results.run import Run
from tdscen.suggest import did_you_mean, one_of


@dataclass(frozen=True, slots=True)
class Subject:
    """`other`: the run that is compared with `run`. Both have all of `interfaces`."""

    run: Run
    interfaces: tuple[Interface, ...]
    style: Style
    other: Run | None = None

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs that are drawn, the main one first."""
        return (self.run,) if self.other is None else (self.run, self.other)

    @property
    def inks(self) -> tuple[panels.Ink, ...]:
        """The interfaces with their colours."""
        return panels.inks(self.interfaces)

    @property
    def labels(self) -> tuple[str, ...]:
        """What tells the runs apart, in the shortest words that do."""
        if self.other is None:
            return ("",)
        one, two = self.run, self.other
        for told in (
            (one.plan.simulation.coupling, two.plan.simulation.coupling),
            (f"step {one.plan.simulation.step_s:g} s", f"step {two.plan.simulation.step_s:g} s"),
            (one.plan.name, two.plan.name),
            (f"run {one.folder.name}", f"run {two.folder.name}"),
        ):
            if told[0] != told[1]:
                return told
        return (one.folder.as_posix(), two.folder.as_posix())


def subject(run: Run, interface: str | None, style: Style, other: Run | None = None) -> Subject:
    """Raises `ResultsError` for a run without a completed step and for runs that share no interface,
    `UnknownQuantity` for an interface that the plan does not have.
    """
    for each in (run, other):
        if each is not None and each.recording.rows == 0:
            raise ResultsError(f"{each.folder} has no completed step to draw: {each.cause}")
    chosen = choose(run, interface)
    if other is not None:
        names = {each.name for each in other.plan.interfaces}
        shared = tuple(each for each in chosen if each.name in names)
        if not shared:
            raise ResultsError(
                f"{other.folder} has no interface {one_of([each.name for each in chosen])}: nothing can be compared"
            )
        chosen = shared
    return Subject(run, chosen, style, other)


def choose(run: Run, name: str | None) -> tuple[Interface, ...]:
    """The interface of that name, or all. Raises `UnknownQuantity`."""
    chosen = tuple(interface for interface in run.plan.interfaces if name in (None, interface.name))
    if not chosen:
        known = [interface.name for interface in run.plan.interfaces]
        mend = did_you_mean(str(name), known) or f"it has {one_of(known)}"
        raise UnknownQuantity(f"{run.plan.name} has no interface {name}; {mend}")
    return chosen


def column(run: Run, name: str, observe: str = "") -> Values:
    """A recorded column. Raises `ResultsError` that names the `observe` line which would record it."""
    try:
        return measured.column(run.recording, name)
    except measured.NotMeasured as reason:
        mend = f"; add `observe {{ {observe} }}` to the scenario and run it again" if observe else ""
        raise ResultsError(f"the figure cannot be drawn: {reason} in {run.folder}{mend}") from None
