"""Reading the journals of a run: one file of float64 rows for each federate, possibly cut off by a kill."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tdscen.plan import Plan
from tdscen.profiles import SLACK
from tdscen.results.errors import RunDamaged
from tdscen.results.recording import EMPTY, TIME, Recording, Values
from tdscen.runtime.folder import journal_columns, journal_rows

_WIDTH = 8


def read_journals(run_folder: Path, plan: Plan) -> Recording:
    """Join the journals of all federates of the plan, T's first.

    Only completed steps count: those whose row stands in every journal. A row that was being written when its
    federate died is left out; a journal that does not exist yet has no rows. Raises `RunDamaged` where the journals
    contradict each other or the plan.
    """
    federates = (plan.transmission.name, *(federate.name for federate in plan.feeder_federates))
    parts = [_read(run_folder, federate) for federate in federates]
    rows = min(part.rows for part in parts)
    for federate, part in zip(federates, parts, strict=True):
        _check_times(federate, part.values[:rows, 0], plan.times_s)
    return _join(federates, parts, rows)


def _read(run_folder: Path, federate: str) -> Recording:
    header, data = journal_columns(run_folder, federate), journal_rows(run_folder, federate)
    if not header.is_file() or not data.is_file():
        return EMPTY
    names = _columns(header)
    raw = data.read_bytes()
    rows = len(raw) // (_WIDTH * len(names))
    values = np.frombuffer(raw, dtype="<f8", count=rows * len(names)).reshape(rows, len(names))
    return Recording(names, values)


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


def _join(federates: tuple[str, ...], parts: list[Recording], rows: int) -> Recording:
    owner: dict[str, str] = {}
    for federate, part in zip(federates, parts, strict=True):
        for name in part.names[1:]:
            if name in owner:
                raise RunDamaged(f"{name} stands in the journals of both {owner[name]} and {federate}")
            owner[name] = federate
    if rows == 0:
        return EMPTY
    columns = [parts[0].values[:rows, :1], *(part.values[:rows, 1:] for part in parts)]
    return Recording((TIME, *owner), np.concatenate(columns, axis=1))
