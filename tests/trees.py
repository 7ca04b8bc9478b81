"""Hypothesis strategies for the front end: trees, and one text spelt in many ways."""

from __future__ import annotations

import re
from collections.abc import Callable

from hypothesis import strategies as st

from tdscen.syntax import nodes as n

NAMES = st.one_of(
    st.sampled_from(["step", "profile", "ieee14", "scenario", "true", "e3", "E", "_", "pu", "x"]),
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True),
)
WORDS = st.builds(n.Word, NAMES)
UNITS = st.one_of(st.none(), st.just(n.Word("%")), WORDS)
DIGITS = st.from_regex(r"([0-9]{1,4}(\.[0-9]{1,4})?|\.[0-9]{1,4})([eE][+-]?[0-9]{1,2})?", fullmatch=True)
NUMBERS = st.builds(lambda digits, unit: n.Number(float(digits), unit, digits), DIGITS, UNITS)
BARE_NUMBERS = st.builds(n.Number, st.floats(0, allow_infinity=False).map(abs), UNITS)  # no written form: made by hand
TEXTS = st.builds(n.Text, st.text(st.characters(exclude_characters='"\n\r', exclude_categories=["Cs"]), max_size=12))
LEAVES = st.one_of(NUMBERS, BARE_NUMBERS, TEXTS, st.builds(n.Reference, WORDS))


def binding(expression: n.Expression) -> int:
    """How tightly an expression binds, by the order of the grammar's rules: range, sum, product, sign, atom."""
    if isinstance(expression, n.Binary):
        return 1 if expression.operator in "+-" else 2
    return {n.Range: 0, n.Negative: 3}.get(type(expression), 4)


def grouped(expression: n.Expression, least: int) -> n.Expression:
    """The expression, in parentheses where it binds too loosely for its place."""
    return expression if binding(expression) >= least else n.Group(expression)


def ungrouped(expression: n.Expression, _least: int) -> n.Expression:
    return expression


Grouping = Callable[[n.Expression, int], n.Expression]


def _larger(inner: st.SearchStrategy[n.Expression], group: Grouping) -> st.SearchStrategy[n.Expression]:
    def binary(operator: str, left: n.Expression, right: n.Expression) -> n.Binary:
        least = 1 if operator in "+-" else 2
        return n.Binary(operator, group(left, least), group(right, least + 1))

    arguments = st.builds(n.Argument, st.one_of(st.none(), WORDS), inner)
    steps = st.one_of(st.builds(n.Member, WORDS), st.builds(n.Index, st.one_of(st.none(), inner)))
    forms: list[st.SearchStrategy[n.Expression]] = [
        st.builds(n.ListOf, st.lists(inner, max_size=4).map(tuple)),
        st.builds(n.Call, WORDS, st.lists(arguments, max_size=4).map(tuple)),
        st.builds(n.Reference, WORDS, st.lists(steps, min_size=1, max_size=3).map(tuple)),
        st.builds(binary, st.sampled_from("+-*/"), inner, inner),
        st.builds(lambda e: n.Negative(group(e, 3)), inner),
        st.builds(lambda low, high: n.Range(group(low, 1), group(high, 1)), inner, inner),
    ]
    if group is grouped:
        forms.append(st.builds(n.Group, inner))
    return st.one_of(forms)


EXPRESSIONS: st.SearchStrategy[n.Expression] = st.recursive(LEAVES, lambda e: _larger(e, grouped), max_leaves=12)
UNGROUPED: st.SearchStrategy[n.Expression] = st.recursive(LEAVES, lambda e: _larger(e, ungrouped), max_leaves=12)
"""Trees made without a thought for parentheses."""

VALUED: st.SearchStrategy[n.Item] = st.one_of(
    st.builds(n.Attribute, WORDS, EXPRESSIONS),
    st.builds(n.Bound, WORDS, st.sampled_from(["<", "<=", ">", ">="]), EXPRESSIONS),
    st.builds(n.Definition, WORDS, WORDS, EXPRESSIONS),
    st.builds(n.Heading, WORDS, TEXTS),
)
ITEMS: st.SearchStrategy[n.Item] = st.recursive(
    VALUED,
    lambda items: st.builds(n.Block, WORDS, st.one_of(st.none(), WORDS), st.lists(items, max_size=4).map(tuple)),
    max_leaves=6,
)
FILES = st.lists(ITEMS, max_size=4).map(tuple)

_TOKEN = re.compile(
    r'"[^"\n]*"|[A-Za-z_][A-Za-z0-9_]*|(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|<=|>=|\.\.|\n|\S'
)
_REMARK = st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=8).map("#{}".format)
_SPACE = st.sampled_from(["", "", " ", " ", "\t", "   ", "\f"])
_LINE_END = st.sampled_from(["\n", "\n", "\r\n", "\n  "])


def _joined(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map("".join)


_REMARK_LINES = st.one_of(
    _joined(_SPACE, _REMARK, _LINE_END),
    _joined(_LINE_END, _SPACE, _REMARK, _LINE_END),
    _joined(_LINE_END, _LINE_END, _REMARK, _LINE_END, _LINE_END, _REMARK, _LINE_END),
)


@st.composite
def respelt(draw: st.DrawFn, text: str, *, remarks: bool) -> str:
    """A printed text in another spelling: white space anywhere, lines broken in brackets, `;`; comments if wanted.

    Without `remarks` no blank line is added either, so that the canonical layout is the one of the text.
    """
    inside = st.one_of(_SPACE, _joined(_SPACE, _LINE_END, _SPACE), *([_REMARK_LINES] if remarks else []))
    between = [_LINE_END, st.sampled_from([";", " ; ", ";\n"])]
    between += [_REMARK_LINES, _joined(_LINE_END, _LINE_END, _LINE_END)] if remarks else []
    pieces = [draw(st.sampled_from(["", "\ufeff"]))]
    tokens = _TOKEN.findall(text)
    depth = 0
    for before, token in zip(["\n", *tokens], tokens, strict=False):
        if token == "\n":
            pieces.append(draw(st.one_of(between)))
            continue
        gap = draw(inside if depth else _SPACE)
        if not gap and _wordlike(before) and _wordlike(token):
            gap = " "
        depth += (token in "([") - (token in ")]")
        pieces += [gap, token]
    return "".join(pieces)


def _wordlike(token: str) -> bool:
    return re.match(r"\.?[A-Za-z0-9_]", token) is not None
