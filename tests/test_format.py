"""The canonical layout: samples with their expected text, and what holds for every file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tdscen.cli import main
from tdscen.source import Source
from tdscen.syntax import nodes as n
from tdscen.syntax import parse
from tdscen.syntax.formatter import format_text
from tdscen.syntax.parser import make_parser
from tdscen.syntax.printer import print_expression, print_items
from tdscen.syntax.words import words

HERE = Path(__file__).parent
SAMPLES = sorted((HERE / "corpus" / "format").glob("*.in.tds"))
SCENARIOS = sorted((HERE.parent / "scenarios").rglob("*.tds"))
READABLE = [
    path
    for path in [*sorted((HERE / "corpus").rglob("*.tds")), *SCENARIOS]
    if not parse(Source.from_text("x.tds", path.read_text(encoding="utf-8"))).diagnostics
]


PARSER = make_parser()


def document(text: str) -> n.Document:
    parsed = parse(Source.from_text("x.tds", text))
    assert parsed.diagnostics == ()
    return parsed.document


def comments(text: str) -> list[str]:
    return [comment.text for comment in document(text).comments]


def canonical(text: str) -> str:
    result = format_text(text).text
    assert result is not None
    return result


def content(path: Path) -> str:
    return path.read_bytes().decode("utf-8")  # line ends as they are


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name.split(".")[0])
def test_sample_is_laid_out_as_expected(path: Path) -> None:
    assert canonical(content(path)) == content(path.with_name(path.name.replace(".in.", ".out.")))


def test_there_are_samples_of_every_kind() -> None:
    assert len(SAMPLES) >= 12
    assert len(READABLE) > 50


@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.stem)
def test_layout_is_stable_and_keeps_tree_and_comments(path: Path) -> None:
    before = content(path)
    after = canonical(before)
    assert canonical(after) == after
    assert document(after) == document(before)
    assert comments(after) == comments(before)
    assert all(line == line.rstrip() and "\t" not in line.partition("#")[0] for line in after.split("\n"))
    assert "\n\n\n" not in after
    assert "\r" not in after


@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.stem)
def test_the_same_words_are_the_same_tree(path: Path) -> None:
    """Words are what the parser's lexer reads, and what is laid out has those of the text: it is not read again."""
    text = Source.from_text("x.tds", path.read_text(encoding="utf-8")).text
    found, remarks = words(text)
    lexed = [str(token) for token in PARSER.lex(text)]
    spoken = [word for word in lexed if word not in "\n;,"]
    assert [word for word in found if word not in "\n,"] == spoken
    assert remarks == comments(text)
    assert words(canonical(text)) == words(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a = 1 5", "a = 15"),
        ("a = 1 .5", "a = 1.5"),
        ("a = b c", "a = bc"),
        ("a = 1\nb = 2", "a = 1 b = 2"),
        ("a = [1, 2]", "a = [1, 2, 3]"),
        ('a = "x  y"', 'a = "x y"'),
        ("a = 1 # x", "a = 1 # y"),
        ("p { a = 1 }", "p { }\na = 1"),
    ],
)
def test_another_meaning_has_other_words(one: str, other: str) -> None:
    assert words(one) != words(other)


def test_the_smallest_scenario_of_the_language_needs_no_change_but_its_comment_columns() -> None:
    text = content(HERE.parent / "scenarios" / "ieee14_ieee34.tds")
    words = [line.split() for line in text.split("\n")]
    assert [line.split() for line in canonical(text).split("\n")] == words


def test_a_file_with_a_syntax_error_is_refused_whole() -> None:
    formatted = format_text("a=1\nb = = 2\n", "x.tds")
    assert formatted.text is None
    assert [d.code for d in formatted.diagnostics] == ["TDS101"]


A, B, C = (n.Reference(n.Word(name)) for name in "abc")


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (n.Binary("*", n.Binary("+", A, B), C), "(a + b) * c"),
        (n.Binary("-", A, n.Binary("-", B, C)), "a - (b - c)"),
        (n.Binary("-", n.Binary("-", A, B), C), "a - b - c"),
        (n.Binary("/", A, n.Binary("*", B, C)), "a / (b * c)"),
        (n.Negative(n.Binary("*", A, B)), "-(a * b)"),
        (n.Binary("*", n.Negative(A), B), "-a * b"),
        (n.Range(n.Range(A, B), C), "(a .. b) .. c"),
        (n.Number(3.0, n.Word("s")), "3 s"),
        (n.Number(0.025, n.Word("%")), "0.025 %"),
        (n.Number(2.5, None, "2.50"), "2.50"),
        (n.Number(2.5, None, "7"), "2.5"),
    ],
)
def test_a_tree_made_by_hand_is_printed_with_the_parentheses_it_needs(tree: n.Expression, text: str) -> None:
    assert print_expression(tree) == text


@pytest.mark.parametrize(
    "tree", [n.Number(-1.0), n.Number(float("nan")), n.Number(float("inf")), n.Text('a"b'), n.Text("a\nb")]
)
def test_what_no_text_can_say_is_refused(tree: n.Expression) -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        print_expression(tree)


def test_a_word_that_is_no_name_is_refused() -> None:
    with pytest.raises(ValueError, match="not a name"):
        print_items((n.Attribute(n.Word("no name"), A),))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file of each kind, which is also the current one."""
    (tmp_path / "deep").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "canonical.tds").write_text("a = 1\n")
    (tmp_path / "deep" / "rough.tds").write_bytes(b"a=1\r\n")
    (tmp_path / "broken.tds").write_text("a = = 1\n")
    (tmp_path / ".hidden" / "rough.tds").write_text("a=1\n")
    (tmp_path / "notes.txt").write_text("a=1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fmt(*arguments: str, given: bytes | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["fmt", *arguments], input=given)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout_bytes.decode(), result.stderr


def test_files_are_rewritten_and_a_broken_one_is_left_and_reported(folder: Path) -> None:
    status, out, err = fmt(".")
    assert (status, out) == (1, "laid out deep/rough.tds\n")
    assert "error[TDS101]: a second `=` on one line" in err
    assert "3 files: 1 laid out, 1 canonical already, 1 refused" in err
    assert (folder / "deep" / "rough.tds").read_bytes() == b"a = 1\n"
    assert (folder / "broken.tds").read_text() == "a = = 1\n"
    assert (folder / ".hidden" / "rough.tds").read_text() == (folder / "notes.txt").read_text() == "a=1\n"
    assert sorted(p.name for p in folder.rglob("*")) == sorted(
        [".hidden", "deep", "canonical.tds", "broken.tds", "notes.txt", "rough.tds", "rough.tds"]
    )


def test_check_lists_and_diff_shows_what_would_change(folder: Path) -> None:
    assert fmt("--check", "canonical.tds", "deep")[:2] == (1, "deep/rough.tds\n")
    assert fmt("--check", "canonical.tds")[:2] == (0, "")
    assert fmt("--diff", "deep")[:2] == (
        1,
        "--- deep/rough.tds\n+++ deep/rough.tds (canonical)\n@@ -1 +1 @@\n-a=1\r\n+a = 1\n",
    )
    assert (folder / "deep" / "rough.tds").read_bytes() == b"a=1\r\n"


def test_standard_input_goes_to_standard_output() -> None:
    assert fmt("-", given=b"\xef\xbb\xbfa=1\r\nb { }") == (0, "a = 1\n\nb { }\n", "")
    assert fmt("--check", "-", given=b"a=1\n")[:2] == (1, "standard input\n")
    status, out, err = fmt("-", given=b"a = 'x'\n")
    assert (status, out) == (1, "")
    assert "TDS104" in err
    assert fmt("-", "x.tds", given=b"")[0] == 2


@pytest.mark.parametrize(
    ("content", "reason"), [(b"a = \xff\n", "byte 4 is not UTF-8"), (b"a\0", "NUL"), (None, "No such file")]
)
def test_what_is_no_text_is_reported(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "x.tds"
    if content is not None:
        path.write_bytes(content)
    status, _, err = fmt(str(path))
    assert status == 1
    assert "TDS106" in err
    assert reason in err


def test_permissions_and_links_survive(tmp_path: Path) -> None:
    path, link = tmp_path / "x.tds", tmp_path / "link.tds"
    path.write_text("a=1")
    path.chmod(0o640)
    link.symlink_to(path)
    assert fmt(str(link))[0] == 0
    assert link.is_symlink()
    assert path.read_text() == "a = 1\n"
    assert path.stat().st_mode & 0o777 == 0o640


def test_formatting_loads_no_simulator_and_nothing_large(tmp_path: Path) -> None:
    (tmp_path / "x.tds").write_text("a=1")
    script = (
        "import sys; from tdscen.cli import main\n"
        "try: main(['fmt', 'x.tds'])\n"
        "except SystemExit: pass\n"
        "print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True, env={**os.environ}
    )
    loaded = set(done.stdout.split("\n")[-2].split())
    assert {"lark", "click", "tdscen"} <= loaded
    assert not loaded & {"numpy", "jinja2", "rich", "pandas", "andes", "dss", "helics", "matplotlib"}
