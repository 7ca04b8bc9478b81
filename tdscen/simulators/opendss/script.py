"""The text of a DSS file: which files it names, which settings it leaves behind, and the text that is executed instead.

OpenDSS executes a copy in which nothing is shown, written or solved, no folder is changed, and every file is named by
where it was found. `Show`, `Export`, `Plot` and the like become comments. `Solve` sets what it would have set and
does not solve: a study solves the feeder itself, from its settings as written (a master's own daily run would have
moved taps and emptied storages before). Lines keep their numbers, so that OpenDSS's messages point into the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_QUOTED = r"""(?:"[^"]*"|'[^']*'|\([^)]*\)|\[[^\]]*\]|\{[^}]*\})"""
_COMMAND = re.compile(r"\s*(?P<word>[A-Za-z_]+)(?:\s*[=\s]\s*|(?=[\"'(\[{]))(?P<rest>.*)", re.DOTALL)
_WORD = re.compile(r"\s*(?P<word>[A-Za-z_]+)\s*$")
_FILE = re.compile(
    rf"\b(?:pq|p|q)?(?:file|csvfile|sngfile|dblfile)\s*=\s*(?P<name>{_QUOTED}|[^\s,)\]}}]+)", re.IGNORECASE
)
_ARGUMENT = re.compile(rf"\s*(?:file\s*=\s*)?(?P<name>{_QUOTED}|[^\s,]+)", re.IGNORECASE)
_SETTING = re.compile(
    rf"(?<![A-Za-z_%])(?P<key>datapath|mode|controlmode)\s*=\s*(?P<value>{_QUOTED}|[^\s,]+)[\s,]*", re.IGNORECASE
)

# OpenDSS accepts shortened commands and takes the first of its list that begins so. The numbers say how many letters
# each of these needs (tried one by one against the list of DSS C-API 0.14.5).
_LETTERS: dict[str, dict[str, int]] = {
    "redirect": {"redirect": 3},
    "compile": {"compile": 1},
    "file": {"buscoords": 3, "latlongcoords": 2, "giscoords": 2},
    "folder": {"cd": 2},
    "set": {"set": 3},
    "solve": {"solve": 2},
    "none": {"get": 1},
}
_OUTPUT = {"show": 2, "export": 2, "plot": 1, "save": 2, "visualize": 2, "dump": 2, "fileedit": 1, "formedit": 2}
_OUTPUT |= {"help": 1, "about": 1, "panel": 2, "di_plot": 3, "cvrtloadshapes": 2, "alignfile": 3, "obfuscate": 2}
_OUTPUT |= {"exportoverloads": 7, "exportvviolations": 7, "comhelp": 4, "top": 3, "quit": 1, "doscmd": 2, "solveall": 6}
_REPORTS = {"sample": 3, "voltages": 1, "currents": 2, "powers": 2, "seqvoltages": 3, "seqcurrents": 4, "seqpowers": 4}
_REPORTS |= {
    "losses": 1,
    "phaselosses": 2,
    "cktlosses": 2,
    "totals": 1,
    "totalpowers": 6,
    "puvoltages": 2,
    "summary": 2,
}
_REPORTS |= {"zsc": 1, "zsc10": 4, "zsc012": 4, "zscrefresh": 4, "ysc": 1, "varvalues": 4, "varnames": 4, "vdiff": 2}
_REPORTS |= {"comparecases": 5, "yearlycurves": 2, "closedi": 6, "nodediff": 2, "pstcalc": 2, "relcalc": 3}
_REPORTS |= {"estimate": 2, "finishtimestep": 3, "capacity": 3}
_LETTERS["output"] = _OUTPUT | _REPORTS  # reports need a solution; some end the process without one
_MEANING = {
    name[:length]: meaning
    for meaning, commands in _LETTERS.items()
    for name, least in commands.items()
    for length in range(least, len(name) + 1)
}
"""What each spelling of a command does that concerns us."""

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
    """A DSS file as read. `edits` (line, start, end, text) make it the text that is executed."""

    lines: tuple[str, ...]
    references: tuple[Reference, ...]
    settings: tuple[Setting, ...]
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
    return parse(decoded(path.read_bytes()))


def decoded(content: bytes) -> str:
    """The text of a file whose encoding nobody states."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def parse(text: str) -> Script:
    """A DSS text, line by line."""
    lines = tuple(_LINE.split(text))
    references: list[Reference] = []
    settings: list[Setting] = []
    edits: list[tuple[int, int, int, str]] = []
    for number, code in _code(lines):
        command = _COMMAND.match(code) or _WORD.match(code)
        meaning = _MEANING.get(command["word"].lower(), "") if command else ""
        if command is None or not meaning:
            if "file" in code.lower():
                references += (_reference("file", match, "name", number) for match in _FILE.finditer(code))
        elif meaning in ("set", "solve"):
            references += _folders(code, number)
            settings += _settings(code, number)
            edits += _without_solution(code, number, command)
        elif meaning in ("redirect", "compile", "file", "folder"):
            references += _argument(command, number, meaning)  # type: ignore[arg-type]
        if meaning in ("output", "folder"):
            edits.append((number, 0, 0, "! "))
    return Script(lines, tuple(references), tuple(settings), tuple(edits))


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
        if match["key"].lower() == "datapath"
    ]


def _settings(code: str, number: int) -> list[Setting]:
    return [
        Setting(match["key"].lower(), _unquoted(match["value"]).lower(), number)
        for match in _SETTING.finditer(code)
        if match["key"].lower() != "datapath"
    ]


def _without_solution(code: str, number: int, command: re.Match[str]) -> Iterator[tuple[int, int, int, str]]:
    """`Solve` as `Set`, without data path and mode (which needs a solution for some modes, and is ours to say).

    One without options becomes `MakeBusList`, the part of a solution that `Reduce` and `Interpolate` need: without it
    they end the process.
    """
    solves = _MEANING[command["word"].lower()] == "solve"
    dropped = [match.span() for match in _SETTING.finditer(code) if match["key"].lower() in ("datapath", "mode")]
    rest = code[command.end("word") :]
    if not _SETTING.sub(lambda m: m[0] if m["key"].lower() == "controlmode" else "", rest).strip():
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
    return name[1:-1].strip() if re.fullmatch(_QUOTED, name) else name
