"""Two checked studies to changes, for `tdscen diff` and for git's diff driver."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from tdscen.compare import Change, compare, compare_trees
from tdscen.compiler import Checked, check_source, read
from tdscen.language.models import Models
from tdscen.language.study import Study
from tdscen.written import written

Again = Callable[[Sequence[str]], Checked]
"""Checks the old study with other values of its parameters (`NAME=VALUE`)."""


class Compared(NamedTuple):
    """The changes, and one sentence about what was not compared (empty where all was)."""

    changes: tuple[Change, ...]
    limit: str = ""


def check_as(file: Path, name: str, folder: Path, settings: Sequence[str] = ()) -> Checked:
    """Check a scenario that messages call `name`, as if it stood in `folder`."""
    source, unreadable = read(file)
    source = replace(source, name=name)
    if unreadable:
        return Checked((source,), Study("", ()), Models(), unreadable)
    return check_source(source, folder, settings)


def changes_between(old: Checked, new: Checked, again: Again) -> Compared:
    """What differs between two studies without errors."""
    if old.plan is None or new.plan is None:
        changes = compare_trees(written(old.study, old.models), written(new.study, new.models))
        return Compared(changes, f"figures that come from the models were not compared: {_why(old, new)}")
    changes = compare(old.plan, new.plan)
    settings = _settings(old, new)
    if not settings or all(change.subject == "parameter" for change in changes):
        return Compared(changes)
    shifted = again(settings).plan  # None where the old study makes no sense with the new values
    return Compared(compare(old.plan, new.plan, shifted))


def _settings(old: Checked, new: Checked) -> list[str]:
    """The new values of the parameters that both studies have."""
    before, after = dict(old.study.parameters), dict(new.study.parameters)
    return [f"{name}={after[name]}" for name in before if name in after and after[name] != before[name]]


def _why(old: Checked, new: Checked) -> str:
    problems = [probe.problem for checked in (old, new) for probe in checked.models.probes.values() if probe.problem]
    return "; ".join(dict.fromkeys(problems)) or "a model could not be looked at"
