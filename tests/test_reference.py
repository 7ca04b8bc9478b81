"""The reference page says what the schema says; help texts exist."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tdscen.cli import COMMANDS
from tdscen.language.blocks import BLOCKS
from tdscen.language.reference import renew

PAGE = Path(__file__).resolve().parents[1] / "docs" / "language.md"


def test_the_page_is_up_to_date() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert renew(text) == text, "run: python -m tdscen.language.reference docs/language.md"


def test_every_block_and_attribute_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for block in BLOCKS:
        assert f"`{block.keyword} " in text
        for attribute in block.attributes:
            assert f"| `{attribute.name}`" in text


def test_every_command_has_help_with_an_example_and_is_in_the_readme() -> None:
    readme = (PAGE.parents[1] / "README.md").read_text(encoding="utf-8")
    for name in COMMANDS:
        program = Path(sys.executable).parent / "tdscen"
        done = subprocess.run([program, name, "--help"], capture_output=True, text=True, check=True)
        assert "Example" in done.stdout, name
        assert f"tdscen {name}" in done.stdout, name
        assert f"tdscen {name}" in readme, name


def test_the_readme_shows_the_shipped_scenario() -> None:
    readme = (PAGE.parents[1] / "README.md").read_text(encoding="utf-8")
    assert (PAGE.parents[1] / "scenarios" / "ieee14_ieee34.tds").read_text(encoding="utf-8") in readme
