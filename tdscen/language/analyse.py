"""Tree to study: what stands where, names declared once, every attribute read by its type."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from tdscen.diagnostics import Diagnostic, has_errors
from tdscen.language import structure
from tdscen.language.block_reader import BlockReader
from tdscen.language.blocks import BY_KEYWORD
from tdscen.language.profile_functions import FUNCTIONS
from tdscen.language.reader import Declared, Reader
from tdscen.language.study import Study
from tdscen.language.tables import expand_tables
from tdscen.language.texts import Text, Texts
from tdscen.language.values import ProfileValue
from tdscen.source import Source, Span
from tdscen.syntax import nodes as n
from tdscen.syntax.walk import expressions, names

NOTHING: Mapping[str, n.Expression] = MappingProxyType({})


class Analysed(NamedTuple):
    """The study as far as it could be read, and what is wrong with it."""

    study: Study
    diagnostics: tuple[Diagnostic, ...]


def analyse(document: n.Document, source: Source, folder: Path) -> Analysed:
    """Read a document that stands in one file; paths in it begin in `folder`."""
    return analyse_all(document, Texts((Text(source, folder),)))


def analyse_all(document: n.Document, texts: Texts, overrides: Mapping[str, n.Expression] = NOTHING) -> Analysed:
    """Read a document made of several files. `overrides` are other values for its parameters, by name.

    CSV files that the document names are read from the folders of `texts`, and added to it, so that a mistake in a
    table can be shown.
    """
    problems: list[Diagnostic] = []
    items, refused = structure.sort_out(document.items, problems)
    lost = document.lost | {label for item in refused if (label := structure.label_of(item))}
    scope = structure.declare(items, problems)
    for name, value in overrides.items():
        if name in scope and scope[name].keyword == "parameter":
            scope[name] = Declared("parameter", scope[name].name, value)
    reader = Reader(scope, lost, texts, problems)
    structure.count(items, problems)
    whole = Span(0, len(texts.sources[0].text))
    if not document.recovered:
        structure.miss(items, refused, problems, whole)
    profiles = _definitions(items, reader)
    blocks_of = BlockReader(reader)
    blocks = [blocks_of.block(i, BY_KEYWORD[i.keyword.text]) for i in items if isinstance(i, n.Block)]
    study = Study(
        title=next((i.text.value for i in items if isinstance(i, n.Heading) and i.keyword.text == "scenario"), ""),
        blocks=expand_tables(blocks, reader),
        scope=MappingProxyType(scope),
        profiles=MappingProxyType(profiles),
        parameters=_parameters(scope, texts),
        whole=whole,
        used=frozenset(name for value in expressions(document.items) for name in names(value)),
        sound=not document.recovered and not has_errors(problems),
    )
    return Analysed(study, tuple(problems))


def _parameters(scope: Mapping[str, Declared], texts: Texts) -> tuple[tuple[str, str], ...]:
    """Name and written value of every parameter."""
    spans = [(name, d.value.span) for name, d in scope.items() if d.keyword == "parameter" and d.value]
    return tuple((name, texts.sources[span.file].text[span.start : span.end]) for name, span in spans)


def _definitions(items: list[n.Item], reader: Reader) -> dict[str, ProfileValue]:
    """Every definition is read, used or not; the profiles among them by name."""
    profiles = {}
    for item in items:
        if isinstance(item, n.Definition) and not _may_be_choice(item, reader):
            value = reader.evaluate(n.Reference(item.name, (), item.name.span))
            if isinstance(value, ProfileValue):
                profiles[item.name.text] = value
    return profiles


def _may_be_choice(item: n.Definition, reader: Reader) -> bool:
    """`parameter how = parallel`: a name that only the attribute it is used for can judge."""
    value = item.value
    name = value.head if isinstance(value, n.Reference) else value.function if isinstance(value, n.Call) else None
    return item.keyword.text == "parameter" and name is not None and name.text not in {*reader.scope, *FUNCTIONS}
