"""The documentation site: it builds without a warning, is whole, and loads nothing from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from browser import PROGRAM, Browser
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


@pytest.mark.skipif(PROGRAM is None, reason="no Chromium is installed")
@pytest.mark.parametrize("page", ["index", "howto/pv"])
def test_opened_from_the_disk_a_page_searches_and_asks_nobody(site: Path, tmp_path: Path, page: str) -> None:
    """Browsers start no worker from a file: `assets/iframe-worker.js` stands in for it."""
    with Browser(tmp_path / "profile", "--disable-background-networking") as browser:
        browser.open(site / f"{page}.html")
        browser.run("document.querySelector('.md-search__input').focus()")
        browser.call("Input.insertText", text="volt_var")
        found = "[...document.querySelectorAll('.md-search-result__link')].map(each => each.href)"
        for _ in range(100):
            if links := browser.run(found):
                break
            time.sleep(0.1)
        assert {"resources.html", "pv.html"} <= {Path(each.partition("?")[0]).name for each in links}
        assert browser.told("Log.entryAdded", "Runtime.exceptionThrown") == []
        assert [each for each in browser.requests() if not each.startswith(("file:", "data:"))] == []
