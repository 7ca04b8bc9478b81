"""Grammar, tree and recovery."""

from __future__ import annotations

import pytest

from tdscen.source import Source
from tdscen.syntax import nodes as n
from tdscen.syntax import parse
from tdscen.syntax.parser import MOST_ERRORS, make_parser


def tree(text: str) -> tuple[n.Item, ...]:
    parsed = parse(Source.from_text("x.tds", text))
    assert parsed.diagnostics == ()
    return parsed.document.items


def expression(text: str) -> n.Expression:
    (item,) = tree(f"a = {text}")
    assert isinstance(item, n.Attribute)
    return item.value


def codes(text: str) -> list[tuple[str, int, int]]:
    source = Source.from_text("x.tds", text)
    return [(d.code, *source.position(d.span.start)) for d in parse(source).diagnostics]


def test_the_grammar_has_no_collisions() -> None:
    assert make_parser(strict=True).parse("a = 1\n").data == "start"


def test_every_form_of_item() -> None:
    heading, block, definition, bound, attribute = tree(
        'scenario "x"\nb c { d = 1; e { } }\nprofile p = 1\nbalance < 1 kW\nstep = 2 s'
    )
    assert heading == n.Heading(n.Word("scenario"), n.Text("x"))
    inner = (n.Attribute(n.Word("d"), n.Number(1.0)), n.Block(n.Word("e"), None, ()))
    assert block == n.Block(n.Word("b"), n.Word("c"), inner)
    assert definition == n.Definition(n.Word("profile"), n.Word("p"), n.Number(1.0))
    assert bound == n.Bound(n.Word("balance"), "<", n.Number(1.0, n.Word("kW")))
    assert attribute == n.Attribute(n.Word("step"), n.Number(2.0, n.Word("s")))


def test_operators_bind_as_in_arithmetic() -> None:
    a, b, c = n.Number(1.0), n.Number(2.0), n.Number(3.0)
    assert expression("1 + 2 * 3") == n.Binary("+", a, n.Binary("*", b, c))
    assert expression("1 - 2 - 3") == n.Binary("-", n.Binary("-", a, b), c)
    assert expression("(1 + 2) * 3") == n.Binary("*", n.Group(n.Binary("+", a, b)), c)
    assert expression("-1 * 2") == n.Binary("*", n.Negative(a), b)
    assert expression("1 .. 2 + 3") == n.Range(a, n.Binary("+", b, c))


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [("2.5 %", 2.5, "%"), ("1e-3 s", 1e-3, "s"), (".5", 0.5, None), ("80ms", 80.0, "ms"), ("1e3kW", 1e3, "kW")],
)
def test_numbers_and_units(text: str, value: float, unit: str | None) -> None:
    assert expression(text) == n.Number(value, n.Word(unit) if unit else None)


def test_references() -> None:
    assert expression("a.bus[4]") == n.Reference(n.Word("a"), (n.Member(n.Word("bus")), n.Index(n.Number(4.0))))
    assert expression("bus[*].v") == n.Reference(n.Word("bus"), (n.Index(None), n.Member(n.Word("v"))))
    assert expression('a.load["S890"].kW') == n.Reference(
        n.Word("a"), (n.Member(n.Word("load")), n.Index(n.Text("S890")), n.Member(n.Word("kW")))
    )


def test_newlines_inside_brackets_do_not_count() -> None:
    assert expression("[1,\n  # first\n 2,\n]") == n.ListOf((n.Number(1.0), n.Number(2.0)))
    assert tree("a = f(\n  x = 1,\n  y = 2\n)\nb = 3")[1] == n.Attribute(n.Word("b"), n.Number(3.0))


def test_line_ends_byte_order_mark_and_missing_newline_are_settled() -> None:
    assert tree("\ufeffa = 1\r\nb = 2") == tree("a = 1\nb = 2\n")


def test_comments_are_kept_with_their_places() -> None:
    text = 'a = "# no comment" # one\n# two\n'
    parsed = parse(Source.from_text("x.tds", text))
    assert [c.text for c in parsed.document.comments] == ["# one", "# two"]
    assert [text[c.span.start : c.span.end] for c in parsed.document.comments] == ["# one", "# two"]


def test_spans_cover_what_they_stand_for() -> None:
    text = "interface bus4 {\n  transmission = ieee14.bus[40]\n}\n"
    (block,) = tree(text)
    assert isinstance(block, n.Block)
    (attribute,) = block.items
    assert isinstance(attribute, n.Attribute)
    assert text[block.header.start : block.header.end] == "interface bus4"
    assert text[attribute.value.span.start : attribute.value.span.end] == "ieee14.bus[40]"
    assert text[block.span.start : block.span.end] == text.strip()


def test_several_errors_are_reported_and_the_rest_is_read() -> None:
    text = 'a { b = = 1\n c = 2 }\nd = "x\ne = 3\nf { g = (1\n h = 2\n}\ni = 4\n'
    source = Source.from_text("x.tds", text)
    parsed = parse(source)
    assert [d.code for d in parsed.diagnostics] == ["TDS101", "TDS102", "TDS103"]
    names = [i.name.text for i in parsed.document.items if isinstance(i, n.Attribute)]
    assert {"e", "i"} <= set(names)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = ", [("TDS101", 1, 3)]),
        ("a = 1 b = 2", [("TDS101", 1, 9)]),
        ('a = "x', [("TDS102", 1, 5)]),
        ("a = [1, 2\nb = 3", [("TDS103", 1, 5)]),
        ("a {\n b = 1\n", [("TDS103", 1, 3)]),
        ("}\n", [("TDS103", 1, 1)]),
        ("a = 1)\n", [("TDS103", 1, 6)]),
        ("a = 'x'", [("TDS104", 1, 5)]),
        ("a = 5 – 3", [("TDS104", 1, 7)]),
    ],
)
def test_where_a_syntax_error_points(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert codes(text) == expected


def test_reading_stops_after_many_errors() -> None:
    found = codes("a b c\n" * (MOST_ERRORS + 10))
    assert len(found) == MOST_ERRORS + 1
    assert found[-1][0] == "TDS105"


def test_a_block_that_is_not_closed_does_not_swallow_the_next() -> None:
    parsed = parse(Source.from_text("x.tds", "a {\n  b = 1\n\nc {\n  d = 2\n}\n"))
    assert [d.code for d in parsed.diagnostics] == ["TDS103"]
    assert [i.keyword.text for i in parsed.document.items if isinstance(i, n.Block)] == ["c"]
    assert "b" not in {i.name.text for i in parsed.document.items if isinstance(i, n.Attribute)}
