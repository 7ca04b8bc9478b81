"""Tree to study: what stands where, names declared once, every attribute read by its type."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from tdscen.diagnostics import Diagnostic, Label, has_errors
from tdscen.language.block_reader import BlockReader
from tdscen.language.blocks import BLOCKS, BY_KEYWORD
from tdscen.language.profile_functions import FUNCTIONS
from tdscen.language.reader import Declared, Reader
from tdscen.language.study import Study
from tdscen.language.values import ProfileValue
from tdscen.source import Source, Span
from tdscen.suggest import did_you_mean, nearest, one_of
from tdscen.syntax import nodes as n
from tdscen.syntax.walk import expressions, names


class Analysed(NamedTuple):
    """The study as far as it could be read, and what is wrong with it."""

    study: Study
    diagnostics: tuple[Diagnostic, ...]


def analyse(document: n.Document, source: Source, folder: Path) -> Analysed:
    """Read a document. `folder` is where paths in the file begin (profiles' CSV files are read)."""
    problems: list[Diagnostic] = []
    items = [item for item in document.items if _belongs(item, problems)]
    refused = [item for item in document.items if item not in items]
    lost = document.lost | {label for item in refused if (label := _label(item))}
    reader = Reader(_declare(items, problems), lost, folder, problems)
    blocks_of = BlockReader(reader)
    blocks = tuple(blocks_of.block(i, BY_KEYWORD[i.keyword.text]) for i in items if isinstance(i, n.Block))
    profiles = {}
    for item in items:
        if isinstance(item, n.Definition) and not _may_be_choice(item, reader):
            value = reader.evaluate(n.Reference(item.name, (), item.name.span))
            if isinstance(value, ProfileValue):
                profiles[item.name.text] = value
    whole = Span(0, len(source.text), source.index)
    _count(items, problems)
    if not document.recovered:
        _miss(items, refused, problems, whole)
    title = next((i.text.value for i in items if isinstance(i, n.Heading) and i.keyword.text == "scenario"), "")
    parameters = tuple(
        (i.name.text, source.text[i.value.span.start : i.value.span.end])
        for i in items
        if isinstance(i, n.Definition) and i.keyword.text == "parameter"
    )
    study = Study(
        title=title,
        blocks=blocks,
        scope=MappingProxyType(dict(reader.scope)),
        profiles=MappingProxyType(profiles),
        parameters=parameters,
        whole=whole,
        used=frozenset(name for value in expressions(document.items) for name in names(value)),
        sound=not document.recovered and not has_errors(problems),
    )
    return Analysed(study, tuple(problems))


def _may_be_choice(item: n.Definition, reader: Reader) -> bool:
    """`parameter how = parallel`: a name that only the attribute it is used for can judge."""
    value = item.value
    name = value.head if isinstance(value, n.Reference) else value.function if isinstance(value, n.Call) else None
    return item.keyword.text == "parameter" and name is not None and name.text not in {*reader.scope, *FUNCTIONS}


def _form(item: n.Item) -> str:
    return {n.Block: "block", n.Definition: "definition", n.Heading: "heading"}.get(type(item), "")


_SHAPES = {"block": "{0} {1}{{ ... }}", "definition": "{0} name = ...", "heading": '{0} "..."'}


def _belongs(item: n.Item, problems: list[Diagnostic]) -> bool:
    """Whether an item may stand at the top of a file."""
    if isinstance(item, (n.Attribute, n.Bound)):
        owners = [b.keyword for b in BLOCKS if b.attribute(item.name.text)]
        at = f"{item.name.text} belongs into a block {one_of(owners)}" if owners else "no block around it"
        problems.append(Diagnostic("TDS314", "an attribute stands outside of any block", item.span, at))
        return False
    schema = BY_KEYWORD.get(item.keyword.text)
    if schema is None:
        at = did_you_mean(item.keyword.text, BY_KEYWORD)
        message = f"there is no block {item.keyword.text}"
        problems.append(Diagnostic("TDS301", message, item.keyword.span, at, f"a file holds {one_of(BY_KEYWORD)}"))
        return False
    if schema.later:
        span = item.header if isinstance(item, n.Block) else item.span
        problems.append(Diagnostic("TDS501", f"{schema.keyword} is not supported yet", span, schema.help))
        return False
    if _form(item) != schema.form:
        shape = _SHAPES[schema.form].format(schema.keyword, "name " if schema.named else "")
        span = item.header if isinstance(item, n.Block) else item.span
        problems.append(Diagnostic("TDS314", f"{schema.keyword} has another shape", span, f"write `{shape}`"))
        return False
    return True


def _declare(items: list[n.Item], problems: list[Diagnostic]) -> dict[str, Declared]:
    """Every name of the file; one declared twice is reported and keeps its first meaning."""
    scope: dict[str, Declared] = {}
    for item in items:
        name = item.name if isinstance(item, n.Definition) else item.label if isinstance(item, n.Block) else None
        if name is None or isinstance(item, (n.Attribute, n.Bound, n.Heading)):
            continue
        if name.text in scope:
            label = Label(scope[name.text].name.span, "defined here first")
            message = f"{name.text} is defined twice"
            problems.append(Diagnostic("TDS202", message, name.span, "names are shared by all blocks", labels=(label,)))
            continue
        value = item.value if isinstance(item, n.Definition) else None
        scope[name.text] = Declared(item.keyword.text, name, value)
    return scope


def _count(items: list[n.Item], problems: list[Diagnostic]) -> None:
    """Blocks that may stand once only."""
    first: dict[str, Span] = {}
    for item in items:
        if isinstance(item, (n.Attribute, n.Bound)) or not BY_KEYWORD[item.keyword.text].once:
            continue
        keyword = item.keyword
        if keyword.text in first:
            label = Label(first[keyword.text], "the first one")
            message = f"a file has one {keyword.text}"
            problems.append(Diagnostic("TDS206", message, keyword.span, "this is another", labels=(label,)))
        first.setdefault(keyword.text, keyword.span)


def _miss(items: list[n.Item], refused: list[n.Item], problems: list[Diagnostic], whole: Span) -> None:
    """Blocks that must stand and do not, not even misspelt."""
    present = {_keyword(item) for item in items} | {nearest(_keyword(item), BY_KEYWORD) for item in refused}
    end = Span(whole.end - 1, whole.end, whole.file)
    for schema in BLOCKS:
        if schema.required and schema.keyword not in present:
            shape = _SHAPES[schema.form].format(schema.keyword, "name " if schema.named else "")
            message = f"the file has no {schema.keyword}"
            problems.append(Diagnostic("TDS205", message, end, "", f"add `{shape}`: {schema.help}"))


def _keyword(item: n.Item) -> str:
    return "" if isinstance(item, (n.Attribute, n.Bound)) else item.keyword.text


def _label(item: n.Item) -> str:
    if isinstance(item, n.Definition):
        return item.name.text
    return item.label.text if isinstance(item, n.Block) and item.label else ""
