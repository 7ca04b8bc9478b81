"""The rows of a sweep as a table: one line a point, the same bytes whoever ran the points and in whatever order."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tdscen import codec
from tdscen.plan import Sweep
from tdscen.runtime.folder import replace_text
from tdscen.studies.points import Scale, scale
from tdscen.studies.running import POINTS, Row

CSV, PARQUET, DEFINITION = "table.csv", "table.parquet", "sweep.json"
FORMAT = 1

_OWN = ("point", "state", "reason", "run")

Cell = float | bool | str | int | None


@dataclass(frozen=True, slots=True)
class Table:
    """Columns by name, each with a cell for every point.

    `texts`: the parameters' values as written, by axis; `scales`: the axes that are numbers.
    """

    columns: dict[str, list[Cell]]
    axes: tuple[str, ...]
    scales: dict[str, Scale]
    texts: dict[str, list[str]]
    figures: tuple[str, ...]


def table(sweep: Sweep, rows: Sequence[Row]) -> Table:
    """`point`, the parameters, `state`, the figures, `reason`, `run`. `rows` are those of all points.

    A parameter that is called as another column is becomes `parameter.NAME`. One whose values are all quantities of one
    dimension is given in its internal unit, another as written.
    """
    axes = tuple(axis.parameter for axis in sweep.axes)
    texts = {name: [dict(row.point.values)[name] for row in rows] for name in axes}
    scales = {name: found for name in axes if (found := scale(texts[name])) is not None}
    of = [dict(row.done.measures) if row.done is not None else {} for row in rows]
    figures = tuple(dict.fromkeys(name for measured in of for name in measured))
    columns: dict[str, list[Cell]] = {"point": [row.point.number for row in rows]}
    for name in axes:
        column = f"parameter.{name}" if name in (*_OWN, *figures) else name
        columns[column] = _axis(texts[name], scales.get(name))
    columns["state"] = [row.state for row in rows]
    for name in figures:
        columns[name] = [measured.get(name) for measured in of]
    columns["reason"] = [row.why for row in rows]
    columns["run"] = [_run(row) for row in rows]
    return Table(columns, axes, scales, texts, figures)


def _axis(texts: list[str], numbers: Scale | None) -> list[Cell]:
    if numbers is None:
        return list(texts)
    if all(text.strip().isdecimal() for text in texts):  # numbers of buses, seeds
        return [int(text) for text in texts]
    return list(numbers.numbers)


def _run(row: Row) -> str | None:
    if row.key is None or row.done is None or row.done.run is None:
        return None
    return f"{POINTS}/{row.key}/{row.done.run}"


def write_table(folder: Path, made: Table) -> None:
    """`table.csv` (numbers with every digit that they have, no value: empty) and `table.parquet`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(made.columns)
    writer.writerows([_cell(value) for value in row] for row in zip(*made.columns.values(), strict=True))
    replace_text(folder / CSV, text.getvalue())
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = {name: pa.array(cells, from_pandas=True) for name, cells in made.columns.items()}
    partial = folder / f".{PARQUET}"
    pq.write_table(pa.table(arrays), partial)
    partial.replace(folder / PARQUET)


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def write_definition(folder: Path, sweep: Sweep, settings: Sequence[str], rows: Sequence[Row]) -> None:
    """`sweep.json`: the sweep as written, and of every point its values, folder, state, time."""
    data: dict[str, Any] = {
        "format": FORMAT,
        "sweep": codec.encode(sweep),
        "settings": list(settings),
        "points": [
            {
                "point": row.point.number,
                "values": dict(row.point.values),
                "folder": f"{POINTS}/{row.key}" if row.key else None,
                "state": row.state,
                "reason": row.why,
                "wall_s": row.done.wall_s if row.done else None,
            }
            for row in rows
        ],
    }
    replace_text(folder / DEFINITION, json.dumps(data, indent=2, ensure_ascii=False) + "\n")
