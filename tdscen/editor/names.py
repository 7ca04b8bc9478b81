"""Names of a study wherever they stand: for definitions, references and renaming, across all files it is read from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from tdscen.editor.analysis import Analysis
from tdscen.editor.vocabulary import TRUTHS
from tdscen.language.blocks import BY_KEYWORD
from tdscen.language.checks.names import RESERVED
from tdscen.language.schema import BlockSchema
from tdscen.language.types import ChoiceType
from tdscen.source import Span
from tdscen.syntax import nodes as n
from tdscen.syntax.walk import parts

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A declared name at a place; `defines` where it is declared."""

    name: str
    span: Span
    defines: bool = False


@lru_cache(maxsize=4)
def occurrences(analysis: Analysis) -> tuple[Occurrence, ...]:
    """Every place of every declared name, those in tables included, first to last."""
    found = dict.fromkeys(_in_items(analysis.document.items, analysis.study.scope))
    files = {o.span.file for o in found}
    for block in analysis.study.blocks:
        for entry in block.entries.values():
            if entry.span.file not in files:  # equal cells of a table share the expression of the first
                by = entry.span.start - entry.expression.span.start
                heads = _heads(entry.expression, analysis.study.scope, ())
                found |= dict.fromkeys(replace(o, span=_further(o.span, by)) for o in heads)
    written = (o for o in found if analysis.written(o.span) == o.name)
    return tuple(sorted(written, key=lambda o: o.span.order))


def _further(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by, span.file)


def at(analysis: Analysis, offset: int) -> Occurrence | None:
    """The declared name at an offset of the document."""
    here = (o for o in occurrences(analysis) if o.span.file == 0 and o.span.start <= offset <= o.span.end)
    return next(here, None)


def definition(analysis: Analysis, offset: int) -> Span | None:
    """Where the name at an offset is declared; of `include "file.tds"` the begin of that file."""
    found = at(analysis, offset)
    if found is not None:
        return analysis.study.scope[found.name].name.span
    for item in analysis.at(offset):
        if isinstance(item, n.Heading) and item.keyword.text == "include":
            wanted = (analysis.texts.folder(item.span) / item.text.value).resolve().as_posix()
            files = ((i, source.name) for i, source in enumerate(analysis.sources) if i)
            return next((Span(0, 0, i) for i, name in files if _same(name, wanted)), None)
    return None


def _same(name: str, wanted: str) -> bool:
    return Path(name).resolve().as_posix() == wanted


def references(analysis: Analysis, offset: int) -> tuple[Occurrence, ...]:
    """Every place of the name at an offset."""
    found = at(analysis, offset)
    return tuple(o for o in occurrences(analysis) if found is not None and o.name == found.name)


def refuse(analysis: Analysis, name: str, new: str) -> str:
    """Why `name` cannot be called `new`, in one sentence; empty where it can."""
    if not _NAME.fullmatch(new):
        return f"{new!r} is not a name: letters, digits and _ make one, and it does not begin with a digit"
    if new in TRUTHS:
        return f"{new} is a value of the language, not a name"
    other = analysis.study.scope.get(new)
    if other is not None and new != name:
        return f"{new} is already the name of a {other.keyword}"
    if analysis.study.scope[name].keyword in ("transmission", "distribution") and new.lower() in RESERVED:
        return f"{new} cannot name a system: the generated folder uses this name itself"
    return ""


def _in_items(
    items: Iterable[n.Item], scope: Iterable[str], schema: BlockSchema | None = None, top: bool = True
) -> Iterator[Occurrence]:
    for item in items:
        match item:
            case n.Block(keyword, label):
                if top and label is not None and label.text in scope:
                    yield Occurrence(label.text, label.span, True)
                inner = BY_KEYWORD.get(keyword.text) if top else schema.inner(keyword.text) if schema else None
                yield from _in_items(item.items, scope, inner, False)
            case n.Definition(_, name, value):
                if name.text in scope:
                    yield Occurrence(name.text, name.span, True)
                yield from _heads(value, scope, ())
            case n.Attribute(name, value) | n.Bound(name, _, value):
                yield from _in_attribute(name, value, scope, schema)


def _in_attribute(
    name: n.Word, value: n.Expression, scope: Iterable[str], schema: BlockSchema | None
) -> Iterator[Occurrence]:
    entries = schema.entries if schema else ""
    if entries in ("systems", "axes") and name.text in scope:
        yield Occurrence(name.text, name.span)
    if entries == "systems":  # `bus[*].v`: the first word is a device, unless it is the system itself
        yield from (o for o in _heads(value, scope, ()) if o.name == name.text)
        return
    attribute = schema.attribute(name.text) if schema else None
    choices = attribute.type.choices if attribute and isinstance(attribute.type, ChoiceType) else ()
    yield from _heads(value, scope, [choice.name for choice in choices])


def _heads(value: n.Expression, scope: Iterable[str], choices: Iterable[str]) -> Iterator[Occurrence]:
    if isinstance(value, n.Reference):
        if value.head.text in scope and value.head.text not in choices:
            yield Occurrence(value.head.text, value.head.span)
        for step in value.steps:
            if isinstance(step, n.Index) and step.key is not None:
                yield from _heads(step.key, scope, ())
        return
    for part in parts(value):
        yield from _heads(part, scope, choices)
