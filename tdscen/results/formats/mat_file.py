"""MATLAB (version 5 file): `time_s`, the structs `interface`, `other`, `units`, the cells `columns` and `run`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tdscen.results.errors import ResultsError
from tdscen.results.formats.schema import Schema, identifiers

LARGEST_BYTES = 2**31 - 2**20
"""What one variable of such a file holds (MathWorks, "MAT-File Versions": 2 GB), its tags set aside."""


def write(data: Schema, path: Path) -> None:
    """Write the file; every quantity is a column vector `interface.bus4.v_pu` or `other.ieee14_bus_4_v_pu`.

    `units` has the same fields with texts; each row of `columns` is recorded name, field and unit.
    Raises `ResultsError` where the run is larger than the format.
    """
    from scipy.io import savemat

    if data.recording.values.nbytes > LARGEST_BYTES:
        raise ResultsError("the run is larger than a MATLAB file of version 5 holds (2 GB); use --to netcdf")
    owners = identifiers(data.interfaces)
    shorts = identifiers(dict.fromkeys(q.short for q in data.quantities if q.interface))
    others = identifiers(q.name for q in data.quantities if not q.interface)
    values: dict[str, Any] = {}
    units: dict[str, Any] = {}
    rows = []
    for q in data.quantities:
        place = ("interface", owners[q.interface], shorts[q.short]) if q.interface else ("other", others[q.name])
        _put(values, place, data.recording.column(q.name)[:, None])
        _put(units, place, q.unit or "1")
        rows.append((q.name, ".".join(place), q.unit or "1"))
    content = values | {
        "time_s": data.recording.time_s[:, None],
        "units": units | {"time_s": "s"},
        "columns": _cells(rows, 3),
        "run": _cells(data.facts, 2),
    }
    with path.open("wb") as file:  # given a name, scipy would append .mat to it
        savemat(file, content, long_field_names=True, do_compression=True)


def _put(tree: dict[str, Any], place: tuple[str, ...], value: object) -> None:
    for part in place[:-1]:
        tree = tree.setdefault(part, {})
    tree[place[-1]] = value


def _cells(rows: Any, width: int) -> np.ndarray:
    cells = np.empty((len(rows), width), dtype=object)
    for i, row in enumerate(rows):
        cells[i, :] = row
    return cells
