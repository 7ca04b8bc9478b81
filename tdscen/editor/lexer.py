"""The Pygments lexer: `pygmentize -l tds`, fenced `tds` blocks of documentation, rich.

Found by the entry point `pygments.lexers`. Its words are those of `vocabulary`.
"""

from __future__ import annotations

from pygments.lexer import RegexLexer, bygroups, include
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text, Whitespace

from tdscen.editor import vocabulary as v

_NAME = v.terminal("NAME")
_SPACE = v.terminal("SPACE").replace(r"\f", r"\f\r")
_GAP = f"(?:{_SPACE})?"


def _whole(words: tuple[str, ...]) -> str:
    return rf"{v.any_of(words)}\b"


class TdsLexer(RegexLexer):  # type: ignore[misc]  # pygments states no types
    """Scenario files of tdscen."""

    name = "tdscen scenario"
    aliases = ["tds"]  # noqa: RUF012 (as Pygments wants it)
    filenames = ["*.tds"]  # noqa: RUF012
    url = ""

    tokens = {  # noqa: RUF012
        "root": [
            (
                rf"({_whole(v.keywords('block'))})({_SPACE})({_NAME})(?={_GAP}\{{)",
                bygroups(Keyword.Declaration, Whitespace, Name.Class),
            ),
            (rf"{_whole(v.keywords('block'))}(?={_GAP}\{{)", Keyword.Declaration),
            (
                rf"({_whole(v.keywords('definition'))})({_SPACE})({_NAME})(?={_GAP}=)",
                bygroups(Keyword.Declaration, Whitespace, Name.Class),
            ),
            (rf'{_whole(v.keywords("heading"))}(?={_GAP}")', Keyword.Declaration),
            (rf"{_whole(v.attributes())}(?={_GAP}[=<>])", Name.Attribute),
            (rf"{_NAME}(?={_GAP}[=<>])", Name.Variable),
            (r"[{};]", Punctuation),
            include("expression"),
        ],
        "expression": [
            (_SPACE, Whitespace),
            (r"\n", Whitespace),
            (v.terminal("COMMENT"), Comment.Single),
            (v.terminal("TEXT"), String.Double),
            (rf"({v.terminal('NUMBER')})({_GAP})(%|{v.unit()}\b)", bygroups(Number, Whitespace, Keyword.Type)),
            (v.terminal("NUMBER"), Number),
            (r"\.\.", Operator),
            (rf"(\.)({_GAP})({_NAME})", bygroups(Punctuation, Whitespace, Name.Property)),
            (rf"{_whole(v.functions())}(?={_GAP}\()", Name.Builtin),
            (rf"{_NAME}(?={_GAP}\()", Name.Function),
            (_whole(v.words()), Keyword.Constant),
            (_NAME, Name),
            (r"[<>]=?|[-+*/=]", Operator),
            (r"[(\[]", Punctuation, "brackets"),
            (r"[)\],]", Punctuation),
        ],
        "brackets": [
            (v.unclosed(), Text, "#pop"),
            (rf"{_NAME}(?={_GAP}=)", Name.Attribute),
            (r"[)\]]", Punctuation, "#pop"),
            include("expression"),
        ],
    }
