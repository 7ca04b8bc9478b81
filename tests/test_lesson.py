"""The notebook of the lesson: committed with its outputs, which are what it gives and carry no time and no path.

`TDSCEN_UPDATE=1 python -m pytest -m slow tests/test_lesson.py` runs it and keeps what it gives.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"
LESSON = DOCS / "lesson.ipynb"
PICTURE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]+")
ROUND_OFF = re.compile(r"\d(\.\d+)?e-1\d( kW)? at \w+, t = \d+ s|\d\.\d+e-1\d")
"""A balance of 1e-12 kW is round-off, which differs between processors."""


def texts(outputs: list[dict[str, Any]]) -> Iterator[str]:
    """What a cell's outputs say, without pictures and without the digits of round-off."""
    for output in outputs:
        parts = output.get("data", {"text/plain": output.get("text", "")})
        for kind, content in sorted(parts.items()):
            if kind != "image/png":
                said = content if isinstance(content, str) else "".join(content)
                yield ROUND_OFF.sub("round-off", PICTURE.sub("picture", said))


def test_the_committed_outputs_are_complete_and_of_no_machine() -> None:
    text = LESSON.read_text(encoding="utf-8")
    book = json.loads(text)
    cells = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert not [cell["metadata"] for cell in book["cells"] if cell["metadata"]]
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert {output["output_type"] for output in outputs} == {"stream", "display_data", "execute_result"}
    assert {output["name"] for output in outputs if output["output_type"] == "stream"} == {"stdout"}
    said = "\n".join(text for cell in cells for text in texts(cell["outputs"]))
    assert said.count("error[") >= 3
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 1
    assert not re.search(r"wall time|/tmp|/home|/root|/Users|\d\d:\d\d:\d\d", said)


@pytest.mark.slow
def test_it_gives_what_is_committed(tmp_path: Path) -> None:
    import nbclient
    import nbformat

    shutil.copytree(DOCS.parent / "scenarios", tmp_path / "scenarios")
    (tmp_path / "docs").mkdir()
    shutil.copy(DOCS / "sensitivity.csv", tmp_path / "docs")
    committed = nbformat.read(LESSON, as_version=4)
    book = nbformat.read(LESSON, as_version=4)
    where = {"metadata": {"path": str(tmp_path / "docs")}}
    nbclient.NotebookClient(book, timeout=300, record_timing=False, resources=where).execute()
    if os.environ.get("TDSCEN_UPDATE"):
        book.metadata["language_info"] = {"name": "python"}
        for cell in book.cells:
            cell.metadata.clear()
        LESSON.write_text(nbformat.writes(book, indent=1) + "\n", encoding="utf-8")
        return
    for ours, found in zip(committed.cells, book.cells, strict=True):
        if ours.cell_type == "code":
            assert list(texts(found.outputs)) == list(texts(ours.outputs)), ours.source


def test_the_page_of_the_site_shows_every_cell_and_output() -> None:
    pytest.importorskip("mkdocs", reason="pip install 'tdscen[docs]'")
    hook = runpy.run_path(str(DOCS / "_hooks" / "notebook_pages.py"))
    page = hook["page"](LESSON)
    book = json.loads(LESSON.read_text(encoding="utf-8"))
    for cell in book["cells"]:
        source = "".join(cell["source"])
        shown = source.partition("\n")[2] if source.startswith("%%tds") else source
        assert all(line in page for line in shown.splitlines())
    assert page.count('```tds title="%%tds ') == sum("".join(c["source"]).startswith("%%tds") for c in book["cells"])
    assert page.count('src="data:image/png;base64,') == 3
    assert "error[TDS407]" in page
