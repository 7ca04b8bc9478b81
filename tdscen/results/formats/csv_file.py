"""CSV: one row a communication time, one column a quantity under its recorded name, as many digits as are needed."""

from __future__ import annotations

import json
from pathlib import Path

from tdscen.results.formats.schema import Schema

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def write(data: Schema, path: Path) -> None:
    """Write the table. A name that a spreadsheet would calculate gets an apostrophe in front."""
    table = data.run.table.rename(columns=harmless)
    table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def harmless(text: str) -> str:
    """`text` so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def sidecar(data: Schema) -> str:
    """The columns' units and meanings and where the numbers come from, as JSON."""
    columns = [{"name": "time_s", "unit": "s", "meaning": "communication time"}]
    columns += [{"name": harmless(q.name), "unit": q.unit, "meaning": q.meaning} for q in data.quantities]
    return json.dumps({"columns": columns, "run": dict(data.facts)}, indent=2, ensure_ascii=False) + "\n"
