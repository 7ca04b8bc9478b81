"""Colours against the tree: what the parser reads as a number, a call, a label is coloured as one, by both engines.

Pygments is asked here; the TextMate grammar by the engine of VS Code, which needs node (`npm ci` in editors/vscode).
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from pygments.token import Comment, Error, Keyword, Name, Number, String, _TokenType

from tdscen import units
from tdscen.editor import textmate, vocabulary
from tdscen.editor.lexer import TdsLexer
from tdscen.language.blocks import BLOCKS, BY_KEYWORD
from tdscen.source import Source, Span
from tdscen.syntax import nodes as n
from tdscen.syntax import parse

HERE = Path(__file__).parent
EXTENSION = HERE.parent / "editors" / "vscode"
GRAMMAR = EXTENSION / "syntaxes" / "tds.tmLanguage.json"
SHIPPED = sorted((HERE.parent / "scenarios").rglob("*.tds")) + sorted((HERE / "corpus" / "valid").glob("*.tds"))
ALL = sorted([*SHIPPED, *(HERE / "corpus" / "invalid").glob("*.tds"), *(HERE / "corpus" / "format").glob("*.tds")])

LINES_WITHIN_WORDS = {"comments_in_brackets.in.tds", "comments_in_brackets.out.tds"}
"""Samples in which a comment or a new line parts what belongs together: patterns see one line at a time."""

NODE = shutil.which("node")
WITHOUT_NODE = (
    "no node on this machine (apt-get install nodejs npm)"
    if NODE is None
    else "the npm packages are not installed (npm ci in editors/vscode)"
    if not (EXTENSION / "node_modules" / "vscode-textmate").is_dir()
    else ""
)
with_node = pytest.mark.skipif(bool(WITHOUT_NODE), reason=WITHOUT_NODE)

Meaning = tuple[str, Span]

PYGMENTS: dict[str, set[_TokenType]] = {
    "keyword": {Keyword.Declaration},
    "label": {Name.Class},
    "attribute": {Name.Attribute, Name.Variable},
    "number": {Number},
    "unit": {Keyword.Type},
    "text": {String.Double},
    "comment": {Comment.Single},
    "function": {Name.Builtin, Name.Function},
    "argument": {Name.Attribute},
    "member": {Name.Property},
    "name": {Name, Keyword.Constant},
}
TEXTMATE = {
    "keyword": {"keyword.control.tds"},
    "label": {"entity.name.type.tds"},
    "attribute": {"support.type.property-name.tds", "variable.other.assignment.tds"},
    "number": {"constant.numeric.tds"},
    "unit": {"keyword.other.unit.tds"},
    "text": {"string.quoted.double.tds"},
    "comment": {"comment.line.number-sign.tds"},
    "function": {"support.function.tds", "entity.name.function.tds"},
    "argument": {"variable.parameter.tds"},
    "member": {"variable.other.member.tds"},
    "name": {"variable.other.tds", "constant.language.tds"},
}


def source(path: Path) -> Source:
    return Source.from_text(path.name, path.read_text(encoding="utf-8"))


def meanings(document: n.Document) -> Iterator[Meaning]:
    """What the parser made of each word."""
    yield from (("comment", comment.span) for comment in document.comments)
    yield from _items(document.items)


def _items(items: Iterable[n.Item]) -> Iterator[Meaning]:
    for item in items:
        match item:
            case n.Block(keyword, label, inner):
                if keyword.text in vocabulary.keywords("block"):
                    yield "keyword", keyword.span
                    if label:
                        yield "label", label.span
                yield from _items(inner)
            case n.Definition(keyword, name, value):
                if keyword.text in vocabulary.keywords("definition"):
                    yield "keyword", keyword.span
                    yield "label", name.span
                yield from _expression(value)
            case n.Heading(keyword, text):
                if keyword.text in vocabulary.keywords("heading"):
                    yield "keyword", keyword.span
                yield "text", text.span
            case n.Attribute(name, value) | n.Bound(name, _, value):
                yield "attribute", name.span
                yield from _expression(value)


def _expression(expression: n.Expression) -> Iterator[Meaning]:
    match expression:
        case n.Number(_, unit, written, span):
            yield "number", Span(span.start, span.start + len(written), span.file)
            if unit and (unit.text == "%" or units.find(unit.text)):
                yield "unit", unit.span
        case n.Text(_, span):
            yield "text", span
        case n.Reference(head, steps):
            yield "name", head.span
            for step in steps:
                if isinstance(step, n.Member):
                    yield "member", step.name.span
                elif step.key is not None:
                    yield from _expression(step.key)
        case n.Call(function, arguments):
            yield "function", function.span
            for argument in arguments:
                if argument.name:
                    yield "argument", argument.name.span
                yield from _expression(argument.value)
        case n.ListOf(items):
            for item in items:
                yield from _expression(item)
        case n.Binary(_, left, right) | n.Range(left, right):
            yield from _expression(left)
            yield from _expression(right)
        case n.Negative(inner) | n.Group(inner):
            yield from _expression(inner)


def laid_out_samples() -> Iterator[tuple[Path, str, list[Meaning]]]:
    """Every sample that parses, sound or not, with what the parser made of its words."""
    for path in ALL:
        content = path.read_bytes()
        read = Source.from_text(path.name, content.decode("utf-8", "replace"))
        document, problems = parse(read)
        if not problems and read.text.encode() == content and path.name not in LINES_WITHIN_WORDS:
            yield path, read.text, [(kind, span) for kind, span in meanings(document) if kind != "keyword"]


def pygments(text: str) -> dict[int, tuple[int, _TokenType]]:
    """Tokens by their beginning."""
    return {start: (start + len(value), kind) for start, kind, value in TdsLexer().get_tokens_unprocessed(text)}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_pygments_colours_what_the_parser_reads(path: Path) -> None:
    read = source(path)
    tokens = pygments(read.text)
    document, problems = parse(read)
    assert not problems
    for kind, span in meanings(document):
        end, found = tokens[span.start]
        assert (end, found in PYGMENTS[kind]) == (span.end, True), (kind, read.text[span.start : span.end], found)


def test_pygments_colours_every_sample_as_the_parser_reads_it() -> None:
    for path, text, found in laid_out_samples():
        tokens = pygments(text)
        for kind, span in found:
            end, token = tokens[span.start]
            assert (end, token in PYGMENTS[kind]) == (span.end, True), (path.name, text[span.start : span.end], token)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_pygments_meets_no_error_and_keeps_the_text(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tokens = list(TdsLexer(stripnl=False, ensurenl=False).get_tokens(text))
    assert "".join(value for _, value in tokens) == text
    assert not [value for kind, value in tokens if kind in Error]


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_pygments_keeps_every_character_of_a_mistaken_text(path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "replace")
    assert "".join(value for _, _, value in TdsLexer().get_tokens_unprocessed(text)) == text


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """An environment in which the entry points of pyproject.toml are there, whatever was installed before."""
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    entries = "".join(f"{name} = {place}\n" for name, place in project["entry-points"]["pygments.lexers"].items())
    folder = tmp_path / "freshly_installed-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: freshly-installed\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(f"[pygments.lexers]\n{entries}")
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(HERE.parent)])}


@pytest.mark.parametrize("how", [["-l", "tds", str(SHIPPED[0])], [str(SHIPPED[0])]])
def test_pygmentize_finds_it_by_name_and_by_file(how: list[str], installed: dict[str, str]) -> None:
    command = [sys.executable, "-m", "pygments", "-f", "html", *how]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=installed)
    assert '<span class="kd">scenario</span>' in done.stdout


def test_units_are_those_that_the_language_reads() -> None:
    pattern = re.compile(vocabulary.unit())
    for symbol in units.UNITS:
        for spelling in map("".join, itertools.product(*({c.lower(), c.upper()} for c in symbol))):
            if symbol != "%":
                assert bool(pattern.fullmatch(spelling)) == (units.find(spelling) is not None), spelling
    assert not pattern.fullmatch("%")


def test_the_words_are_those_of_the_schema() -> None:
    assert {"interface", "refine", "options"} <= set(vocabulary.keywords("block")) <= {b.keyword for b in _every()}
    assert vocabulary.keywords("heading") == ("scenario", "include")
    assert vocabulary.keywords("definition") == ("profile", "parameter")
    assert {"match_load", "iterative", "andes", "true", "category_b", "separate"} <= set(vocabulary.words())
    assert {"normal", "csv", "copies", "above"} <= set(vocabulary.functions())
    assert "serial" not in vocabulary.functions()
    with pytest.raises(KeyError):
        vocabulary.terminal("NOTHING")


def _every() -> list[object]:
    return list(vocabulary.all_blocks(BLOCKS))


def test_the_committed_grammar_is_what_the_schema_makes() -> None:
    made = textmate.text()
    assert GRAMMAR.read_text(encoding="utf-8") == made, f"run: python -m tdscen.editor.textmate {GRAMMAR}"


def test_blocks_of_one_keyword_are_one_rule() -> None:
    """Each keyword has one rule, wherever it stands: two blocks of one keyword must be alike."""
    by_keyword: dict[str, object] = {}
    for block in vocabulary.all_blocks(BLOCKS):
        assert by_keyword.setdefault(block.keyword, block) == block
    assert set(BY_KEYWORD) <= set(by_keyword)


@cache
def coloured() -> dict[str, list[tuple[int, int, str]]]:
    """Every sample as VS Code's engine colours it: one process for all."""
    assert NODE is not None
    command = [NODE, str(EXTENSION / "test" / "tokens.js"), *map(str, ALL)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8")
    found: dict[str, list[tuple[int, int, str]]] = json.loads(done.stdout)
    return found


def units_of_16_bits(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@with_node
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_vs_code_colours_what_the_parser_reads(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tokens = {start: (end, scope) for start, end, scope in coloured()[str(path)]}
    document, _ = parse(Source.from_text(path.name, text))
    for kind, span in meanings(document):
        start, end = (units_of_16_bits(text[:place]) for place in (span.start, span.end))
        found_end, scope = tokens[start]
        assert (found_end, scope in TEXTMATE[kind]) == (end, True), (kind, text[span.start : span.end], scope)
    assert not [scope for _, _, scope in coloured()[str(path)] if scope.startswith("invalid.")]


@with_node
def test_vs_code_colours_every_sample_as_the_parser_reads_it() -> None:
    samples = list(laid_out_samples())
    assert len(samples) > 100
    for path, text, found in samples:
        tokens = {start: (end, scope) for start, end, scope in coloured()[str(path)]}
        for kind, span in found:
            start, end = (units_of_16_bits(text[:place]) for place in (span.start, span.end))
            found_end, scope = tokens[start]
            assert (found_end, scope in TEXTMATE[kind]) == (end, True), (path.name, text[span.start : span.end], scope)


@with_node
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_vs_code_colours_every_character(path: Path) -> None:
    text = path.read_text(encoding="utf-8").encode("utf-16-le")
    for start, end, scope in coloured()[str(path)]:
        plain = text[2 * start : 2 * end].decode("utf-16-le")
        bare = scope == textmate.SCOPE or scope.startswith("meta.")
        assert not (bare and plain.strip()), (plain, scope)


UNCLOSED = "interface a {\n  transmission = ieee14.bus[f(\ninterface b {\n  load = 1\n}\n"


def test_an_unclosed_bracket_ends_where_a_block_begins() -> None:
    found = [value for kind, value in TdsLexer().get_tokens(UNCLOSED) if kind in Keyword.Declaration]
    assert found == ["interface", "interface"]


@with_node
def test_an_unfinished_text_does_not_spoil_what_follows(tmp_path: Path) -> None:
    """A brace, a bracket and a quote that are missing, a block that there is not: the next block is coloured."""
    text = (
        'transmission ieee14 {\n  case = "x\n}\nfoo bar {\n  x = 1 parsec\n}\n'
        "interface bus4 {\n  transmission = ieee14.bus[4\n}\nsimulation {\n  step = 1 s\n\n"
        "interface other {\n  load = 1\n}\n" + UNCLOSED
    )
    path = tmp_path / "x.tds"
    path.write_text(text)
    command = [str(NODE), str(EXTENSION / "test" / "tokens.js"), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    scopes: dict[str, list[str]] = {}
    for start, end, scope in json.loads(done.stdout)[str(path)]:
        scopes.setdefault(text[start:end], []).append(scope)
    assert scopes["interface"] == ["keyword.control.tds"] * 4
    assert scopes["bus4"] == scopes["other"] == scopes["b"] == ["entity.name.type.tds"]
    assert scopes["simulation"] == ["keyword.control.tds"]
    assert set(scopes["load"] + scopes["step"]) == {"support.type.property-name.tds"}
    assert scopes['"x'] == ["invalid.illegal.unterminated.tds"]
    assert scopes["parsec"] == ["invalid.illegal.unit.tds"]
