"""The TextMate grammar for editors that colour by regular expressions (VS Code), made from the schema.

`python -m tdscen.editor.textmate editors/vscode/syntaxes/tds.tmLanguage.json` renews it. Each block is a rule of its
own, so that an attribute is coloured as one only in the blocks that take it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tdscen.editor import vocabulary as v
from tdscen.language.blocks import BLOCKS, MEASURES
from tdscen.language.schema import BlockSchema

Rule = dict[str, Any]

SCOPE = "source.tds"
_NAME = v.terminal("NAME")
_SPACE = v.terminal("SPACE")
_GAP = f"(?:{_SPACE})?"
_NUMBER = "constant.numeric"


def grammar() -> Rule:
    """The whole grammar, ready for JSON."""
    blocks = tuple(v.all_blocks(BLOCKS))
    return {
        "information_for_contributors": ["Made by python -m tdscen.editor.textmate: change the schema, not this file."],
        "name": "tdscen scenario",
        "scopeName": SCOPE,
        "patterns": [_use("items"), _use("expression")],
        "repository": {
            "items": {"patterns": [*map(_use, _keys(BLOCKS)), _definitions(), _headings(), _stranger(), _own_names()]},
            "expression": {"patterns": _expression()},
            **{_key(block): _block(block) for block in blocks if block.form == "block"},
        },
    }


def text() -> str:
    """The grammar as the committed file has it."""
    return json.dumps(grammar(), indent=2, ensure_ascii=False) + "\n"


def _block(block: BlockSchema) -> Rule:
    """A block from its keyword to its `}`. What may stand at the top may too: a forgotten `}` spoils little."""
    label = rf"{_SPACE}({_NAME})" if block.named else "()"
    names = tuple(a.name for a in block.attributes) + (tuple(MEASURES) if block.entries == "measures" else ())
    return {
        "begin": rf"\b({block.keyword}){label}{_GAP}(\{{)",
        "beginCaptures": _scopes({1: "keyword.control", 2: "entity.name.type", 3: "punctuation.section.block.begin"}),
        "end": r"\}",
        "endCaptures": _scopes({0: "punctuation.section.block.end"}),
        "patterns": [*map(_use, _keys(block.nested)), *_attributes(names), _use("items"), _use("expression")],
    }


def _stranger() -> Rule:
    """A block of a kind that there is not (yet): its braces are balanced, and what it holds is coloured."""
    return {
        "begin": rf"\b{_NAME}(?:{_SPACE}{_NAME})?{_GAP}(\{{)",
        "beginCaptures": _scopes({1: "punctuation.section.block.begin"}),
        "end": r"\}",
        "endCaptures": _scopes({0: "punctuation.section.block.end"}),
        "patterns": [_use("items"), _use("expression")],
    }


def _definitions() -> Rule:
    return {
        "match": rf"\b({v.any_of(v.keywords('definition'))}){_SPACE}({_NAME})(?={_GAP}=)",
        "captures": _scopes({1: "keyword.control", 2: "entity.name.type"}),
    }


def _headings() -> Rule:
    return {"match": rf'\b{v.any_of(v.keywords("heading"))}(?={_GAP}")', "name": "keyword.control.tds"}


def _attributes(names: tuple[str, ...]) -> list[Rule]:
    """Attributes that a block takes."""
    known = {"match": rf"\b{v.any_of(names)}(?={_GAP}[=<>])", "name": "support.type.property-name.tds"}
    return [known] if names else []


def _own_names() -> Rule:
    """Other names at an attribute's place: systems in `observe`, parameters in `sweep`, mistakes."""
    return {"match": rf"\b{_NAME}(?={_GAP}[=<>])", "name": "variable.other.assignment.tds"}


def _expression() -> list[Rule]:
    number = f"(?>{v.terminal('NUMBER')})"  # all of it or nothing: 1e-8 is not 1 of the unit e
    return [
        {"match": v.terminal("COMMENT"), "name": "comment.line.number-sign.tds"},
        {"match": v.terminal("TEXT"), "name": "string.quoted.double.tds"},
        {"match": r'"[^"\n]*$', "name": "invalid.illegal.unterminated.tds"},
        {"match": rf"({number}){_GAP}(%|{v.unit()}\b)", "captures": _scopes({1: _NUMBER, 2: "keyword.other.unit"})},
        {"match": rf"({number}){_GAP}({_NAME})", "captures": _scopes({1: _NUMBER, 2: "invalid.illegal.unit"})},
        {"match": number, "name": f"{_NUMBER}.tds"},
        {"match": r"\.\.", "name": "keyword.operator.range.tds"},
        {
            "match": rf"(\.){_GAP}({_NAME})",
            "captures": _scopes({1: "punctuation.accessor", 2: "variable.other.member"}),
        },
        {"match": rf"\b{v.any_of(v.functions())}(?={_GAP}\()", "name": "support.function.tds"},
        {"match": rf"\b{_NAME}(?={_GAP}\()", "name": "entity.name.function.tds"},
        {"match": rf"\b{v.any_of(v.words())}\b", "name": "constant.language.tds"},
        {"match": rf"\b{_NAME}", "name": "variable.other.tds"},
        {"match": r"[<>]=?|[-+*/=]", "name": "keyword.operator.tds"},
        {"match": "[,;]", "name": "punctuation.separator.tds"},
        _brackets(r"\(", r"\)", "parens"),
        _brackets(r"\[", r"\]", "brackets"),
    ]


def _brackets(begin: str, end: str, kind: str) -> Rule:
    """Names before `=` are arguments; what cannot stand inside ends what was not closed."""
    argument = {"match": rf"\b{_NAME}(?={_GAP}=)", "name": "variable.parameter.tds"}
    return {
        "begin": begin,
        "beginCaptures": _scopes({0: f"punctuation.section.{kind}.begin"}),
        "end": rf"{end}|{v.unclosed()}",
        "endCaptures": _scopes({0: f"punctuation.section.{kind}.end"}),
        "patterns": [argument, _use("expression")],
    }


def _scopes(names: dict[int, str]) -> Rule:
    return {str(group): {"name": f"{name}.tds"} for group, name in names.items()}


def _use(key: str) -> Rule:
    return {"include": f"#{key}"}


def _keys(blocks: Iterable[BlockSchema]) -> list[str]:
    return [_key(block) for block in blocks if block.form == "block"]


def _key(block: BlockSchema) -> str:
    return f"block-{block.keyword}"


if __name__ == "__main__":
    for path in sys.argv[1:]:
        Path(path).write_text(text(), encoding="utf-8")
