"""What the documentation shows is so: scenarios are sound, commands exist, sessions print what stands there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from pages import PAGES, ROOT, Fence, completed, fences, problems, session

from tdscen.cli import COMMANDS, main

ELSEWHERE = {"slurm"}
"""Pages whose commands need other machines: they are only parsed."""

RUN = [
    page
    for page in (ROOT / "docs" / "tutorial.md", *sorted((ROOT / "docs" / "howto").glob("*.md")))
    if page.stem not in ELSEWHERE
]
"""Pages that are done as they stand, from an empty folder on."""

QUICK = {"own-case"}
"""Those that take two seconds."""


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def of(page: Path) -> list[Fence]:
    return list(fences(page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_scenarios_and_parts_of_them_are_sound(page: Path) -> None:
    folder = ROOT / "scenarios"
    for fence in of(page):
        if fence.language == "tds":
            assert problems(completed(fence.text), folder) == [], fence.text


def calls(text: str) -> Iterator[list[str]]:
    """The words of every call of tdscen in a block, without remarks, pipes and redirections."""
    for line in text.splitlines():
        if not re.search(r"^(\$ )?\S.*\btdscen |^(\$ )?tdscen ", line):
            continue
        reader = shlex.shlex(line.removeprefix("$ "), posix=True, punctuation_chars="&|;<>")
        reader.whitespace_split = True
        words = list(reader)
        while words:
            end = next((i for i, word in enumerate(words) if set(word) <= set("&|;<>")), len(words))
            if words[0] == "tdscen":
                yield words[1:end]
            words = words[end + 1 :]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_are_called_as_they_can_be(page: Path) -> None:
    for fence in of(page):
        for words in calls(fence.text) if fence.language in ("", "console", "sh") else ():
            assert words[0] in COMMANDS, words
            command = main.get_command(click.Context(main), words[0])
            assert command is not None
            try:
                command.make_context(words[0], words[1:])
            except click.UsageError as error:
                pytest.fail(f"tdscen {shlex.join(words)}: {error.format_message()}")


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, id=page.stem, marks=() if page.stem in QUICK else pytest.mark.slow) for page in RUN],
)
def test_a_page_is_done_as_it_stands(page: Path, tmp_path: Path) -> None:
    program = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": program, "COLUMNS": "100", "PYTHONPATH": str(ROOT)}
    done = 0
    for fence in of(page):
        if fence.title:
            (tmp_path / fence.title).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / fence.title).write_text(fence.text, encoding="utf-8")
        for command in session(fence.text) if fence.language == "console" else ():
            run = subprocess.run(
                ["bash", "-c", command.line],
                cwd=tmp_path,
                env=env,
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            said = run.stdout + run.stderr
            assert run.returncode == command.status, f"{command.line}\n{said}"
            lines = {line.rstrip() for line in said.splitlines()}
            assert [line for line in command.output if line not in lines] == [], f"{command.line}\n{said}"
            done += 1
    assert done > 0


@pytest.mark.slow
def test_the_tutorial_begins_in_a_fresh_environment(tmp_path: Path) -> None:
    """Its first block installs what is here, nothing more; the sweep, which can do with more, does without it."""
    install = next(fence.text for fence in of(ROOT / "docs" / "tutorial.md") if fence.language == "sh")
    question = next(f for f in of(ROOT / "docs" / "tutorial.md") if f.title == "lesson/question.tds")
    checkout = tmp_path / "home" / "tdscen"
    shutil.copytree(ROOT, checkout, ignore=shutil.ignore_patterns(".*", "node_modules", "runs", "site", "build"))
    folder = tmp_path / "empty"
    folder.mkdir()
    sweep = f"tdscen new lesson; cat > {question.title} <<'END'\n{question.text}END\ntdscen sweep {question.title}\n"
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    env = {**kept, "HOME": str(checkout.parent), "TDSCEN_CACHE": str(tmp_path / "cache")}
    run = subprocess.run(
        ["bash", "-ec", f"{install}\ncommand -v tdscen\n{sweep}"],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"{folder}/environment/bin/tdscen" in run.stdout
    assert "9 of 9 points complete (9 computed now)" in run.stdout
    assert (folder / "generated/question/sweeps/sensitivity/heat_v_min_pu.png").exists()
