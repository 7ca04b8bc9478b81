"""Lark's exceptions to sentences that a power engineer can act on."""

from __future__ import annotations

import re
from dataclasses import replace

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from tdscen.diagnostics import Diagnostic, Fix
from tdscen.source import Span
from tdscen.syntax.recovery import unclosed

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_VALUE_STARTS = {"NUMBER", "TEXT", "LSQB"}


def explain(error: UnexpectedInput, text: str, file: int = 0) -> Diagnostic:
    """One diagnostic for a parser's or lexer's complaint about `text`, the text of source `file`."""
    problem = _explain(error, text)
    fixes = tuple(replace(fix, span=replace(fix.span, file=file)) for fix in problem.fixes)
    return replace(problem, span=replace(problem.span, file=file), fixes=fixes)


def _explain(error: UnexpectedInput, text: str) -> Diagnostic:
    if isinstance(error, UnexpectedCharacters):
        return _character(error.pos_in_stream or 0, text)
    if isinstance(error, UnexpectedToken):
        return _token(error, text)
    return Diagnostic("TDS101", "the file ends too early", Span(len(text) - 1, len(text)))


def _character(offset: int, text: str) -> Diagnostic:
    span, character = Span(offset, offset + 1), text[offset]
    if character == '"':
        line_end = text.find("\n", offset)
        return Diagnostic(
            "TDS102",
            "a text is not closed on its line",
            Span(offset, line_end),
            'no second `"` before the end of the line',
        )
    if character in "'`‘’“”":
        return Diagnostic(
            "TDS104",
            f"{character} does not quote a text",
            span,
            'write the text in straight double quotes: "..."',
            fixes=_quoted(offset, text),
        )
    if character in "–—−":
        fixes = (Fix("Write a plain -", span, "-"),)
        return Diagnostic("TDS104", f"{character} is not a minus sign", span, "write a plain -", fixes=fixes)
    if character == ":" and _names_something(text, offset):
        blank = "" if text[offset - 1].isspace() else " "
        fixes = (Fix("Write =", span, f"{blank}="),)
        return Diagnostic("TDS104", ": has no meaning here", span, "an attribute is `name = value`", fixes=fixes)
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    return Diagnostic("TDS104", f"{shown} has no meaning here", span, "not part of the language")


def _names_something(text: str, offset: int) -> bool:
    """Whether a single word stands before it on its line or in its block, as in `step: 1 s`."""
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    return re.fullmatch(r"(?:.*[{;])?\s*[A-Za-z_]\w*\s*", line) is not None


def _quoted(offset: int, text: str) -> tuple[Fix, ...]:
    """Straight quotes around what stands between two others on one line."""
    closing = {"‘": "’", "“": "”"}.get(text[offset], text[offset])
    line = text[offset + 1 : text.find("\n", offset)]
    inner, found, _ = line.partition(closing)
    if not found or '"' in inner:
        return ()
    return (Fix("Write straight double quotes", Span(offset, offset + len(inner) + 2), f'"{inner}"'),)


def _token(error: UnexpectedToken, text: str) -> Diagnostic:
    token: Token = error.token
    at_end = token.type == "$END"
    start = len(text) - 1 if at_end else (token.start_pos or 0)
    opened = unclosed(text, start)
    inner = opened[-1] if opened else None
    if inner and (at_end or (inner.bracket != "{" and _next_item(token, text))):
        return _never_closed(inner.bracket, inner.offset)
    span = Span(start, len(text) if at_end else (token.end_pos or start + 1))
    accepts = set(error.accepts or error.expected or ())
    before = _before(text, start)
    if token.type == "RBRACE":
        if not any(o.bracket == "{" for o in opened):
            return Diagnostic("TDS103", "this `}` closes nothing", span, "no block is open here")
        if before.endswith(("=", "<", ">")):
            return _no_value(before)
    if token.type in ("RPAR", "RSQB") and (inner is None or inner.bracket == "{"):
        return Diagnostic(
            "TDS103",
            f"this `{token}` closes nothing",
            span,
            f"no `{'(' if token == ')' else '['}` is open here",
        )
    if token.type == "_SEPARATOR":
        span = Span(len(before) - 1, len(before))
        if accepts >= _VALUE_STARTS:
            return _no_value(before)
        return Diagnostic("TDS101", "the line ends too early", span, _wanted(accepts), _form_help(accepts))
    if token.type == "EQUAL" and "EQUAL" not in accepts:
        return Diagnostic("TDS101", "a second `=` on one line", span, "an attribute is `name = value`")
    if accepts >= _VALUE_STARTS:
        return Diagnostic("TDS101", f"`{token}` where a value is expected", span, "expected a value")
    return Diagnostic("TDS101", f"`{token}` is not expected here", span, _wanted(accepts), _form_help(accepts))


def _before(text: str, offset: int) -> str:
    """The text up to the last thing that is written before `offset`, comments and white space passed over."""
    while True:
        text = text[:offset].rstrip()
        line = text.rfind("\n") + 1
        hashes = (i for i in range(line, len(text)) if text[i] == "#" and text.count('"', line, i) % 2 == 0)
        comment = next(hashes, None)
        if comment is None:
            return text
        offset = comment


def _next_item(token: Token, text: str) -> bool:
    """Whether the unexpected token stands on a later line than the text before it."""
    start = token.start_pos or 0
    return token.type in ("RBRACE", "EQUAL", "LBRACE", "COMPARISON") or "\n" in text[len(_before(text, start)) : start]


def _never_closed(bracket: str, offset: int) -> Diagnostic:
    what = "block" if bracket == "{" else "bracket"
    return Diagnostic(
        "TDS103",
        f"this {what} is never closed",
        Span(offset, offset + 1),
        f"no `{_CLOSING[bracket]}` belongs to it",
    )


def _no_value(before: str) -> Diagnostic:
    return Diagnostic(
        "TDS101", "a value is missing", Span(len(before) - 1, len(before)), "nothing follows on this line"
    )


_WORDS = {
    "_SEPARATOR": "the end of the line",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "EQUAL": "`=`",
    "COMMA": "`,`",
    "RPAR": "`)`",
    "RSQB": "`]`",
    "NAME": "a name",
    "NUMBER": "a number",
    "TEXT": "a text in quotes",
}


def _wanted(accepts: set[str]) -> str:
    words = [word for kind, word in _WORDS.items() if kind in accepts]
    return f"expected {' or '.join(words)}" if words else ""


def _form_help(accepts: set[str]) -> str:
    if {"LBRACE", "EQUAL"} <= accepts or {"TEXT", "EQUAL"} <= accepts:
        return 'an item is `keyword name { ... }`, `name = value`, `profile name = value` or `scenario "title"`'
    return ""
