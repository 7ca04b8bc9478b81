"""`tdscen git-setup`."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

import click

from tdscen.cli.options import examples, fail

KEY = "diff.tds.command"
ATTRIBUTE = "*.tds diff=tds"


@click.command(
    epilog=examples("tdscen git-setup && git diff", "git log -p --ext-diff -- study.tds", "tdscen git-setup --undo")
)
@click.option("--undo", is_flag=True, help="Take both settings out again.")
def command(undo: bool) -> None:
    """Let `git diff` of this repository show what changed in a study, not in its text.

    Sets diff.tds.command in the repository's own configuration (each clone has its own) and adds `*.tds diff=tds` to
    .gitattributes, which may be committed: where the command is not set, git shows text as before. `git show` and
    `git log -p` use the driver with --ext-diff; --no-ext-diff shows the text.
    """
    from tdscen.git import GitError, top

    folder = top(Path.cwd())
    if folder is None:
        fail(f"{Path.cwd()} does not lie in the working tree of a git repository")
    try:
        for done in _undo(folder) if undo else _install(folder):
            click.echo(done)
    except (GitError, OSError) as error:
        fail(str(error))


def _install(folder: Path) -> tuple[str, str]:
    from tdscen.git import git, line

    driver = f"{_program()} diff --git-driver --"
    before = line(folder, "config", "--local", KEY)
    if before != driver:
        git(folder, "config", "--local", KEY, driver)
    text = _attributes(folder)
    if ATTRIBUTE not in text.splitlines():
        _write(folder, text + ("\n" if text and not text.endswith("\n") else "") + ATTRIBUTE + "\n")
        added = f"added `{ATTRIBUTE}` to .gitattributes"
    else:
        added = f"`{ATTRIBUTE}` stands in .gitattributes already"
    was = f" (it was: {before})" if before and before != driver else ""
    return f"{KEY} is {'set already' if before == driver else 'set'}: {driver}{was}", added


def _undo(folder: Path) -> tuple[str, str]:
    from tdscen.git import git, line

    before = line(folder, "config", "--local", KEY)
    ours = before is not None and "--git-driver" in before
    if ours:
        git(folder, "config", "--local", "--unset", KEY)
    lines = _attributes(folder).splitlines(keepends=True)
    kept = [text for text in lines if text.strip() != ATTRIBUTE]
    if len(kept) < len(lines):
        _write(folder, "".join(kept))
    return (
        f"{KEY} is no longer set"
        if ours
        else f"{KEY} is not set"
        if before is None
        else f"{KEY} is not ours, and kept",
        f".gitattributes {'no longer has' if len(kept) < len(lines) else 'does not have'} `{ATTRIBUTE}`",
    )


def _program() -> str:
    """This very program, whatever PATH will be when git calls it."""
    beside = Path(sys.executable).parent / "tdscen"
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("tdscen")
    if found is None:
        fail("the command `tdscen` is not installed beside this Python and not on PATH")
    return shlex.quote(found)


def _attributes(folder: Path) -> str:
    path = folder / ".gitattributes"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _write(folder: Path, text: str) -> None:
    """An empty .gitattributes is removed."""
    path = folder / ".gitattributes"
    if text:
        path.write_text(text, encoding="utf-8")
    else:
        path.unlink()
