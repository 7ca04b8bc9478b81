"""The files that an OpenDSS master reads, found by reading its text: no engine is started and nothing is executed.

OpenDSS reads a redirected file in that file's own folder, takes backslashes as separators, and on this system
distinguishes upper and lower case in file names (masters written on Windows often do not: the near match is named).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tdscen.simulators.errors import ModelNotFound
from tdscen.simulators.source import ModelSource, bundled
from tdscen.suggest import did_you_mean

_QUOTED = r"""(?:"[^"]*"|'[^']*'|\([^)]*\)|\[[^\]]*\]|\{[^}]*\})"""
_COMMAND = re.compile(r"\s*(?P<word>[A-Za-z]+)(?:\s*[=\s]\s*|(?=[\"'(\[{]))(?P<rest>.*)", re.DOTALL)
_FILE = re.compile(
    rf"\b(?:pq|p|q)?(?:file|csvfile|sngfile|dblfile)\s*=\s*(?P<name>{_QUOTED}|[^\s,)\]}}]+)", re.IGNORECASE
)
_ARGUMENT = re.compile(rf"\s*(?:file\s*=\s*)?(?P<name>{_QUOTED}|[^\s,]+)", re.IGNORECASE)

# OpenDSS accepts shortened commands and takes the first of its list that begins so. The numbers say how many letters
# each of these needs (tried one by one against the list of DSS C-API 0.14.5).
_REDIRECTS = {"redirect": 3, "compile": 1}
_COORDINATES = {"buscoords": 3, "latlongcoords": 2}
_OUTPUT = {"show": 2, "export": 2, "plot": 1, "save": 2, "visualize": 2, "dump": 2, "fileedit": 1, "formedit": 2}
_OUTPUT |= {"help": 1, "about": 1, "panel": 2, "di_plot": 3, "cvrtloadshapes": 2, "alignfile": 3, "obfuscate": 2}
_OUTPUT |= {"exportoverloads": 7, "exportvviolations": 7}
_READS = _REDIRECTS | _COORDINATES
_READS_NO_FILE = _OUTPUT | {"set": 3, "get": 1}


@dataclass(frozen=True, slots=True)
class Reference:
    """A file that a DSS file names, on a line of it; `redirect`: OpenDSS executes that file."""

    name: str
    line: int
    redirect: bool


def locate(text: str, folder: Path, extra: tuple[str, ...] = ()) -> ModelSource:
    """The model whose master is `text` beside the scenario, with all files that it reads. Raises `ModelNotFound`."""
    master = folder / text
    if not master.is_file():
        raise ModelNotFound(f"there is no feeder model {text} beside the scenario{_near(folder, text)}")
    found: dict[Path, None] = {}
    _follow(Path(os.path.abspath(master)), Path(os.path.abspath(folder)), found, chain=())
    further = [folder / name for name in extra]
    for name, path in zip(extra, further, strict=True):
        if not path.is_file():
            raise ModelNotFound(f"there is no file {name} beside the scenario{_near(folder, name)}")
    return bundled(master, others=list(found), extra=further)


def _follow(file: Path, base: Path, found: dict[Path, None], chain: tuple[Path, ...]) -> None:
    found[file] = None
    for reference in references(file.read_text(encoding="utf-8-sig", errors="replace")):
        where = f"{_shown(file, base)} line {reference.line}"
        name = reference.name.replace("\\", "/")
        if Path(name).is_absolute() or re.match(r"[A-Za-z]:", name):
            raise ModelNotFound(
                f"{where} names {reference.name} by an absolute path: a model that is copied into the generated "
                "folder needs paths relative to its own files"
            )
        target = Path(os.path.normpath(file.parent / name))
        if not target.is_file():
            raise ModelNotFound(f"{where} refers to {reference.name}, which is not there{_near(file.parent, name)}")
        if target in (*chain, file):
            raise ModelNotFound(f"{where} redirects to {reference.name}, which leads back to this line")
        if reference.redirect:
            _follow(target, base, found, (*chain, file))
        else:
            found[target] = None


def references(text: str) -> Iterator[Reference]:
    """The files that the text of a DSS file refers to, in its order."""
    for number, code in _commands(text):
        command = _COMMAND.match(code)
        word = command["word"].lower() if command else ""
        if command and _is(word, _READS):
            argument = _ARGUMENT.match(command["rest"])
            if argument:
                yield Reference(_unquoted(argument["name"]), number, _is(word, _REDIRECTS))
        elif not _is(word, _READS_NO_FILE):
            for match in _FILE.finditer(code):
                yield Reference(_unquoted(match["name"]), number, redirect=False)


def without_output(text: str) -> str:
    """The text with every line that shows, prints or writes something made a comment; lines keep their numbers."""
    lines = text.split("\n")
    for number, code in _commands(text):
        command = _COMMAND.match(code)
        if command and _is(command["word"].lower(), _OUTPUT):
            lines[number - 1] = f"! {lines[number - 1]}"
    return "\n".join(lines)


def executed(source: ModelSource) -> tuple[str, ...]:
    """Those files of a model that OpenDSS executes: the master and what is redirected to."""
    found: dict[str, None] = {}
    waiting = [source.main]
    while waiting:
        name = waiting.pop()
        found[name] = None
        text = (source.root / name).read_text(encoding="utf-8-sig", errors="replace")
        for reference in references(text):
            target = os.path.normpath(Path(name).parent / reference.name.replace("\\", "/"))
            if reference.redirect and target not in found:
                waiting.append(Path(target).as_posix())
    return tuple(found)


def _commands(text: str) -> Iterator[tuple[int, str]]:
    """Line number and code of every line that is not a comment."""
    in_comment = False
    for number, line in enumerate(text.split("\n"), start=1):
        if in_comment or line.lstrip().startswith("/*"):
            in_comment = "*/" not in line
        else:
            yield number, _without_comment(line)


def _is(word: str, commands: dict[str, int]) -> bool:
    return any(name.startswith(word) and len(word) >= shortest for name, shortest in commands.items())


def _without_comment(line: str) -> str:
    """The line up to `!` or `//` outside double and single quotes."""
    if "!" not in line and "//" not in line:
        return line
    quote = ""
    for i, char in enumerate(line):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char == "!" or line.startswith("//", i):
            return line[:i]
    return line


def _unquoted(name: str) -> str:
    return name[1:-1].strip() if re.fullmatch(_QUOTED, name) else name


def _shown(file: Path, base: Path) -> str:
    return Path(os.path.relpath(file, base)).as_posix()


def _near(folder: Path, name: str) -> str:
    """`: did you mean x?` from the files around the place where `name` should be."""
    around = [p for p in folder.rglob("*") if p.is_file()][:5000] if folder.is_dir() else []
    known = [Path(os.path.relpath(p, folder)).as_posix() for p in around]
    parent = Path(os.path.normpath(folder / name)).parent
    if parent.is_dir() and not parent.is_relative_to(folder):
        known += [Path(os.path.relpath(p, folder)).as_posix() for p in parent.iterdir() if p.is_file()]
    hint = did_you_mean(Path(name).as_posix(), known)
    return f": {hint}" if hint else ""
