"""Excel: the sheets `interfaces`, `everything`, `units` and `run`. Text is text: no cell is ever a formula."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

from tdscen.results.errors import ResultsError
from tdscen.results.formats.schema import Schema

ROWS, COLUMNS = 1_048_576, 16_384
"""What a sheet holds, the header included (Microsoft, "Excel specifications and limits")."""
TEXT = 32_767


def write(data: Schema, path: Path) -> None:
    """Write the workbook. What is no number is an empty cell, an infinity text: a sheet knows neither.

    Raises `ResultsError` where a table is larger than a sheet.
    """
    from openpyxl import Workbook

    everything, interfaces = data.run.table, data.run.interfaces
    for table in (everything, interfaces):
        if len(table) + 1 > ROWS or table.shape[1] > COLUMNS:
            raise ResultsError(
                f"{len(table)} rows and {table.shape[1]} columns are more than an Excel sheet holds "
                f"({ROWS - 1} and {COLUMNS}); use --to netcdf or --to csv"
            )
    book = Workbook(write_only=True)
    _sheet(book, "interfaces", interfaces.columns, interfaces.itertuples(index=False, name=None))
    _sheet(book, "everything", everything.columns, everything.itertuples(index=False, name=None))
    units = [("time_s", "", "s", "communication time")]
    units += [(q.name, q.interface, q.unit, q.meaning) for q in data.quantities]
    _sheet(book, "units", ("quantity", "interface", "unit", "meaning"), units)
    _sheet(book, "run", ("what", "value"), data.facts)
    book.save(path)


def _sheet(book: object, title: str, header: Iterable[str], rows: Iterable[tuple[object, ...]]) -> None:
    from openpyxl import Workbook

    assert isinstance(book, Workbook)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "B2"
    sheet.append([_cell(sheet, name) for name in header])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: object, value: object) -> object:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if isinstance(value, float):
        if math.isnan(value):
            return None
        cell = WriteOnlyCell(sheet, value=repr(float(value)))
        cell.data_type = "n" if math.isfinite(value) else "s"  # by itself openpyxl writes 16 digits, one too few
        return cell
    text = ILLEGAL_CHARACTERS_RE.sub("", str(value))[:TEXT]
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"  # also where it begins with "=": text, never a formula
    return cell
