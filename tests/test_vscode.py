"""The VS Code extension: its snippets say what the language takes; its own tests, and its lock file."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from plans import ROOT
from test_highlighting import EXTENSION, NODE, with_node

from tdscen.compiler import check_source
from tdscen.language.analyse import analyse
from tdscen.source import Source
from tdscen.syntax import parse
from tdscen.syntax.formatter import format_text

SNIPPETS: dict[str, dict[str, Any]] = json.loads((EXTENSION / "snippets" / "tds.json").read_text(encoding="utf-8"))
PLACE = re.compile(r"\$\{(\d+):([^}]*)\}|\$\{(\d+)\|([^|]*)\|\}|\$0")

PARTS = {
    "scenario": 'scenario "a study"\n',
    "transmission": 'transmission ieee14 {\n  case = "ieee14/ieee14_full.xlsx"\n}\n',
    "distribution": 'distribution ieee34 {\n  model = "feeders/ieee34/ieee34.dss"\n}\n',
    "interface": "interface at9 {\n  transmission = ieee14.bus[9]\n  distribution = ieee34\n}\n",
    "simulation": "simulation {\n  step = 1 s\n  stop = 15 s\n}\n",
}
"""A study that a snippet joins, but for the part that the snippet is."""


def expansions(name: str) -> Iterator[str]:
    """The text of a snippet as it is inserted: the defaults, once with each word of its choices."""
    body = "\n".join(SNIPPETS[name]["body"])
    choices = [found[4].split(",") for found in PLACE.finditer(body) if found[4] is not None]
    for k in range(max(map(len, choices), default=1)):

        def filled(found: re.Match[str], k: int = k) -> str:
            return found[2] if found[1] else found[4].split(",")[k % len(found[4].split(","))] if found[3] else ""

        yield PLACE.sub(filled, body)


def study(name: str, text: str) -> str:
    """The snippet within a study."""
    prefix = SNIPPETS[name]["prefix"]
    if prefix == "study":
        return text
    parts = {"interfaces": "interface"}.get(prefix, prefix)
    around = [part for keyword, part in PARTS.items() if keyword != parts]
    if prefix == "refine":
        around[-1] = around[-1].replace("}\n", f"  {text}\n}}\n")
        return "".join(around)
    parameter = "parameter deviation = 1 %\n" if prefix == "sweep" else ""
    return "".join(around) + parameter + text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where everything that a snippet names is."""
    (tmp_path / "feeders").symlink_to(ROOT / "scenarios" / "feeders")
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "day.csv").write_text("time_s,load\n0,1\n15,1.1\n")
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "systems.tds").write_text("parameter shared = 1\n")
    return tmp_path


@pytest.mark.parametrize("name", SNIPPETS)
def test_a_snippet_is_sound_and_laid_out(name: str, folder: Path) -> None:
    for text in expansions(name):
        assert format_text(text).text == text
        source = Source.from_text("study.tds", study(name, text))
        document, problems = parse(source)
        assert not problems
        assert not analyse(document, source, folder).diagnostics


def test_what_snippets_name_is_in_the_models(folder: Path) -> None:
    """All devices that they name by default exist, and nothing of them contradicts another."""
    together = [name for name in SNIPPETS if SNIPPETS[name]["prefix"] not in (*PARTS, "study", "interfaces", "refine")]
    text = "".join(PARTS.values()) + "".join(next(expansions(name)) for name in together)
    checked = check_source(Source.from_text("study.tds", text), folder)
    assert {diagnostic.code for diagnostic in checked.diagnostics} == {"TDS209"}  # profiles that nothing uses yet


def test_the_lock_file_names_no_place_but_the_public_registry() -> None:
    lock = json.loads((EXTENSION / "package-lock.json").read_text(encoding="utf-8"))
    for name, package in lock["packages"].items():
        assert package.get("resolved", "https://registry.npmjs.org/").startswith("https://registry.npmjs.org/"), name
        assert not name or package["integrity"].startswith("sha512-"), name


@with_node
def test_the_extension_s_own_tests() -> None:
    command = [str(NODE), "--test", str(EXTENSION / "test" / "extension.test.js")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@with_node
def test_what_the_server_answers_arrives_in_the_editor() -> None:
    """The extension and VS Code's own client library, in a stand-in for the editor, with our server."""
    pytest.importorskip("pygls", reason="the extra tdscen[editor] is not installed")
    program = Path(sys.executable).with_name("tdscen")
    command = [str(NODE), "--test", str(EXTENSION / "test" / "server.test.js")]
    env = {**os.environ, "TDSCEN": str(program)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pass 1" in done.stdout  # not skipped
