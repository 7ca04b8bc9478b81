"""What the cases that ANDES ships hold, counted in their files: no case is loaded, ANDES is not imported."""

from __future__ import annotations

import html
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from tdscen.simulators.andes.files import cases_folder
from tdscen.simulators.source import below
from tdscen.simulators.spec import ShippedModel

STATIC = frozenset(
    {"Bus", "PQ", "PV", "Slack", "Line", "Jumper", "Shunt", "ShuntSw", "Area", "Region", "Zone", "Owner", "Toggle"}
    | {"Toggler", "Fault", "Alter", "Summary", "Output", "TimeSeries", "Node", "Ground", "R", "L", "C", "Fortescue"}
)
"""Tables of a case that have no states. A case with any other one moves."""

Counts = Mapping[str, int]
"""Devices of each table of a case, by ANDES's name of its model."""


def cases() -> tuple[ShippedModel, ...]:
    """Every case with buses, by its name. A file that cannot be read is left out."""
    folder = cases_folder()
    return () if folder is None else tuple(_cases(folder))


def _cases(folder: Path) -> Iterator[ShippedModel]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        reader = READERS.get(path.suffix.lower())
        try:
            counts = reader(path) if reader else {}
        except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile):
            continue
        if counts.get("Bus"):
            extras = [below(dyr, folder) for dyr in _dynamics_of(path, files)]
            moves = any(counts[table] for table in counts if table not in STATIC)
            generators = counts.get("PV", 0) + counts.get("Slack", 0)
            name = below(path, folder)
            yield ShippedModel(name, counts["Bus"], counts.get("PQ", 0), generators, moves, tuple(extras))


def _dynamics_of(raw: Path, files: list[Path]) -> Iterator[Path]:
    """The .dyr files of a .raw file: those of its name, and those that continue no other .raw file's name."""
    if raw.suffix.lower() != ".raw":
        return
    stems = [path.stem for path in files if path.suffix.lower() == ".raw" and path.parent == raw.parent]
    for path in files:
        if path.suffix.lower() == ".dyr" and path.parent == raw.parent:
            owners = [stem for stem in stems if path.stem == stem or path.stem.startswith(f"{stem}_")]
            if owners and max(owners, key=len) == raw.stem:
                yield path


def _json(path: Path) -> Counts:
    return {name: len(rows) for name, rows in json.loads(path.read_text(encoding="utf-8")).items()}


_SHEET = re.compile(r'<sheet\b[^>]*?\bname="([^"]*)"[^>]*?\br:id="([^"]*)"')
_TARGET = re.compile(r"<Relationship\b[^>]*>")
_ROW = re.compile(r"<row\b(?:[^>]*[^/>])?>(.*?)</row>", re.DOTALL)


def _excel(path: Path) -> Counts:
    """Rows with a value below the heading of each sheet."""
    with zipfile.ZipFile(path) as file:
        targets = dict(_targets(file.read("xl/_rels/workbook.xml.rels").decode()))
        sheets = _SHEET.findall(file.read("xl/workbook.xml").decode())
        return {html.unescape(name): _rows(file.read(targets[key]).decode()) for name, key in sheets}


def _targets(relations: str) -> Iterator[tuple[str, str]]:
    for relation in _TARGET.findall(relations):
        found = dict(re.findall(r'(\w+)="([^"]*)"', relation))
        yield found["Id"], (PurePosixPath("/xl") / found["Target"]).as_posix().lstrip("/")


def _rows(sheet: str) -> int:
    return max(0, sum("<v>" in row or "<is>" in row for row in _ROW.findall(sheet)) - 1)


def _raw(path: Path) -> Counts:
    """PSS/E: three lines of heading, then sections of one line a device, each ended by a line that begins with 0."""
    sections: list[list[str]] = [[]]
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines()[3:]:
        if re.match(r"\s*0\s*(?:/|$)", line):
            sections.append([])
        else:
            sections[-1].append(line)
    counts = dict(zip(("Bus", "PQ", "Shunt", "PV"), (len(lines) for lines in sections), strict=False))
    transformers = sections[5] if len(sections) > 5 else []
    return counts | {"Bus": counts["Bus"] + _star_points(transformers)}


def _star_points(lines: list[str]) -> int:
    """Transformers with three windings, of which ANDES makes a bus each: five lines, where those with two have four."""
    found = at = 0
    while at < len(lines):
        three = int(lines[at].split(",")[2]) != 0
        found, at = found + three, at + (5 if three else 4)
    return found


def _matpower(path: Path) -> Counts:
    """MATPOWER: a row a bus and a generator; a load is a bus with power."""
    text = re.sub(r"%.*", "", path.read_text(encoding="utf-8", errors="replace"))
    tables = {name: [row.split() for row in re.split(r"[;\n]", body)] for name, body in _MATRIX.findall(text)}
    tables = {name: [row for row in rows if row] for name, rows in tables.items()}
    loads = sum(float(row[2]) != 0 or float(row[3]) != 0 for row in tables["bus"])
    return {"Bus": len(tables["bus"]), "PQ": loads, "PV": len(tables["gen"])}


_MATRIX = re.compile(r"mpc\.(bus|gen)\s*=\s*\[(.*?)\]", re.DOTALL)

READERS: Mapping[str, Callable[[Path], Counts]] = {".json": _json, ".xlsx": _excel, ".raw": _raw, ".m": _matpower}
