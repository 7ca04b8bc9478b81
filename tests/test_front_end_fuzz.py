"""The front end under texts that nobody wrote: random trees, random spellings, damaged files."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trees import EXPRESSIONS, FILES, UNGROUPED, respelt

from tdscen.diagnostics import render_github, render_json, render_text, visible
from tdscen.language.analyse import analyse
from tdscen.source import Source
from tdscen.syntax import nodes as n
from tdscen.syntax import parse
from tdscen.syntax.formatter import format_text
from tdscen.syntax.printer import print_expression, print_items

HERE = Path(__file__).parent
SEEDS = [
    path.read_bytes().decode("utf-8")
    for path in [*sorted((HERE.parent / "scenarios").rglob("*.tds")), *sorted((HERE / "corpus").rglob("*.tds"))]
]
CASES = 2_000
ALL_CASES = 10_000
LONGEST_S = 2.0
"""CPU time that one damaged file may take; an undamaged one takes some 3 ms."""

steady = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def read(text: str) -> n.Document:
    parsed = parse(Source.from_text("x.tds", text))
    assert parsed.diagnostics == ()
    return parsed.document


def canonical(text: str) -> str:
    result = format_text(text).text
    assert result is not None
    return result


def without_groups(expression: n.Expression) -> n.Expression:
    """The meaning: parentheses taken away."""
    w = without_groups
    match expression:
        case n.Group(inner):
            return w(inner)
        case n.Negative(inner):
            return n.Negative(w(inner))
        case n.Binary(operator, left, right):
            return n.Binary(operator, w(left), w(right))
        case n.Range(low, high):
            return n.Range(w(low), w(high))
        case n.ListOf(items):
            return n.ListOf(tuple(w(item) for item in items))
        case n.Call(function, arguments):
            return n.Call(function, tuple(n.Argument(a.name, w(a.value)) for a in arguments))
        case n.Reference(head, steps):
            plain = (n.Index(w(s.key)) if isinstance(s, n.Index) and s.key else s for s in steps)
            return n.Reference(head, tuple(plain))
    return expression


@steady
@given(FILES)
def test_a_printed_tree_is_read_back(items: tuple[n.Item, ...]) -> None:
    assert read(print_items(items)).items == items


@steady
@given(EXPRESSIONS)
def test_a_printed_expression_is_read_back(expression: n.Expression) -> None:
    (item,) = read(f"a = {print_expression(expression)}").items
    assert item == n.Attribute(n.Word("a"), expression)


@steady
@given(UNGROUPED)
def test_an_expression_without_its_parentheses_keeps_its_meaning(expression: n.Expression) -> None:
    (item,) = read(f"a = {print_expression(expression)}").items
    assert isinstance(item, n.Attribute)
    assert without_groups(item.value) == expression


@settings(steady, max_examples=100)
@given(st.data(), FILES)
def test_layout_keeps_tree_and_comments_of_any_spelling(data: st.DataObject, items: tuple[n.Item, ...]) -> None:
    text = data.draw(respelt(print_items(items), remarks=True))
    before = read(text)
    after = canonical(text)
    assert before.items == items
    assert read(after).items == items
    assert [c.text for c in read(after).comments] == [c.text for c in before.comments]
    assert canonical(after) == after
    assert after == "" or (after.endswith("\n") and not after.startswith("\n"))
    assert "\n\n\n" not in after
    assert " \n" not in after


@settings(steady, max_examples=100)
@given(st.data(), FILES)
def test_spelling_does_not_matter_to_the_layout(data: st.DataObject, items: tuple[n.Item, ...]) -> None:
    text = print_items(items)
    assert canonical(data.draw(respelt(text, remarks=False))) == canonical(text)


Mutation = Callable[[random.Random, str], str]
_TOKENS = re.compile(r'"[^"\n]*"|\w+|\s+|.', re.DOTALL)
_CHARACTERS = "\n\n  =={}[]()<>\"#;,.*/+-%'\t\f\r\ufeff\u200b\u2028\x0b\x85é≤–“”𝒳0190eE_azAZ"
_WORDS = ["1", "2.5", "%", "s", "kW", "=", "<=", "..", "-", "{", "}", "[", "]", "(", ")", "#", ";", "true", "bus[*]"]
_WORDS += ['"x"', "1e999", "0", "csv(", "normal(", "andes", "scenario", "transmission", "distribution", "interface"]
_WORDS += ["profile", "parameter", "simulation", "include", "sweep", "event", "observe", "require", "iterative"]


def _place(r: random.Random, parts: str | list[str]) -> tuple[int, int]:
    start = r.randrange(len(parts) + 1)
    return start, min(len(parts), start + r.choice([1, 1, 1, 2, 5, 20]))


def _damage(r: random.Random, parts: list[str], new: str) -> list[str]:
    """Delete, double, swap or insert."""
    start, end = _place(r, parts)
    match r.randrange(4):
        case 0:
            return parts[:start] + parts[end:]
        case 1:
            return parts[:end] + parts[start:]
        case 2:
            other, other_end = _place(r, parts)
            (a, b), (c, d) = sorted([(start, end), (other, other_end)])
            return parts[:a] + parts[c:d] + parts[b:c] + parts[a:b] + parts[d:]
    return [*parts[:start], new, *parts[start:]]


def damage_characters(r: random.Random, text: str) -> str:
    return "".join(_damage(r, list(text), r.choice(_CHARACTERS)))


def damage_tokens(r: random.Random, text: str) -> str:
    return "".join(_damage(r, _TOKENS.findall(text), r.choice(_WORDS)))


def damage_lines(r: random.Random, text: str) -> str:
    return "\n".join(_damage(r, text.split("\n"), r.choice(text.split("\n"))))


def cut(r: random.Random, text: str) -> str:
    start, end = sorted(r.randrange(len(text) + 1) for _ in range(2))
    return r.choice([text[:start], text[end:], text[start:end], text[:start] + text[end:]])


def insert_unicode(r: random.Random, text: str) -> str:
    place = r.randrange(len(text) + 1)
    codes = [r.choice([r.randrange(1, 0xD800), r.randrange(0xE000, 0x110000)]) for _ in range(r.randrange(4))]
    strange = "".join(map(chr, codes))
    return text[:place] + strange + text[place:]


MUTATIONS: list[Mutation] = [damage_characters, damage_tokens, damage_tokens, damage_lines, cut, insert_unicode]


def damaged(case: int) -> str:
    r = random.Random(case)
    text = r.choice(SEEDS)
    for _ in range(r.choice([1, 1, 2, 3, 6])):
        text = r.choice(MUTATIONS)(r, text)
    return text.replace("\0", "")


def judge(text: str, folder: Path) -> bool:
    """Whether a text can be read; everything that is said about it can be shown, at places inside of it."""
    source = Source.from_text("x.tds", text)
    document, problems = parse(source)
    _, more = analyse(document, source, folder)
    found = (*problems, *more)
    for diagnostic in found:
        for span in (diagnostic.span, *(label.span for label in diagnostic.labels)):
            assert 0 <= span.start <= span.end <= len(source.text), diagnostic
            assert span.file == 0, diagnostic
        assert visible(diagnostic.message) in render_text(diagnostic, [source])
    assert len(json.loads(render_json(found, [source]))) == len(found)
    render_github(found, [source])
    if not problems:
        once = canonical(text)
        assert canonical(once) == once
    return not problems


def survive(cases: range, folder: Path) -> None:
    """Judge damaged files; some are to stay readable, or the damage would test too little."""
    readable = 0
    for case in cases:
        text = damaged(case)
        began = time.process_time()
        try:
            readable += judge(text, folder)
        except Exception as error:
            error.add_note(f"case {case}:\n{text}")
            raise
        assert time.process_time() - began < LONGEST_S, f"case {case} took too long:\n{text}"
    assert 0.1 < readable / len(cases) < 0.5


def test_damaged_files_are_survived(tmp_path: Path) -> None:
    survive(range(CASES), tmp_path)


@pytest.mark.slow
def test_many_more_damaged_files_are_survived(tmp_path: Path) -> None:
    survive(range(CASES, ALL_CASES), tmp_path)


@pytest.mark.parametrize("circle", ["parameter a = a", "parameter a = b\nparameter b = a"])
def test_definitions_in_a_circle_are_reported_where_a_choice_is_wanted(circle: str, tmp_path: Path) -> None:
    source = Source.from_text("x.tds", f"{circle}\nsimulation {{ coupling = a }}")
    found = analyse(parse(source).document, source, tmp_path).diagnostics
    assert [d.code for d in found if d.span.start < len(circle) + 1].count("TDS208") == 1


@pytest.mark.parametrize("levels", [98, 101, 5_000])
@pytest.mark.parametrize(
    ("opening", "inner", "closing"),
    [
        ("a = ", "(", "1"),
        ("a = ", "-", "1"),
        ("a = ", "1 + ", "1"),
        ("a = ", "[", "1"),
        ("", "a { ", ""),
        ("", "a {\n", ""),
    ],
)
def test_deep_nesting_is_reported_or_read(levels: int, opening: str, inner: str, closing: str, tmp_path: Path) -> None:
    partner = {"(": ")", "[": "]", "a { ": "}", "a {\n": "}\n"}.get(inner, "")
    text = opening + inner * levels + closing + partner * levels
    found = parse(Source.from_text("x.tds", text + "\nb = 1"))
    assert [d.code for d in found.diagnostics] == (["TDS107"] if levels > 100 else [])
    assert found.document.items[-1] == n.Attribute(n.Word("b"), n.Number(1.0))
    judge(text, tmp_path)
