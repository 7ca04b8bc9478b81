"""`interface NAME { from = "table.csv" }`: one interface for each row of a table.

Columns are `bus`, `distribution`, `scale`, `load` and `replace`; what a row leaves empty is taken from the block. All
but `bus` are expressions as in a scenario, and a mistake in them is shown in the table. Several rows may name one bus.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType

from tdscen.facts import Key
from tdscen.language.mending import take_out
from tdscen.language.reader import Reader
from tdscen.language.study import CheckedBlock, Entry
from tdscen.language.values import Devices, Items, Value
from tdscen.mends import spelling
from tdscen.source import Source, Span
from tdscen.suggest import did_you_mean, one_of
from tdscen.syntax import nodes as n
from tdscen.syntax.parser import parse_expression

_WHOLE = re.compile("-?[0-9]{1,18}")

COLUMNS = ("bus", "distribution", "scale", "load", "replace")


def expand_tables(blocks: list[CheckedBlock], reader: Reader) -> tuple[CheckedBlock, ...]:
    """The blocks, each interface with a table replaced by one interface a row."""
    expanded: list[CheckedBlock] = []
    for block in blocks:
        if block.schema.keyword == "interface" and "from" in block.entries:
            expanded += _rows(block, reader)
        else:
            expanded.append(block)
    return tuple(expanded)


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    span: Span


def _rows(block: CheckedBlock, reader: Reader) -> Iterator[CheckedBlock]:
    path, at = block.text("from") or "", block.span("from")
    for name in ("transmission",):
        if name in block.entries:
            message = "the buses stand in the table, or in the block, not in both"
            fixes = take_out(block.entries[name])
            reader.report("TDS317", message, block.span(name), "leave this line out", fixes=fixes)
    folder = reader.texts.folder(at)
    try:
        content = reader.texts.read(folder / path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return reader.report("TDS430", f"{path} cannot be read: {reason}", at)
    source = reader.texts.add((folder / path).as_posix(), content, folder)
    systems = [name for name, declared in reader.scope.items() if declared.keyword == "transmission"]
    try:
        header, *records = list(_cells(source)) or [{}]
    except csv.Error as error:
        return reader.report("TDS430", f"{path} cannot be read: it is no CSV file ({error})", at)
    wrong = [cell for cell in header.values() if cell.text not in COLUMNS]
    for cell in wrong:
        at_cell = did_you_mean(cell.text, COLUMNS) or f"a table has the columns {one_of(COLUMNS)}"
        fixes = spelling(cell.span, cell.text, COLUMNS)
        message = f"{cell.text or 'an empty text'} is no column of a table"
        reader.report("TDS317", message, cell.span, at_cell, fixes=fixes)
    if "bus" not in [cell.text for cell in header.values()]:
        reader.report("TDS317", f"{path} has no column bus", at)
    elif not wrong and len(systems) == 1:
        reading = _Reading(block, reader, systems[0])
        names = [cell.text for cell in header.values()]
        seen: dict[Key, int] = {}
        for record in records:
            row = dict(zip(names, record.values(), strict=False))
            made = reading.row(row, seen)
            if made is not None:
                yield made
    return None


def _cells(source: Source) -> Iterator[dict[int, _Cell]]:
    """The cells of every line that is not empty, with their places."""
    for number, start in enumerate(source.line_starts[:-1], 1):
        line = source.line(number)
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        cells, offset = {}, start
        for i, text in enumerate(next(csv.reader(io.StringIO(line)))):
            found = source.text.find(text, offset, start + len(line) + 1) if text else offset
            begin = found if found >= 0 else offset
            lead = len(text) - len(text.lstrip())
            cells[i] = _Cell(text.strip(), Span(begin + lead, begin + lead + max(1, len(text.strip())), source.index))
            offset = begin + len(text)
        yield cells


class _Reading:
    """Rows of one table; an expression that stands in many rows is read once."""

    def __init__(self, block: CheckedBlock, reader: Reader, system: str) -> None:
        self.block, self.reader, self.system = block, reader, system
        self._known: dict[tuple[str, str], Entry | None] = {}

    def row(self, row: dict[str, _Cell], seen: dict[Key, int]) -> CheckedBlock | None:
        bus = row.get("bus")
        if bus is None or not bus.text:
            span = next(iter(row.values())).span
            return self.reader.report("TDS317", "a row names no bus", span)
        key: Key = int(bus.text) if _WHOLE.fullmatch(bus.text) else bus.text
        seen[key] = seen.get(key, 0) + 1
        devices = Devices(self.system, "bus", key, False, None, bus.span)
        entries = {**self.block.entries, "transmission": self._entry("transmission", bus, Items((devices,)))}
        broken = set(self.block.broken)
        for name in COLUMNS[1:]:
            cell = row.get(name)
            if cell is not None and cell.text:
                entry = self._expression(name, cell)
                if entry is None:
                    broken.add(name)
                else:
                    entries[name] = replace(entry, span=cell.span, name_span=cell.span)
        if "distribution" not in {*entries, *broken}:
            return self.reader.report("TDS317", f"bus {key} has no distribution", bus.span, "in the row or the block")
        return CheckedBlock(
            self.block.schema,
            f"{self.block.label}[{key}]" + (f"_{seen[key]}" if seen[key] > 1 else ""),
            bus.span,
            self.block.header,
            MappingProxyType(entries),
            broken=frozenset(broken),
        )

    def _entry(self, name: str, cell: _Cell, value: Value) -> Entry:
        return Entry(name, value, cell.span, cell.span, n.Text(cell.text, cell.span))

    def _expression(self, name: str, cell: _Cell) -> Entry | None:
        if (name, cell.text) not in self._known:
            expression, problem = parse_expression(cell.text, cell.span)
            attribute = self.block.schema.attribute(name)
            value = None
            if problem is not None:
                self.reader.problems.append(problem)
            elif expression is not None and attribute is not None:
                value = attribute.type.read(expression, self.reader)
            known = Entry(name, value, cell.span, cell.span, expression) if value and expression else None
            self._known[name, cell.text] = known
        return self._known[name, cell.text]
