"""`tdscen diff`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tdscen.cli.options import examples, fail
from tdscen.cli.output import count, show

if TYPE_CHECKING:
    from tdscen.compiler import Checked

SAME, DIFFERENT, TROUBLE = 0, 1, 2


@dataclass(frozen=True)
class _Side:
    """One of the two studies: a file, under the name that messages give it, and what it takes as it is now."""

    name: str
    path: Path
    outside: tuple[Path, ...] = ()

    def check(self, settings: Sequence[str] = ()) -> Checked:
        from tdscen.cli.study_changes import check_as

        return check_as(self.path, self.name, self.path.parent, settings)


@click.command(
    epilog=examples(
        "tdscen diff before.tds after.tds",
        "tdscen diff HEAD study.tds",
        "tdscen diff v1.0 main scenarios/study.tds",
        "tdscen diff HEAD~3:scenarios/old_name.tds scenarios/new_name.tds",
    )
)
@click.argument("sides", nargs=-1, metavar="A B | REV FILE | REV1 REV2 FILE")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", help="How changes are printed.")
@click.option("--git-driver", "driver", is_flag=True, hidden=True)
def command(sides: tuple[str, ...], form: str, driver: bool) -> None:
    """Say what differs between two studies: what they mean, not how they are written.

    Two files; a git revision and a file of the working tree; or two revisions of a file (REV:PATH names a file at a
    revision by itself). At a revision the models and included files are those of that revision. A change that follows
    from another one says so; studies that differ by layout, comments and spelling only are the `same study`.

    Exit status, as of diff: 0 the same study; 1 different; 2 trouble (a scenario with errors, a wrong call).
    """
    if driver:
        from tdscen.cli.diff_driver import drive

        return drive(sides)
    from tdscen.cli.study_changes import changes_between
    from tdscen.compare import render_json, render_text
    from tdscen.git import GitError

    with ExitStack() as opened:
        try:
            old, new = _sides(sides, opened)
        except GitError as error:
            fail(str(error), TROUBLE)
        before, after = old.check(), new.check()
        _refuse_errors(((old, before), (new, after)))
        changes, limit = changes_between(before, after, old.check)
        _remark(old, new, limit)
    click.echo(render_json(changes) if form == "json" else render_text(changes))
    sys.exit(DIFFERENT if changes else SAME)


def _refuse_errors(checked: Sequence[tuple[_Side, Checked]]) -> None:
    """Leave with the errors of both sides, where there are any."""
    wrong = [(side, found) for side, found in checked if not found.sound]
    for side, found in wrong:
        show(found.diagnostics, found.sources)
        click.echo(f"{side.name}: {count(found.diagnostics)}", err=True)
    if wrong:
        sys.exit(TROUBLE)


def _remark(old: _Side, new: _Side, limit: str) -> None:
    """Say on stderr what was not compared, and what is not of the revision."""
    outside = dict.fromkeys((*old.outside, *new.outside))
    if outside:
        names = ", ".join(path.as_posix() for path in outside)
        click.echo(f"note: outside of the revision, taken as it is now: {names}", err=True)
    if limit:
        click.echo(f"note: {limit}", err=True)


def _sides(words: tuple[str, ...], opened: ExitStack) -> tuple[_Side, _Side]:
    """The two studies that the arguments name. Raises `GitError`, or leaves with one sentence."""
    if len(words) == 3:
        file = Path(words[2])
        return _revision(words[0], file, opened), _revision(words[1], file, opened)
    if len(words) != 2:
        fail("two studies are wanted: A B, or REV FILE, or REV1 REV2 FILE; see `tdscen diff --help`", TROUBLE)
    second = _study(words[1], opened)
    if second is None:
        where = "is neither a file nor REV:PATH"
        fail(f"{words[1]} {where}; a file that is gone is compared by `tdscen diff REV1 REV2 FILE`", TROUBLE)
    first = _study(words[0], opened, beside=second.path)
    return first or _revision(words[0], second.path, opened), second


def _study(word: str, opened: ExitStack, beside: Path | None = None) -> _Side | None:
    """A file, or a file at a revision (`REV:PATH`); None for anything else, such as a revision alone."""
    from tdscen.git import commit, top

    is_file = os.path.isfile(word)
    revision, colon, path = word.partition(":")
    of_commit = bool(colon and path) and commit(Path.cwd(), revision) is not None
    if is_file and (of_commit or (beside is not None and _is_revision(word, beside))):
        fail(f"{word} is both a file and a revision: write ./{word} for the file, refs/... for the revision", TROUBLE)
    if is_file:
        return _Side(Path(word).as_posix(), Path(word))
    if of_commit:
        here = path.startswith(("./", "../"))
        return _revision(revision, (Path.cwd() if here else top(Path.cwd()) or Path()) / path, opened)
    return None


def _is_revision(word: str, file: Path) -> bool:
    from tdscen.git import commit
    from tdscen.revisions import in_repository

    folder = in_repository(file)
    return folder is not None and commit(folder, word) is not None


def _revision(revision: str, file: Path, opened: ExitStack) -> _Side:
    from tdscen.git import GitError
    from tdscen.revisions import at_revision, in_repository

    if in_repository(file) is None:
        raise GitError(f"{revision} is no file, and {file.as_posix()} does not lie in a git repository")
    if not _is_revision(revision, file):
        raise GitError(f"{revision} is neither a file nor a revision of the repository of {file.as_posix()}")
    version = opened.enter_context(at_revision(revision, file))
    return _Side(version.name, version.path, version.outside)
