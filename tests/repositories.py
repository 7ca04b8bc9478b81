"""Fixtures: a git repository with the shipped study, and the command line in this process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tdscen.cli import main

ROOT = Path(__file__).resolve().parents[1]
FEEDERS = ROOT / "scenarios" / "feeders"
SHIPPED = (ROOT / "scenarios" / "ieee14_ieee34.tds").read_text(encoding="utf-8")
PROGRAM = Path(sys.executable).parent / "tdscen"
KNOB = "parameter deviation = 2.5 %\nprofile wobble = normal(mean = 1, std = deviation, every = 1 s, seed = 981)"
STUDY = SHIPPED.replace("profile wobble = normal(mean = 1, std = 2.5 %, every = 1 s, seed = 981)", KNOB)
FROM_THE_KNOB = (
    "parameter deviation: 2.5 % -> 5 %\nprofile wobble: std 2.5 % -> 5 % (follows from parameter deviation)\n"
)

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def tdscen(capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in this process: exit status, stdout, stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        try:
            main([str(a) for a in arguments], standalone_mode=False)
            status = 0
        except SystemExit as left:
            status = int(left.code or 0)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "core.pager=cat")
    done = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the shipped study, its deviation a parameter; the working directory is inside it."""
    folder = tmp_path / "work" / "repository"
    shutil.copytree(FEEDERS, folder / "scenarios" / "feeders")
    (folder / "scenarios" / "study.tds").write_text(STUDY)
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "one")
    monkeypatch.chdir(folder)
    return folder
