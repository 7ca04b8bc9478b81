"""A scenario as it was at a git revision, with the files that it needs, in a folder of its own.

The repository's index and working tree are not touched: git writes the files from an index of our own, converting
line ends and the like as a checkout would. Which files are needed is read off the text: whatever in the scenario, or
in a text file that it leads to, is the path of a file in that revision.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tdscen.git import GitError, git, line, top
from tdscen.scratch import scratch_folder

LINK, SUBMODULE = "120000", "160000"
MOST_LINKS = 20
LARGEST_TEXT = 20_000_000
"""Bytes beyond which a file is not searched for paths."""

_QUOTED = re.compile(r'"([^"\n]+)"|\'([^\'\n]+)\'')
_BARE = re.compile(r"[^\s\"'=,;|()\[\]{}]+")


@dataclass(frozen=True, slots=True)
class Version:
    """A scenario at a revision.

    `name` is what messages call it (`HEAD~1:scenarios/study.tds`), `path` where its copy lies. `outside` are the files
    and folders that it names and that the revision does not hold: they are taken as they are now.
    """

    name: str
    path: Path
    outside: tuple[Path, ...]


@contextmanager
def at_revision(revision: str, file: Path) -> Iterator[Version]:
    """The scenario `file` of the working tree (where it need not be) as of `revision`, for the time of the context.

    Raises `GitError` in one sentence: no repository, no such revision, no such file in it.
    """
    repository, path = _place(file)
    with scratch_folder(prefix="revision-") as folder:
        tree = _Tree(repository, revision, folder)
        if not tree.holds(path):
            raise GitError(_absent(repository, revision, path, tree))
        tree.take(path)
        yield Version(f"{revision}:{path}", tree.copy(path), tuple(sorted(tree.outside)))


def in_repository(file: Path) -> Path | None:
    """The deepest folder above `file` that exists and lies in a git repository."""
    folder = _existing(file)
    return folder if top(folder) else None


def _existing(file: Path) -> Path:
    folder = Path(os.path.abspath(file)).parent
    while not folder.is_dir():
        folder = folder.parent
    return folder


def _place(file: Path) -> tuple[Path, str]:
    """The top of the repository, and the path of a file below it."""
    folder = _existing(file)
    repository, prefix = top(folder), line(folder, "rev-parse", "--show-prefix")
    if repository is None or prefix is None:
        raise GitError(f"{folder} does not lie in a git repository")
    return repository, prefix + Path(os.path.abspath(file)).relative_to(folder).as_posix()


def _absent(repository: Path, revision: str, path: str, tree: _Tree) -> str:
    log = ("log", "--follow", "--format=", "--name-status", "--diff-filter=R", f"{revision}..HEAD", "--", path)
    renamings = [entry.split("\t") for entry in (line(repository, *log) or "").splitlines() if entry]
    former = renamings[-1][1] if renamings else ""
    if former and tree.holds(former):
        now = os.path.relpath(repository / path)
        return f"{path} is not in {revision}; there it was {former}: `tdscen diff {revision}:{former} {now}`"
    return f"{path} is not in {revision}"


class _Tree:
    """What a revision holds, and copies of what is needed of it.

    Copies keep their absolute path below `folder`, so that a path which leads out of the repository can be followed.
    """

    def __init__(self, repository: Path, revision: str, folder: Path) -> None:
        self.repository, self.folder = repository, folder
        self.index = {"GIT_INDEX_FILE": str(folder / "index")}
        git(repository, "-c", "core.sparseCheckout=false", "read-tree", revision, variables=self.index)
        listed = os.fsdecode(git(repository, "ls-files", "-s", "-z", "--full-name", variables=self.index))
        entries = (entry.partition("\t") for entry in listed.split("\0") if entry)
        self.modes = {path: mode.split(" ")[0] for mode, _, path in entries}
        self.file_names = {posixpath.basename(path) for path in self.modes}
        self.linked = any(mode in (LINK, SUBMODULE) for mode in self.modes.values())
        self.outside: set[Path] = set()

    def holds(self, path: str) -> bool:
        """Whether the revision has this file."""
        return path in self.modes

    def copy(self, path: str) -> Path:
        """Where the copy of a file lies; `path` is relative to the repository's top."""
        return Path(f"{self.folder}{self.repository}", path)

    def take(self, path: str) -> None:
        """Copy a file and all that it leads to."""
        seen: set[Path] = set()
        waiting = [self.repository / path]
        while waiting:
            place = waiting.pop()
            if place in seen:
                continue
            seen.add(place)
            content = self._content(place)
            waiting += [Path(os.path.normpath(place.parent / name)) for name in self._paths(content, place)]

    def _content(self, place: Path, links: int = 0) -> str:
        """The text of a file, after copying it (or making it reachable where it lies outside of the revision)."""
        if links > MOST_LINKS:
            raise GitError(f"{place} is a symbolic link that leads back to itself")
        if not place.is_relative_to(self.repository):
            return self._from_outside(place)
        path = place.relative_to(self.repository).as_posix()
        for part in (*reversed([p.as_posix() for p in Path(path).parents]), path) if self.linked else (path,):
            if self.modes.get(part) == SUBMODULE:
                return self._from_outside(place, self.repository / part)
            if self.modes.get(part) == LINK:
                self._write(part)
                target = os.path.join(self.repository, posixpath.dirname(part), os.readlink(self.copy(part)))
                return self._content(
                    Path(os.path.normpath(os.path.join(target, os.path.relpath(path, part)))), links + 1
                )
        if path not in self.modes:
            return ""
        self._write(path)
        return _text(self.copy(path))

    def _write(self, path: str) -> None:
        prefix = f"--prefix={self.copy('.')}/"
        arguments = ("checkout-index", "-q", "-f", "-z", "--stdin", prefix)
        git(self.repository, *arguments, stdin=os.fsencode(path) + b"\0", variables=self.index)

    def _from_outside(self, place: Path, root: Path | None = None) -> str:
        """Link a file that the revision does not hold (with `root`, the folder that holds it) from where it lies."""
        shown = root or place
        if not shown.exists():
            return ""
        self.outside.add(shown)
        link = Path(f"{self.folder}{shown}")
        if not link.exists():
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(shown)
        return _text(place)

    def _paths(self, content: str, place: Path) -> Iterator[str]:
        """What in a text may be the path of a file, relative to the file that the text stands in."""
        quoted = {a or b for a, b in _QUOTED.findall(content)}
        here = place.is_relative_to(self.repository)
        for name in quoted.union(_BARE.findall(content)):
            path = name.replace("\\", "/")
            target = Path(os.path.normpath(place.parent / path))
            if os.path.isabs(path):
                if name in quoted and _is_file(target):
                    self.outside.add(target)  # read from there whatever the revision
            elif target.is_relative_to(self.repository):
                if target.name in self.file_names or (self.linked and "." in path):
                    yield path
            elif (not here or ".." in path) and _is_file(target):
                yield path


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a text that is too long for a path
        return False


def _text(path: Path) -> str:
    """The text of a file; nothing for what is no text."""
    if path.suffix.lower() == ".csv" or not path.is_file() or path.stat().st_size > LARGEST_TEXT:
        return ""
    content = path.read_bytes()
    return "" if b"\0" in content[:8192] else content.decode(errors="replace")
