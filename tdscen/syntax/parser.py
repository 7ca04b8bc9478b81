"""Text to tree. A syntax error is reported and the rest of the file is still read."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from lark import Lark, Token
from lark.exceptions import UnexpectedInput

from tdscen.diagnostics import Diagnostic
from tdscen.resources import read_grammar
from tdscen.source import Source, Span
from tdscen.syntax.build import DEEPEST, TooDeepError, build
from tdscen.syntax.messages import explain
from tdscen.syntax.nodes import Attribute, Comment, Document, Expression
from tdscen.syntax.recovery import blank, declared_names, region

MOST_ERRORS = 20


class Parsed(NamedTuple):
    """What could be read, and the syntax errors met on the way."""

    document: Document
    diagnostics: tuple[Diagnostic, ...]


class _NewlinesOutsideBrackets:
    """Between the lexer and the parser: a newline inside ( ) or [ ] separates nothing."""

    always_accept = ("_SEPARATOR",)

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        depth = 0
        for token in stream:
            if token.type in ("LPAR", "LSQB"):
                depth += 1
            elif token.type in ("RPAR", "RSQB"):
                depth = max(0, depth - 1)
            elif token.type == "_SEPARATOR" and depth and token == "\n":
                continue
            yield token


def make_parser(*, strict: bool = False) -> Lark:
    """The LALR parser. `strict` (needs interegular) proves that the grammar has no collision; for the tests."""
    return Lark(
        read_grammar(),
        parser="lalr",
        lexer="contextual",
        propagate_positions=True,
        maybe_placeholders=True,
        postlex=_NewlinesOutsideBrackets(),
        strict=strict,
    )


_parser = functools.cache(make_parser)


def parse(source: Source) -> Parsed:
    """Read a source. Never raises for what stands in it; at most `MOST_ERRORS` syntax errors are reported."""
    text, problems, lost = source.text, list[Diagnostic](), set[str]()
    while True:
        try:
            tree = _parser().parse(text)
            items = build(tree, source.index)
            return Parsed(Document(items, comments(source, text), bool(problems), frozenset(lost)), tuple(problems))
        except UnexpectedInput as error:
            problem = explain(error, text, source.index)
            place = region(text, problem.span)
        except TooDeepError as error:
            problem, place = _too_deep(error.word), error.place
        problems.append(problem)
        lost |= declared_names(text, place)
        text = blank(text, place)
        if len(problems) == MOST_ERRORS:
            problems.append(Diagnostic("TDS105", f"stopped after {MOST_ERRORS} syntax errors", problems[-1].span))
            return Parsed(Document((), (), True, frozenset(lost)), tuple(problems))


def _too_deep(span: Span) -> Diagnostic:
    help = "give parts of it names of their own (`parameter NAME = ...`, `profile NAME = ...`) and use the names"
    return Diagnostic("TDS107", f"this is nested more than {DEEPEST} levels deep", span, "", help)


def parse_expression(text: str, at: Span) -> tuple[Expression | None, Diagnostic | None]:
    """One expression that stands at `at` (in a table, on the command line), or what is wrong with it.

    Its parts have the places that they would have there.
    """
    lead = "x="
    try:
        tree = _parser().parse(lead + text + "\n")
        items = build(tree, at.file, at.start - len(lead))
    except UnexpectedInput as error:
        problem = explain(error, lead + text + "\n", at.file)
        return None, replace(problem, span=at, labels=(), fixes=())
    except TooDeepError:
        return None, _too_deep(at)
    if len(items) != 1 or not isinstance(items[0], Attribute):
        return None, Diagnostic("TDS101", "one value is expected here", at)
    return items[0].value, None


def comments(source: Source, text: str) -> tuple[Comment, ...]:
    """The comments of a text that parses (a `#` inside a text is none)."""
    found, inside, i = [], False, 0
    while i < len(text):
        character = text[i]
        if character == "\n":
            inside = False
        elif character == '"':
            inside = not inside
        elif character == "#" and not inside:
            end = text.index("\n", i)
            found.append(Comment(text[i:end].rstrip(), Span(i, end, source.index)))
            i = end
        i += 1
    return tuple(found)
