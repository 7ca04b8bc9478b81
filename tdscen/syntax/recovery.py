"""After a syntax error: which part of the text to leave out so that the rest can be read.

The part is blanked, not cut, so that every other place keeps its offset.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tdscen.source import Span

_HEADER = re.compile(r"^[ \t]*[A-Za-z_]\w*(?:[ \t]+[A-Za-z_]\w*)?[ \t]*\{", re.MULTILINE)
_TOP_HEADER = re.compile(r'^[A-Za-z_]\w*(?:[ \t]+(?:[A-Za-z_]\w*|"[^"\n]*"))?[ \t]*(?:\{|=|$)', re.MULTILINE)
_DECLARED = re.compile(r"(?:[A-Za-z_]\w*[ \t]+)?([A-Za-z_]\w*)[ \t]*[{=<>]")


class Opening(NamedTuple):
    """An opening bracket or brace that was not closed."""

    bracket: str
    offset: int


def unclosed(text: str, end: int) -> tuple[Opening, ...]:
    """The brackets and braces open at `end`, outermost first; texts and comments are passed over."""
    stack: list[Opening] = []
    partner = {")": "(", "]": "[", "}": "{"}
    i, inside = 0, False
    while i < end:
        character = text[i]
        if inside:
            inside = character not in '"\n'
        elif character == '"':
            inside = True
        elif character == "#":
            i = text.find("\n", i)
            if i < 0:
                break
        elif character in "([{":
            stack.append(Opening(character, i))
        elif character in partner:
            while stack and stack[-1].bracket in "([" and stack[-1].bracket != partner[character]:
                stack.pop()
            if stack and stack[-1].bracket == partner[character]:
                stack.pop()
        i += 1
    return tuple(stack)


def region(text: str, at: Span) -> Span:
    """What to blank for an error reported at `at`: a stray brace, a block from its header on, or the line."""
    if text[at.start : at.end] == "}":
        return at
    start, end = _line(text, at.start)
    header = _HEADER.match(text, start)
    if header and "}" not in text[header.end() : end]:
        return Span(start, _end_of_block(text, header.end() - 1))
    opened = [o for o in unclosed(text, end) if o.bracket in "([" and o.offset >= start]
    while opened and end < len(text) - 1 and not _begins_item(text, end + 1):
        end = _line(text, end + 1)[1]
        opened = [o for o in unclosed(text, end) if o.bracket in "([" and o.offset >= start]
    brace = text.rfind("}", start, end)
    if brace >= 0 and text.count("{", start, end) < text.count("}", start, end):
        end = brace  # the line also closes its block
    return Span(start, max(end, start + 1))


def _line(text: str, offset: int) -> tuple[int, int]:
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    return start, len(text) if end < 0 else end


def _begins_item(text: str, start: int) -> bool:
    """Whether a line looks like an item of its own, or closes a block."""
    return (
        re.match(
            r"[ \t]*(?:\}|[A-Za-z_]\w*[ \t]*(?:=|[<>]=?|\{|[A-Za-z_]\w*[ \t]*[={]))",
            text[start : _line(text, start)[1]],
        )
        is not None
    )


def _end_of_block(text: str, brace: int) -> int:
    """Where the block opened at `brace` ends: after its `}`, or before the next item at the start of a line."""
    depth, i, inside = 0, brace, False
    while i < len(text):
        character = text[i]
        if character == "\n":
            inside = False
            if depth == 1 and _TOP_HEADER.match(text, i + 1):
                return i
        elif character == '"':
            inside = not inside
        elif character == "#" and not inside:
            i = text.index("\n", i) - 1
        elif character == "{" and not inside:
            depth += 1
        elif character == "}" and not inside:
            depth -= 1
            if depth == 0:
                return i + 1
        i += 1
    return len(text)


def blank(text: str, place: Span) -> str:
    """The text with every character of `place` but the newlines turned into a space."""
    hidden = "".join("\n" if c == "\n" else " " for c in text[place.start : place.end])
    return text[: place.start] + hidden + text[place.end :]


def declared_names(text: str, place: Span) -> set[str]:
    """The blocks, definitions and attributes that the text to be blanked would have declared."""
    return set(_DECLARED.findall(text[place.start : place.end]))
