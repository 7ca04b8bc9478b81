"""Where in a scenario a cursor stands, found in the text alone: it need not parse."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tdscen.language.blocks import BY_KEYWORD, MEASURES
from tdscen.language.reference_types import DevicesType
from tdscen.language.schema import BlockSchema
from tdscen.language.types import TextType, Type
from tdscen.syntax.recovery import unclosed

_HEAD = re.compile(r"([A-Za-z_]\w*)(?:[ \t]+([A-Za-z_]\w*))?[ \t]*$")
_ITEM = re.compile(r"[ \t]*(?:([A-Za-z_]\w*)[ \t]+)?([A-Za-z_]\w*)[ \t]*(=|[<>]=?)")
_CALL = re.compile(r"([A-Za-z_]\w*)[ \t]*$")
_PATH = re.compile(r"""((?:[A-Za-z_]\w*|\[[^\[\]"\n]*\]|\["[^"\n]*"\]|\.)*)$""")
_WORD = re.compile(r"[A-Za-z_]?\w*$")


@dataclass(frozen=True, slots=True)
class Call:
    """An open call around the cursor: its function, the argument that is being written, those already given."""

    function: str
    argument: str
    place: int
    given: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """A cursor's surroundings.

    `blocks`: keyword and label of the blocks around it, outermost first. `keyword` and `name` of the item whose value
    is written (`profile`, `wobble`; an attribute has no keyword; both empty: an item begins). `lead` is the value up
    to the cursor, `word` the part of a word before it (within a text, all of the text so far), `start` where that
    begins. `path` is a reference up to the cursor, as `ieee14.bus[` or `ieee14.bus[4].`, its last word left out.
    """

    blocks: tuple[tuple[str, str], ...]
    keyword: str
    name: str
    lead: str
    word: str
    start: int
    in_text: bool
    in_comment: bool
    calls: tuple[Call, ...]
    path: str

    @property
    def begins_item(self) -> bool:
        """Whether nothing but a word stands on the line yet."""
        return not self.name and not self.in_text

    @property
    def schema(self) -> BlockSchema | None:
        """The innermost block's schema."""
        found: BlockSchema | None = None
        for keyword, _ in self.blocks:
            found = BY_KEYWORD.get(keyword) if found is None else found.inner(keyword)
            if found is None:
                return None
        return found

    @property
    def type(self) -> Type | None:
        """The type of the attribute whose value is written."""
        schema = self.schema
        if schema is None or not self.name:
            return None
        if schema.entries == "systems":
            return DevicesType(self.name)
        if schema.entries == "texts":
            return TextType()
        if schema.entries == "measures":
            return MEASURES[self.name].type if self.name in MEASURES else None
        attribute = schema.attribute(self.name)
        return attribute.type if attribute else None


def context(text: str, offset: int) -> Context:
    """The surroundings of a character offset."""
    opened = unclosed(text, offset)
    braces = [o.offset for o in opened if o.bracket == "{"]
    begin = max(text.rfind("\n", 0, offset), braces[-1] if braces else -1) + 1
    brackets = [o for o in opened if o.bracket != "{" and (not braces or o.offset > braces[-1])]
    if brackets and brackets[0].offset < begin:  # a value over several lines
        begin = max(text.rfind("\n", 0, brackets[0].offset), braces[-1] if braces else -1) + 1
    line = text[begin:offset]
    line, cut = _after_semicolon(line)
    begin += cut
    here = text[text.rfind("\n", 0, offset) + 1 : offset]
    in_text, in_comment = _inside(here)
    item = _ITEM.match(line)
    heading = None if item else re.match(r'[ \t]*([A-Za-z_]\w*)[ \t]*"', line)
    lead = line[item.end() :] if item else ""
    if in_text:
        start = text.rfind('"', 0, offset) + 1
        word, path = text[start:offset], _before(text[begin : start - 1])
    else:
        found = _WORD.search(line)
        word = found[0] if found else ""
        start, path = offset - len(word), _before(line[: len(line) - len(word)])
    keyword, name = (item[1] or "", item[2]) if item else (heading[1] if heading else "", "")
    calls = [_call(text, o.offset, offset) for o in brackets if o.bracket == "("]
    blocks = [_head(text, brace) for brace in braces]
    return Context(
        tuple(blocks), keyword, name, lead, word, start, in_text, in_comment, tuple(c for c in calls if c), path
    )


def _after_semicolon(line: str) -> tuple[str, int]:
    """What stands behind the last `;` of a line that stands in no text."""
    bare = re.sub(r'"[^"\n]*"?', lambda found: "x" * len(found[0]), line)
    cut = bare.rfind(";") + 1
    return line[cut:], cut


def _inside(line: str) -> tuple[bool, bool]:
    """Whether a text, or a comment, is open at the end of a line."""
    in_text = False
    for character in line:
        if character == '"':
            in_text = not in_text
        elif character == "#" and not in_text:
            return False, True
    return in_text, False


def _before(text: str) -> str:
    """The reference that a text ends with: `ieee14.bus[` of `a = [ieee14.bus[`."""
    open_index = text.endswith("[")
    found = _PATH.search(text[:-1] if open_index else text)
    path = found[0] if found else ""
    return f"{path}[" if open_index and path else "" if open_index else path


def _head(text: str, brace: int) -> tuple[str, str]:
    line = text[max(text.rfind("\n", 0, brace), text.rfind("{", 0, brace), text.rfind(";", 0, brace)) + 1 : brace]
    found = _HEAD.search(line)
    return (found[1], found[2] or "") if found else ("", "")


def _call(text: str, bracket: int, offset: int) -> Call | None:
    function = _CALL.search(text[max(0, bracket - 200) : bracket])
    if function is None:
        return None
    parts = _arguments(text[bracket + 1 : offset])
    names = [re.match(r"\s*([A-Za-z_]\w*)\s*=", part) for part in parts]
    given = tuple(name[1] for name in names[:-1] if name)
    last = names[-1]
    return Call(function[1], last[1] if last else "", len(parts) - 1, given)


def _arguments(text: str) -> list[str]:
    parts, depth, in_text = [""], 0, False
    for character in text:
        in_text = not in_text if character == '"' else in_text
        if not in_text:
            depth += (character in "([") - (character in ")]")
            if character == "," and not depth:
                parts.append("")
                continue
        parts[-1] += character
    return parts
