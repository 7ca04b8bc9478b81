"""Scenarios for Python: read, checked, and ready to be compiled, run or swept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from tdscen.api.errors import ScenarioError
from tdscen.compiler import Checked, Compiled, check_source, compile_source, read
from tdscen.diagnostics import Diagnostic, has_errors, render_text
from tdscen.language.models import Models
from tdscen.language.study import Study
from tdscen.plan import Plan
from tdscen.source import Source

if TYPE_CHECKING:
    import pandas as pd

    from tdscen.api.running import Progress
    from tdscen.results.run import Run

Settings: TypeAlias = Mapping[str, str | float | bool]
"""Other values for parameters: texts as a scenario writes them (`"5 %"`), plain numbers, true and false."""


@dataclass(frozen=True, eq=False, repr=False)
class Scenario:
    """A scenario as it was when it was read: later changes of its file are not seen, those of its models are.

    `settings` are the values given for parameters, as `NAME=VALUE`; `checked` is what the compiler knows of it.
    """

    source: Source
    folder: Path
    settings: tuple[str, ...]
    checked: Checked

    @property
    def name(self) -> str:
        """What its generated folder is called."""
        return self.source.stem

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All errors and warnings, first to last."""
        return self.checked.diagnostics

    @property
    def sound(self) -> bool:
        """Whether there is no error; warnings are allowed."""
        return self.checked.sound

    @property
    def plan(self) -> Plan:
        """What the scenario means: every name resolved, every quantity in s, MW, MVAr, pu. Raises `ScenarioError`."""
        return require(self.checked)

    def compile(self, output: str | Path | None = None, *, force: bool = False, locked: bool = False) -> Path:
        """As `tdscen.compile`."""
        from tdscen.api.compiling import compile as compile_

        return compile_(self, output, force=force, locked=locked)

    def run(
        self,
        output: str | Path | None = None,
        *,
        force: bool = False,
        locked: bool = False,
        progress: Callable[[Progress], None] | None = None,
    ) -> Run:
        """As `tdscen.run`."""
        from tdscen.api.running import run

        return run(self, output, force=force, locked=locked, progress=progress)

    def sweep(
        self,
        sweep: str | None = None,
        *,
        output: str | Path | None = None,
        workers: int = 1,
        retry: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> pd.DataFrame:
        """As `tdscen.sweep`."""
        from tdscen.api.sweeping import sweep as sweep_

        return sweep_(self, sweep, output=output, workers=workers, retry=retry, progress=progress)

    def written_out(self, values: Sequence[str] | None = None) -> Compiled:
        """The scenario compiled in memory; `values`: those of a point of a sweep, each `NAME=VALUE`."""
        return compile_source(self.source, self.folder, self.settings, values)

    def __str__(self) -> str:
        """Every problem as `tdscen check` prints it, and one line about the whole."""
        return "\n\n".join([*rendered(self.checked), said_of(self)])

    def __repr__(self) -> str:
        return f"<Scenario {said_of(self)}>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))

    def _repr_html_(self) -> str:
        from tdscen.notebook.diagnostics import scenario_html

        return scenario_html(self)


def load(
    scenario: str | Path, *, set: Settings | None = None, name: str = "scenario", folder: str | Path = "."
) -> Scenario:
    """Read a scenario and check it against its models; what is wrong is in `Scenario.diagnostics`, nothing is raised.

    `scenario` is a file, or the text itself: any string of more than one line. A text is called `name`, and its paths
    begin in `folder`; a file's begin beside it. `set` gives parameters other values, as `--set` does.
    """
    settings = as_settings(set or {})
    if isinstance(scenario, str) and "\n" in scenario:
        source, folder = Source.from_text((Path(folder) / f"{name}.tds").as_posix(), scenario), Path(folder)
        return Scenario(source, folder, settings, check_source(source, folder, settings))
    path = Path(scenario)
    source, unreadable = read(path)
    if unreadable:
        return Scenario(source, path.parent, settings, Checked((source,), Study("", ()), Models(), unreadable))
    return Scenario(source, path.parent, settings, check_source(source, path.parent, settings))


def check(
    scenario: str | Path | Scenario,
    *,
    set: Settings | None = None,
    name: str = "scenario",
    folder: str | Path = ".",
) -> Scenario:
    """As `load`, but raises `ScenarioError` with every error where there is one."""
    found = as_scenario(scenario, set, name, folder)
    refuse_errors(found.checked)
    return found


def as_scenario(scenario: str | Path | Scenario, set: Settings | None, name: str, folder: str | Path) -> Scenario:
    """The scenario itself where it is loaded and nothing is set; else it is loaded (again)."""
    if not isinstance(scenario, Scenario):
        return load(scenario, set=set, name=name, folder=folder)
    if not set:
        return scenario
    settings = (*scenario.settings, *as_settings(set))
    checked = check_source(scenario.source, scenario.folder, settings)
    return Scenario(scenario.source, scenario.folder, settings, checked)


def as_settings(values: Settings) -> tuple[str, ...]:
    """Values as `--set` takes them."""
    return tuple(f"{name}={_written(value)}" for name, value in values.items())


def _written(value: str | float | bool) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else f"{value:.17g}"


def require(checked: Checked) -> Plan:
    """The plan. Raises `ScenarioError` where there is none."""
    refuse_errors(checked)
    if checked.plan is None:
        raise ScenarioError("the scenario has no plan, because a model could not be looked at: see `tdscen doctor`")
    return checked.plan


def refuse_errors(checked: Checked) -> None:
    """Raise `ScenarioError` where there is an error."""
    if has_errors(checked.diagnostics):
        raise ScenarioError("\n" + "\n\n".join(rendered(checked)), checked.diagnostics)


def rendered(checked: Checked) -> list[str]:
    """Each problem as `tdscen check` prints it."""
    return [render_text(diagnostic, checked.sources) for diagnostic in checked.diagnostics]


def said_of(scenario: Scenario) -> str:
    """`study: 1 error`, or `study: no problems, 2 interfaces`."""
    severities = [diagnostic.severity for diagnostic in scenario.diagnostics]
    counts = ((severities.count(severity), severity) for severity in ("error", "warning"))
    parts = [f"{number} {severity}{'s' * (number > 1)}" for number, severity in counts if number] or ["no problems"]
    if scenario.checked.plan is not None:
        interfaces = len(scenario.checked.plan.interfaces)
        parts.append(f"{interfaces} interface{'s' * (interfaces != 1)}")
    return f"{scenario.name}: {', '.join(parts)}"
