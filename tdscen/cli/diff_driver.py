"""What git calls for a .tds file, once `tdscen git-setup` has been run: the study's changes in the place of text.

Git hands over both versions as files and not the commits that they are of: models and included files are taken from
the working tree. Git takes any exit status but 0 for a crash, so whatever cannot be compared is shown as text.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tdscen.cli.study_changes import changes_between, check_as
from tdscen.compare import render_text
from tdscen.compiler import Checked


@dataclass(frozen=True)
class _Version:
    """One version: its path in the repository, and the file that git keeps its text in."""

    path: str
    file: str
    side: str

    @property
    def absent(self) -> bool:
        return self.file == os.devnull

    @property
    def label(self) -> str:
        return os.devnull if self.absent else f"{self.side}/{self.path}"

    def check(self, settings: Sequence[str] = ()) -> Checked:
        """Check the text as if it stood at its path in the working tree, which is git's working directory."""
        return check_as(Path(self.file), self.label, Path(self.path).parent, settings)

    def lines(self) -> list[str]:
        content = b"" if self.absent else Path(self.file).read_bytes()
        return content.decode(errors="replace").splitlines()


def drive(arguments: Sequence[str]) -> None:
    """Print what git shall show of one file; `arguments` are those that it gives GIT_EXTERNAL_DIFF."""
    text = "\n".join(report(arguments)) + "\n"
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:  # the pager was left, which is no failure of the driver
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def report(arguments: Sequence[str]) -> list[str]:
    """A header that names the file, then the study's changes, or why not and the text's."""
    path, renamed = arguments[0], arguments[7] if len(arguments) > 7 else arguments[0]
    if len(arguments) < 7:
        return [f"diff --tdscen a/{path} b/{path}", "not merged yet"]
    old, new = _Version(path, arguments[1], "a"), _Version(renamed, arguments[4], "b")
    header = [f"diff --tdscen a/{path} b/{renamed} (models as in the working tree)"]
    if path != renamed:
        header.append(f"renamed from {path} to {renamed}")
    if old.absent or new.absent:
        return [*header, "new study" if old.absent else "deleted study", *_text(old, new)]
    before, after = old.check(), new.check()
    for which, checked in (("old", before), ("new", after)):
        if not checked.sound:
            reason = f"shown as text, because the {which} version has errors: {_first_error(checked)}"
            return [*header, reason, *_text(old, new)]
    changes, limit = changes_between(before, after, old.check)
    return [*header, render_text(changes), *([f"({limit})"] if limit else [])]


def _text(old: _Version, new: _Version) -> list[str]:
    return list(difflib.unified_diff(old.lines(), new.lines(), old.label, new.label, lineterm=""))


def _first_error(checked: Checked) -> str:
    error = next(d for d in checked.diagnostics if d.severity == "error")
    source = checked.sources[error.span.file]
    return f"{source.name}:{source.position(error.span.start)[0]}: {error.code}: {error.message}"
