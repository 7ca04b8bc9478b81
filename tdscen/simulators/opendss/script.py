"""The text of a DSS file: which files it names, which settings it leaves behind, and the text that is executed instead.

OpenDSS executes a copy in which nothing is shown, written or solved, no folder is changed, and every file is named by
where it was found. What a line means is read as OpenDSS reads it (`commands`); what is not known to be harmless becomes
a comment, or the model is refused (`strangers`). `Solve` sets what it would have set and does not solve: a study solves
the feeder itself, from its settings as written (a master's own daily run would have moved taps and emptied storages
before). Lines keep their numbers, so that OpenDSS's messages point into the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from tdscen.files import MODEL_MB, read_plain
from tdscen.simulators.opendss.commands import WRITING, meaning, option
from tdscen.simulators.opendss.strangers import NOTHING, QUOTED, Subject, objection, subject

_COMMAND = re.compile(r"\s*(?P<word>[^\s,=\"'(\[{]+)(?:\s*[=\s,]\s*|(?=[\"'(\[{]))(?P<rest>.*)", re.DOTALL)
_WORD = re.compile(r"\s*(?P<word>[^\s,=\"'(\[{]+)\s*$")
_PROPERTY = re.compile(r"\s*[^\s,=\"'(\[{]+\s*=")
_FILE = re.compile(
    rf"\b(?:pq|p|q)?(?:file|csvfile|sngfile|dblfile)\s*=\s*(?P<name>{QUOTED}|[^\s,)\]}}]+)", re.IGNORECASE
)
_ARGUMENT = re.compile(rf"\s*(?:file\s*=\s*)?(?P<name>{QUOTED}|[^\s,]+)", re.IGNORECASE)
_ARGUMENT_OF_ELEMENT = re.compile(rf"\s*(?:object\s*=\s*)?(?:{QUOTED}|[^\s,]+)", re.IGNORECASE)
_SETTING = re.compile(rf"(?<![A-Za-z_%])(?P<key>[A-Za-z_%]+)\s*=\s*(?P<value>{QUOTED}|[^\s,]+)[\s,]*")

_DROPPED = {"datapath", "mode", *WRITING}
_UNTIL_COMMENT = re.compile(r"""(?:[^"'!/]+|"[^"]*(?:"|$)|'[^']*(?:'|$)|/(?!/))*""")
_LINE = re.compile(r"\r\n|\n|\r")

Kind = Literal["redirect", "compile", "folder", "file"]


@dataclass(frozen=True, slots=True)
class Reference:
    """A file that a line names, or the folder that it changes to; the name stands at `start` to `end` of the line.

    `redirect` and `compile`: OpenDSS executes that file.
    """

    kind: Kind
    name: str
    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Setting:
    """What a `Set` or `Solve` leaves behind: `mode` or `controlmode`, in lower case."""

    key: str
    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Script:
    """A DSS file as read. `edits` (line, start, end, text) make it the text that is executed.

    `refusals` are lines that are not executed at all, nor anything with them, and why ("line 3 " + why is a sentence).
    """

    lines: tuple[str, ...]
    references: tuple[Reference, ...]
    settings: tuple[Setting, ...]
    refusals: tuple[tuple[int, str], ...]
    edits: tuple[tuple[int, int, int, str], ...]

    def executed(self, places: Mapping[Reference, str]) -> str:
        """The text for OpenDSS, its files named as `places` says."""
        lines = list(self.lines)
        named = ((r.line, r.start, r.end, f'"{places[r]}"') for r in self.references if r in places)
        for line, start, end, text in sorted((*self.edits, *named), reverse=True):
            lines[line - 1] = lines[line - 1][:start] + text + lines[line - 1][end:]
        return "\n".join(lines)


def read_script(path: Path) -> Script:
    """The DSS file at `path`: UTF-8 or UTF-16 with or without mark, else Latin-1."""
    return parse(decoded(read_plain(path, MODEL_MB)))


def decoded(content: bytes) -> str:
    """The text of a file whose encoding nobody states."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


@lru_cache(maxsize=128)
def parse(text: str) -> Script:
    """A DSS text, line by line; remembered, because a federate loads the same model for each of its feeders."""
    lines = tuple(_LINE.split(text))
    references: list[Reference] = []
    settings: list[Setting] = []
    refusals: list[tuple[int, str]] = []
    edits: list[tuple[int, int, int, str]] = []
    about = NOTHING
    for number, code in _code(lines):
        if not code.strip():
            continue
        command = _COMMAND.match(code) or _WORD.match(code)
        means = "plain" if command is None or _PROPERTY.match(code) else meaning(command["word"])
        about, reason = _judged(code, command, means, about)
        if reason:
            refusals.append((number, reason))
        elif command is None or means in ("plain", "element", "unknown"):
            if "file" in code.lower():
                references += (_reference("file", match, "name", number) for match in _FILE.finditer(code))
        elif means in ("set", "solve"):
            references += _folders(code, number)
            settings += _settings(code, number)
            edits += _without_solution(code, number, command, solves=means == "solve")
        elif means in ("redirect", "compile", "file", "folder"):
            references += _argument(command, number, means)
        if means in ("output", "folder"):
            edits.append((number, 0, 0, "! "))
        elif len(code) < len(lines[number - 1]) and any(bracket in code for bracket in "([{"):
            edits.append((number, len(code), len(lines[number - 1]), ""))  # OpenDSS reads on within brackets
    return Script(lines, tuple(references), tuple(settings), tuple(refusals), tuple(edits))


def _judged(code: str, command: re.Match[str] | None, means: str, before: Subject) -> tuple[Subject, str]:
    """What a line is about, given what the line before was about, and why it is refused (empty: it is not)."""
    start = code.lstrip()
    if "\0" in code:
        return NOTHING, "contains NUL characters: it is no text"
    if start[0] in "\"'([{@,=":
        return NOTHING, f"begins with `{start[0]}`: a command is written without quotes and variables"
    rest = (command.groupdict().get("rest") or "") if command else ""
    if _PROPERTY.match(code):
        return NOTHING, objection(code, subject(code))
    if means == "element" and command is not None:
        more = command["word"].lower() in ("~", "m", "mo", "mor", "more")
        about = before if more else subject(rest)
        element = None if more else _ARGUMENT_OF_ELEMENT.match(rest)
        return about, objection(rest[element.end() :] if element else rest, about)
    if means in ("set", "solve") and _SETTING.sub("", rest).strip(" \t,"):
        return NOTHING, "has a setting without a name: write `name=value`"
    if means in ("redirect", "compile", "file") and rest.strip() and not _ARGUMENT.match(rest):
        return NOTHING, "names no file"
    return NOTHING, ""


def _argument(command: re.Match[str], number: int, kind: Kind) -> list[Reference]:
    if "rest" not in command.groupdict():
        return []
    argument = _ARGUMENT.match(command.string, command.start("rest"))
    return [_reference(kind, argument, "name", number)] if argument else []


def _reference(kind: Kind, match: re.Match[str], group: str, number: int) -> Reference:
    return Reference(kind, _unquoted(match[group]), number, match.start(group), match.end(group))


def _folders(code: str, number: int) -> list[Reference]:
    return [
        _reference("folder", match, "value", number)
        for match in _SETTING.finditer(code)
        if option(match["key"]) == "datapath"
    ]


def _settings(code: str, number: int) -> list[Setting]:
    return [
        Setting(option(match["key"]), _unquoted(match["value"]).lower(), number)
        for match in _SETTING.finditer(code)
        if option(match["key"]) in ("mode", "controlmode")
    ]


def _without_solution(
    code: str, number: int, command: re.Match[str], *, solves: bool
) -> Iterator[tuple[int, int, int, str]]:
    """`Solve` as `Set`, without mode (which needs a solution for some modes, and is ours to say) and what writes files.

    One without options becomes `MakeBusList`, the part of a solution that `Reduce` and `Interpolate` need: without it
    they end the process.
    """
    found = list(_SETTING.finditer(code))
    dropped = [match.span() for match in found if option(match["key"]) in _DROPPED]
    if len(dropped) == len(found):
        yield (number, command.start("word"), len(code), "MakeBusList") if solves else (number, 0, 0, "! ")
        return
    if solves:
        yield (number, command.start("word"), command.end("word"), "Set")
    for start, end in dropped:
        yield (number, start, end, "")


def _code(lines: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Line number and code of every line that is not a comment."""
    in_comment = False
    for number, line in enumerate(lines, start=1):
        if in_comment or line.startswith("/*"):
            in_comment = "*/" not in line
        else:
            yield number, _without_comment(line)


def _without_comment(line: str) -> str:
    """The line up to `!` or `//` outside double and single quotes."""
    if "!" not in line and "//" not in line:
        return line
    code = _UNTIL_COMMENT.match(line)
    return code[0] if code else line


def _unquoted(name: str) -> str:
    return name[1:-1].strip() if re.fullmatch(QUOTED, name) else name
