"""Calls of git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path


class GitError(Exception):
    """What git could not do, in one sentence."""


def git(folder: Path, *arguments: str, stdin: bytes = b"", variables: Mapping[str, str] | None = None) -> bytes:
    """What a git command prints, run in `folder`. Raises `GitError` with git's own last line."""
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            input=stdin,
            env={**os.environ, **(variables or {})},
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise GitError("git is not installed") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise GitError(said[-1].removeprefix("fatal: ") if said else f"git {arguments[0]} failed")
    return done.stdout


def line(folder: Path, *arguments: str) -> str | None:
    """The one line that a git command prints, None where it fails."""
    try:
        return os.fsdecode(git(folder, *arguments)).rstrip("\n")
    except GitError:
        return None


def top(folder: Path) -> Path | None:
    """The top folder of the working tree that `folder` lies in, None where there is none."""
    found = line(folder, "rev-parse", "--show-toplevel")
    return Path(found) if found else None


def commit(folder: Path, revision: str) -> str | None:
    """The hash of the commit that `revision` names, None where it names none."""
    if not revision or revision.startswith("-"):
        return None
    return line(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
