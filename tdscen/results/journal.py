"""Reading the journals of a run: one file of float64 rows for each federate, possibly cut off by a kill."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tdscen.plan import Plan
from tdscen.profiles import SLACK
from tdscen.results.errors import RunDamaged
from tdscen.results.recording import EMPTY, TIME, Recording, Values
from tdscen.runtime.folder import journal_columns, journal_rows

_WIDTH = 8
_BLOCK_BYTES = 1 << 22


def read_journals(run_folder: Path, plan: Plan) -> Recording:
    """Join the journals of all federates of the plan, T's first.

    Only completed steps count: those whose row stands in every journal. A row that was being written when its
    federate died is left out; a journal that does not exist yet has no rows. Raises `RunDamaged` where the journals
    contradict each other or the plan.
    """
    federates = (plan.transmission.name, *(federate.name for federate in plan.feeder_federates))
    journals = [_look(run_folder, federate) for federate in federates]
    rows = min(journal.rows for journal in journals)
    names = _joined(journals)
    if rows == 0:
        return EMPTY
    values = np.empty((rows, len(names)))
    first = 1
    for journal in journals:
        last = first + len(journal.names) - 1
        values[:, 0] = _fill(values[:, first:last], journal)
        _check_times(journal.federate, values[:, 0], plan.times_s)
        first = last
    return Recording(names, values)


@dataclass(frozen=True, slots=True)
class _Journal:
    """One file: its columns, the time first, and how many whole rows it has."""

    federate: str
    data: Path
    names: tuple[str, ...]
    rows: int


def _look(run_folder: Path, federate: str) -> _Journal:
    header, data = journal_columns(run_folder, federate), journal_rows(run_folder, federate)
    if not header.is_file() or not data.is_file():
        return _Journal(federate, data, (TIME,), 0)
    names = _columns(header)
    return _Journal(federate, data, names, data.stat().st_size // (_WIDTH * len(names)))


def _fill(values: Values, journal: _Journal) -> Values:
    """Copy a journal's columns but the time, block by block: a day of seconds has hundreds of MB. Returns the time."""
    rows, width = len(values), len(journal.names)
    time_s = np.empty(rows)
    most = max(_BLOCK_BYTES // (_WIDTH * width), 1)
    with journal.data.open("rb") as file:
        for first in range(0, rows, most):
            n = min(most, rows - first)
            block = np.fromfile(file, "<f8", n * width).reshape(n, width)
            time_s[first : first + n], values[first : first + n] = block[:, 0], block[:, 1:]
    return time_s


def _columns(header: Path) -> tuple[str, ...]:
    where = f"{header.parent.name}/{header.name}"
    try:
        columns = json.loads(header.read_text(encoding="utf-8"))["columns"]
    except (ValueError, KeyError, TypeError) as error:
        raise RunDamaged(f"{where} does not name the journal's columns ({error}); run the scenario again") from None
    if not isinstance(columns, list) or not columns or columns[0] != TIME:
        raise RunDamaged(f"{where}: the first column is not {TIME}; run the scenario again")
    return tuple(str(column) for column in columns)


def _check_times(federate: str, times_s: Values, planned_s: Sequence[float]) -> None:
    if len(times_s) > len(planned_s):
        raise RunDamaged(f"the journal of {federate} has {len(times_s)} rows where the plan has {len(planned_s)}")
    expected = np.asarray(planned_s[: len(times_s)])
    wrong = np.flatnonzero(~(np.abs(times_s - expected) <= SLACK * np.maximum(expected, 1.0)))
    if len(wrong):
        k = int(wrong[0])
        raise RunDamaged(
            f"the journal of {federate} has t = {times_s[k]:.9g} s in row {k}, where the plan has "
            f"{expected[k]:.9g} s; run the scenario again"
        )


def _joined(journals: Sequence[_Journal]) -> tuple[str, ...]:
    """The names of all columns, the time once."""
    owner: dict[str, str] = {}
    for journal in journals:
        for name in journal.names[1:]:
            if name in owner:
                raise RunDamaged(f"{name} stands in the journals of both {owner[name]} and {journal.federate}")
            owner[name] = journal.federate
    return (TIME, *owner)
