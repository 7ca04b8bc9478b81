"""The documentation site: it builds without a warning, is whole, and loads nothing from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from plans import ROOT

from tdscen import catalogue
from tdscen.cli import COMMANDS

pytest.importorskip("mkdocs", reason="mkdocs is not installed (pip install 'tdscen[docs]')")
pytest.importorskip("material", reason="mkdocs-material is not installed (pip install 'tdscen[docs]')")

LOADED = re.compile(r"""<(?:script|img|iframe|source)[^>]*\bsrc=["'](?:https?:)?//|<link[^>]*href=["'](?:https?:)?//""")
"""What a browser would fetch by itself from another machine; a link that is followed by hand is none of it."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` builds it: a warning (a link or anchor that leads nowhere) ends it."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, env=quiet)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_command_and_diagnostic_has_its_place(site: Path) -> None:
    commands = (site / "commands.html").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f'id="tdscen-{name}"' not in commands] == []
    diagnostics = (site / "diagnostics.html").read_text(encoding="utf-8")
    assert [entry.code for entry in catalogue.entries() if f'id="{entry.code.lower()}-' not in diagnostics] == []


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    pages = [*site.rglob("*.html")]
    assert len(pages) > 20
    assert [page.name for page in pages if LOADED.search(page.read_text(encoding="utf-8"))] == []
    sheets = [sheet.read_text(encoding="utf-8") for sheet in site.rglob("*.css")]
    assert sheets
    assert not any(re.search(r"url\(['\"]?(?:https?:)?//|@import", sheet) for sheet in sheets)
