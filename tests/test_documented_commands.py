"""Commands that stand on pages beside the tutorial and the how-to pages are done, one after the other, in one study.

Those pages name no files of their own: `study.tds` is a study with a parameter, a sweep and a history in git.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import indent

import pytest
from pages import PAGES, ROOT, fences

STUDY = """\
scenario "A study that the pages speak of"

transmission ieee14 {
  case = "ieee14/ieee14_full.xlsx"
}

distribution ieee34 {
  model = "feeders/ieee34/ieee34.dss"
}

parameter std = 2.5 %

profile wobble = normal(mean = 1, std = std, every = 1 s, seed = 981)

interface bus4 {
  transmission = ieee14.bus[4]
  distribution = ieee34
  load         = wobble
}

simulation {
  step = 1 s
  stop = 10 s
}

sweep deviations {
  std = [1 %, 2 %]
}
"""

MEANT = {"RUN1": "generated/study/runs/0001", "RUN2": "generated/study/runs/0002", "RUN": "generated/study"}
"""What a page leaves to the reader."""

ELSEWHERE = {
    "pip ": "tests/test_pages.py installs into a fresh environment",
    "make ": ".ci/run does them",
    "tdscen lsp": "tests/test_lsp.py speaks with it",
    "tdscen run --resume": "tests/test_resume.py interrupts runs",
    "--observers": "tests/test_observers.py joins",
    "helics observer": "helics-cli-extras fails by its own error, as the page says",
    "tdscen diff HEAD scenarios/": "tests/test_diff_in_git.py",
    "git config ": "tests/test_diff_in_git.py",
    "error: ": "what a command says, no command",
}
"""Beginnings or parts of lines that are not done here, and where they are."""


def commands(page: Path) -> list[str]:
    """Lines of the page's plain and console fences that call something of ours."""
    found = []
    for fence in fences(page.read_text(encoding="utf-8")):
        if fence.language in ("", "console", "sh"):
            lines = (line.removeprefix("$ ") for line in fence.text.splitlines())
            found += [line for line in lines if " tdscen " in f" {line}"]
    return [line for line in found if not any(part in line for part in ELSEWHERE)]


ASKED = {
    page: lines
    for page in PAGES
    if page.parent.name != "howto" and page.stem != "tutorial" and (lines := commands(page))
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with the study in its second state, and two runs of it."""
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    shutil.copytree(ROOT / "scenarios" / "feeders", tmp_path / "feeders")
    git = "git -c user.name=t -c user.email=t@example.org"
    for text, message in ((STUDY.replace("10 s", "8 s"), "first"), (STUDY, "second")):
        (tmp_path / "study.tds").write_text(text, encoding="utf-8")
        done(f"git init -q . && git add study.tds feeders && {git} commit -qm {message}", tmp_path)
    done("tdscen run study.tds -q && tdscen run study.tds -q --set 'std=3 %' --force", tmp_path)
    return tmp_path


def done(line: str, folder: Path) -> str:
    """Do a line in the folder; its output."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "COLUMNS": "100", "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        ["bash", "-c", line], cwd=folder, env=env, capture_output=True, text=True, timeout=600, check=False
    )
    # `tdscen diff` and `compare` end with 1 where there is a difference, as diff does
    assert run.returncode in ((0, 1) if "diff" in line or "compare" in line else (0,)), run.stdout + run.stderr
    return run.stdout


def test_pages_with_commands_are_found() -> None:
    assert {page.name for page in ASKED} >= {"README.md", "index.md", "verify-coupling.md"}


@pytest.mark.slow
@pytest.mark.parametrize("page", ASKED, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_of_a_page_is_done(page: Path, folder: Path) -> None:
    said = []
    for line in ASKED[page]:
        words = (MEANT.get(word, word) for word in line.split(" "))
        said.append(done(" ".join(words), folder))
    assert any(said)


@pytest.mark.slow
def test_every_line_of_python_is_done(folder: Path) -> None:
    """The examples of README.md and docs/results.md; those of docs/python.md: tests/test_python_api.py."""
    done("tdscen run -q scenarios/ieee14_ieee34.tds", folder)
    for page in (ROOT / "README.md", ROOT / "docs" / "results.md"):
        for fence in fences(page.read_text(encoding="utf-8")):
            if fence.language == "python":
                (folder / "example.py").write_text(f'if __name__ == "__main__":\n{indent(fence.text, "    ")}')
                done("python example.py", folder)
