"""Diagnostics as plain data, and their three views: text for people, JSON for editors, GitHub annotations for CI.

A diagnostic never decides anything: passes return them, the command line prints them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tdscen.source import Source, Span

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that matters, with what to say there."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A mend that is exactly determined: `title` says it, `text` takes the place of what stands at `span`."""

    title: str
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem: a stable code, one plain sentence, the place, a few words at the place, and the mend."""

    code: str
    message: str
    span: Span
    at: str = ""
    help: str = ""
    labels: tuple[Label, ...] = ()
    severity: Severity = "error"
    fixes: tuple[Fix, ...] = ()


def sort(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """First to last in the file, without repetitions."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=lambda d: (d.span.order, d.code, d.message)))


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether any of them keeps the scenario from being compiled."""
    return any(d.severity == "error" for d in diagnostics)


def to_json(diagnostic: Diagnostic, sources: Sequence[Source]) -> dict[str, Any]:
    """Plain values; lines and columns count from 1, the end column is the first one after the span."""
    source = sources[diagnostic.span.file]
    place = source.clamp(diagnostic.span)
    (line, column), (end_line, end_column) = source.position(place.start), source.position(place.end)
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "file": source.name,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "at": diagnostic.at,
        "help": diagnostic.help,
        "labels": [_label_json(label, sources[label.span.file]) for label in diagnostic.labels],
        "fixes": [_fix_json(fix, sources[fix.span.file]) for fix in diagnostic.fixes],
    }


def _fix_json(fix: Fix, source: Source) -> dict[str, Any]:
    (line, column), (end_line, end_column) = source.position(fix.span.start), source.position(fix.span.end)
    place = {"line": line, "column": column, "end_line": end_line, "end_column": end_column}
    return {"title": fix.title, "file": source.name, **place, "text": fix.text}


def _label_json(label: Label, source: Source) -> dict[str, Any]:
    line, column = source.position(source.clamp(label.span).start)
    width = label.span.end - label.span.start
    return {"file": source.name, "line": line, "column": column, "width": width, "text": label.text}


def render_json(diagnostics: Iterable[Diagnostic], sources: Sequence[Source]) -> str:
    """A JSON list, one object a diagnostic."""
    return json.dumps([to_json(d, sources) for d in diagnostics], indent=2, ensure_ascii=False)


def render_github(diagnostics: Iterable[Diagnostic], sources: Sequence[Source]) -> str:
    """GitHub workflow commands, one line a diagnostic."""
    lines = []
    for d in (to_json(d, sources) for d in diagnostics):
        text = f"{d['message']} ({d['help']})" if d["help"] else d["message"]
        text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        place = f"file={d['file']},line={d['line']},col={d['column']},endColumn={d['end_column']}"
        lines.append(f"::{d['severity']} {place},title={d['code']}::{text}")
    return "\n".join(lines)


def render_text(diagnostic: Diagnostic, sources: Sequence[Source]) -> str:
    """The block that a terminal shows: sentence, place, source line with the span marked, help."""
    data = to_json(diagnostic, sources)
    source = sources[diagnostic.span.file]
    here = [(data["line"], data["column"], _width(data, source), "^", data["at"])]
    here += [
        (n["line"], n["column"], max(1, n["width"]), "-", n["text"]) for n in data["labels"] if n["file"] == source.name
    ]
    gutter = len(str(max(line for line, *_ in here)))
    margin = " " * gutter
    lines = [
        f"{data['severity']}[{data['code']}]: {visible(_shortened(data['message']))}",
        f"{margin} --> {data['file']}:{data['line']}:{data['column']}",
        f"{margin} |",
    ]
    shown_line = 0
    for line, place, width, mark, text in sorted(here):
        shown, column = _window(visible(source.line(line)), place)
        if line != shown_line:
            lines.append(f"{line:>{gutter}} | {shown}".rstrip())
            shown_line = line
        lead = "".join("\t" if c == "\t" else " " for c in shown[: column - 1])
        marks = mark * max(1, min(width, len(shown) - column + 1))
        lines.append(f"{margin} | {lead}{marks} {visible(_shortened(text))}".rstrip())
    for label in data["labels"]:
        if label["file"] != source.name:
            lines.append(f"{margin} = {label['file']}:{label['line']}:{label['column']}: {label['text']}")
    if data["help"]:
        lines += [f"{margin} |", f"{margin} = help: {data['help']}"]
    return "\n".join(lines)


LONGEST_LINE, LONGEST_TEXT = 400, 2000
"""Characters of a source line, and of a sentence, that are shown."""


def _window(line: str, column: int) -> tuple[str, int]:
    """The part of a long line about a column, and the column in it."""
    if len(line) <= LONGEST_LINE:
        return line, column
    start = max(0, column - LONGEST_LINE // 2)
    return line[start : start + LONGEST_LINE], column - start


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}..."


def visible(text: str) -> str:
    """Characters that act on a terminal or turn the direction of writing are shown as what they are: not readable."""
    return text if text.isprintable() else "".join(c if c.isprintable() or c == "\t" else "\ufffd" for c in text)


def _width(data: dict[str, Any], source: Source) -> int:
    """Width of the mark on the first line of a span."""
    if data["end_line"] == data["line"]:
        return int(data["end_column"]) - int(data["column"])
    return len(source.line(data["line"])) - int(data["column"]) + 1
