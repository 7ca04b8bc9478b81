"""`results.parquet`: one row a communication time, float64 throughout, units and format version in its metadata."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tdscen.results.errors import RunDamaged
from tdscen.results.recording import Recording, Values, unit_of

FORMAT = 1
"""Version of the file's layout; a reader refuses another."""

_GROUP_BYTES = 1 << 25
"""Size of the file's row groups as numbers: a long run is written and read group by group."""

_FORMAT_KEY = b"tdscen.format"


def write_parquet(path: Path, recording: Recording) -> None:
    """Write the table; a reader sees the old file or the whole new one, never a part.

    Every column carries its unit as field metadata `unit`; the file carries `tdscen.format` and, for readers without
    Arrow, `tdscen.units` (a JSON object of column and unit).
    """
    units = {name: unit_of(name) for name in recording.names}
    fields = [pa.field(name, pa.float64(), metadata={"unit": unit}) for name, unit in units.items()]
    metadata = {_FORMAT_KEY: str(FORMAT).encode(), b"tdscen.units": json.dumps(units, ensure_ascii=False).encode()}
    schema = pa.schema(fields, metadata=metadata)
    rows = max(_GROUP_BYTES // (8 * len(fields)), 1)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with pq.ParquetWriter(partial, schema) as file:
            for first in range(0, max(recording.rows, 1), rows):
                block = recording.values[first : first + rows]
                file.write_table(pa.Table.from_arrays([_array(column) for column in block.T], schema=schema), rows)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _array(values: Values) -> pa.Array:
    """The values as they lie in memory. `pa.array` would import pandas, a quarter of a second at the end of a run."""
    return pa.Array.from_buffers(pa.float64(), len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])


def _values(column: pa.ChunkedArray) -> Values:
    """The numbers of a column without gaps. Its own `to_numpy` would import pandas."""
    parts = [np.frombuffer(c.buffers()[1], np.float64, len(c), 8 * c.offset) for c in column.chunks if len(c)]
    return np.concatenate([np.empty(0), *parts])


def read_parquet(path: Path) -> Recording:
    """Read what `write_parquet` wrote. Raises `RunDamaged` for another file or another version."""
    try:
        with pq.ParquetFile(path) as file:  # `pq.read_table` would import pandas too
            names = tuple(file.schema_arrow.names)
            metadata = file.schema_arrow.metadata or {}
            values = np.empty((file.metadata.num_rows, len(names)))
            first = 0
            for group in range(file.num_row_groups):
                table = file.read_row_group(group)
                for i, column in enumerate(table.columns):
                    values[first : first + table.num_rows, i] = _values(column)
                first += table.num_rows
    except (pa.ArrowInvalid, OSError) as error:
        raise RunDamaged(f"{path} cannot be read ({error})") from None
    version = metadata.get(_FORMAT_KEY, b"none").decode()
    if version != str(FORMAT):
        raise RunDamaged(
            f"{path} has results format {version}, this tdscen reads format {FORMAT}; "
            "read it with the tdscen that made it"
        )
    return Recording(names, values)
