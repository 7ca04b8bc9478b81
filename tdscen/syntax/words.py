"""The words of a text that parses: two texts with the same words have the same tree, however they are laid out.

Comparing words takes a tenth of the time of reading a text again.
"""

from __future__ import annotations

import re

_WORD = re.compile(
    r"""
    "[^"\n]*"                                       # TEXT
    | \#[^\n]*                                      # COMMENT
    | [A-Za-z_][A-Za-z0-9_]*                        # NAME
    | (?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?  # NUMBER
    | \.\. | <= | >= | \n | \S
    """,
    re.VERBOSE,
)
"""As `grammar/tds.lark` has them; `tests/test_format.py` compares with what its lexer reads."""


def words(text: str) -> tuple[list[str], list[str]]:
    """Its tokens without what means nothing (empty lines; in brackets new lines and a last comma), and its comments."""
    found, comments, depth = ["\n"], list[str](), 0
    for word in _WORD.findall(text):
        if word[0] == "#":
            comments.append(word.rstrip())
            continue
        separates = word in "\n;"
        if separates and ((word == "\n" and depth) or found[-1] in "\n{"):
            continue
        if word in "([":
            depth += 1
        elif word in ")]":
            depth = max(0, depth - 1)
            if found[-1] == ",":
                found.pop()
        elif word == "}" and found[-1] == "\n":
            found.pop()
        found.append("\n" if separates else word)
    return found if found[-1] == "\n" else [*found, "\n"], comments
