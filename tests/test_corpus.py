"""Invalid samples: each line marked `# ERROR CODE` (or `# WARNING CODE`) is reported there, and nothing else is.

The text of every report is kept beside its sample (`.txt`); `TDSCEN_UPDATE=1 pytest tests/test_corpus.py` rewrites it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tdscen import catalogue
from tdscen.compiler import Checked, check_file, compile_file
from tdscen.diagnostics import render_text

HERE = Path(__file__).parent / "corpus"
INVALID = sorted((HERE / "invalid").glob("*.tds"))
VALID = sorted((HERE / "valid").glob("*.tds")) + sorted((HERE.parent.parent / "scenarios").glob("*.tds"))
MARK = re.compile(r"# (ERROR|WARNING)((?: TDS\d{3})+)")
ELSEWHERE = {"TDS210", "TDS412"}
"""Codes whose cause stands in no file: the command line (test_studies.py), a missing simulator (test_compiler.py)."""


def expected(path: Path) -> set[tuple[int, str, str]]:
    marks = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        for mark in MARK.finditer(line):
            marks |= {(number, mark[1].lower(), code) for code in mark[2].split()}
    return marks


def found(checked: Checked) -> set[tuple[int, str, str]]:
    places = ((checked.sources[d.span.file].position(d.span.start)[0], d) for d in checked.diagnostics)
    return {(line, d.severity, d.code) for line, d in places}


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_invalid_sample_reports_what_it_marks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    checked = compile_file(Path(path.name)).checked
    assert found(checked) == expected(path)
    errors = any(severity == "error" for _, severity, _ in expected(path))
    assert (checked.plan is None) == errors
    text = "\n\n".join(render_text(d, checked.sources) for d in checked.diagnostics) + "\n"
    snapshot = path.with_suffix(".txt")
    if os.environ.get("TDSCEN_UPDATE"):
        snapshot.write_text(text, encoding="utf-8")
    assert text == snapshot.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_valid_sample_has_no_diagnostic(path: Path) -> None:
    checked = check_file(path)
    assert [render_text(d, checked.sources) for d in checked.diagnostics] == []
    assert checked.plan is not None


def test_every_code_has_a_sample_and_every_sample_a_code() -> None:
    sampled = {code for path in INVALID for _, _, code in expected(path)}
    known = {entry.code for entry in catalogue.entries()}
    assert known - sampled == ELSEWHERE
    assert sampled <= known


def test_every_code_used_in_the_source_is_in_the_catalogue() -> None:
    package = Path(catalogue.__file__).parents[1]
    used = {code for file in package.rglob("*.py") for code in re.findall(r'"(TDS\d{3})"', file.read_text("utf-8"))}
    assert used == {entry.code for entry in catalogue.entries()}
