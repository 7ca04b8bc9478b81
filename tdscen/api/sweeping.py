"""Studies over parameters from Python: as `tdscen sweep`, the table as a DataFrame."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tdscen.api.errors import ScenarioError, SweepError
from tdscen.api.scenario import Scenario, Settings, as_scenario, require
from tdscen.emit import WriteError
from tdscen.plan import Plan
from tdscen.results.recording import unit_of
from tdscen.studies.executors import NoExecutor
from tdscen.studies.running import Row, Sweeping
from tdscen.studies.study import NoSweep, alone, chosen, executor, write_study
from tdscen.studies.table import Table

if TYPE_CHECKING:
    import pandas as pd

_UNITS = {"slope_pu_per_mw": "pu/MW"} | dict.fromkeys(
    ("frequency_min_hz", "frequency_max_hz", "coi_min_hz", "coi_max_hz"), "Hz"
)
"""Units of measures whose names end in another one or in none that recorded quantities have."""


def sweep(
    scenario: str | Path | Scenario,
    sweep: str | None = None,
    *,
    output: str | Path | None = None,
    set: Settings | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    retry: bool = False,
    progress: Callable[[int, int], None] | None = None,
    name: str = "scenario",
    folder: str | Path = ".",
) -> pd.DataFrame:
    """Run every point of a sweep of the scenario (its only one, or the one called `sweep`): one row a point.

    The columns are those of `tdscen sweep` (docs/sweeps.md), also written to `generated/NAME/sweeps/SWEEP/`; a point
    that failed has its `reason`. Units are in `attrs["units"]`, the folder of the points' runs in `attrs["folder"]`.
    Points that were computed before are taken from there; after Ctrl-C the same call goes on. `workers` above 1 need
    `tdscen[sweep]`, and in a script the guard `if __name__ == "__main__":`; `scheduler` is the address of a dask
    scheduler whose workers take the points instead. `progress` hears how many points of how
    many are done. Other arguments: as in `load`. Raises `ScenarioError` and `SweepError`.
    """
    found = as_scenario(scenario, set, name, folder)
    plan = require(found.written_out().checked)
    home = Path(output) if output is not None else Path("generated") / plan.name / "sweeps"
    done = 0

    def shown(_: Row) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, len(sweeping.points))

    try:
        definition = chosen(plan, sweep, found.settings)
        sweeping = Sweeping(found.written_out, definition, home, retry=retry)
        place = home / definition.name
        place.mkdir(parents=True, exist_ok=True)
        with alone(home):
            try:
                sweeping.run(plan, executor(len(sweeping.points), workers, scheduler), shown)
            finally:
                made = write_study(place, definition, found.settings, sweeping.rows)
    except (NoSweep, NoExecutor) as error:
        raise SweepError(str(error)) from None
    except WriteError as error:
        raise ScenarioError(str(error)) from None
    except OSError as error:
        raise SweepError(f"{error.filename or home} cannot be written: {error.strerror or error}") from None
    return _frame(made, plan, home)


def _frame(made: Table, plan: Plan, home: Path) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(made.columns)
    units = {name: unit for name in made.figures if (unit := _unit(name, plan))}
    axes = {name: scale.unit for name, scale in made.scales.items() if scale.unit}
    frame.attrs = {"units": axes | units, "folder": home.as_posix()}
    return frame


def _unit(name: str, plan: Plan) -> str:
    required = {f"require.{requirement.name}": requirement.unit for requirement in plan.requirements}
    short = name.rpartition("/")[2]
    return required.get(name) or _UNITS.get(short) or unit_of(short)
