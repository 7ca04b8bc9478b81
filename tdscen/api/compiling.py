"""A scenario into its generated folder."""

from __future__ import annotations

import warnings
from pathlib import Path

from tdscen.api.errors import ScenarioError, ScenarioWarning, ScriptKept
from tdscen.api.scenario import Scenario, Settings, as_scenario, rendered, require
from tdscen.compiler import Compiled
from tdscen.emit import WriteError, write
from tdscen.lock import LockError, differences, lock_of, lock_path, read_lock


def compile(
    scenario: str | Path | Scenario,
    output: str | Path | None = None,
    *,
    set: Settings | None = None,
    force: bool = False,
    locked: bool = False,
    name: str = "scenario",
    folder: str | Path = ".",
) -> Path:
    """Write the generated folder (`generated/NAME`, or `output`) and return it; `helics run` can start it.

    Generated scripts that were edited are kept, and a `ScenarioWarning` says so; `force` replaces them. Warnings about
    the scenario are `ScenarioWarning`s too. With `locked` a study that is not the one of `FILE.tds.lock` is refused.
    `set`, `name`, `folder`: as in `load`. Raises `ScenarioError`.
    """
    found = as_scenario(scenario, set, name, folder)
    if locked:
        refuse_what_differs(found)
    return write_folder(found.written_out(), output, force=force)


def write_folder(compiled: Compiled, output: str | Path | None, *, force: bool) -> Path:
    """Write what was compiled and return the folder. Raises `ScenarioError`."""
    plan = require(compiled.checked)
    for text in rendered(compiled.checked):
        warnings.warn(f"\n{text}", ScenarioWarning, stacklevel=3)
    where = Path(output) if output is not None else Path("generated") / plan.name
    try:
        written = write(compiled.artifacts, where, force=force)
    except WriteError as error:
        raise ScenarioError(str(error)) from None
    for kept in written.kept:
        said = f"kept your changed {(where / kept).as_posix()} (force=True replaces it)"
        warnings.warn(said, ScriptKept, stacklevel=3)
    return where


def refuse_what_differs(scenario: Scenario) -> None:
    """Raise `ScenarioError` with all that differs unless the study is the one that `FILE.tds.lock` holds."""
    if scenario.settings:
        raise ScenarioError("locked is about the scenario as it is written: without other values for parameters")
    plan, file = require(scenario.checked), Path(scenario.source.name)
    try:
        found = differences(read_lock(lock_path(file)), lock_of(scenario.checked, plan, file))
    except (LockError, OSError) as error:
        raise ScenarioError(str(error)) from None
    if found:
        listed = "".join(f"\n  {difference}" for difference in found)
        mend = f"if that is meant: tdscen lock {file.as_posix()}, and commit it"
        raise ScenarioError(f"not as {lock_path(file).name} says:{listed}\n{mend}")
