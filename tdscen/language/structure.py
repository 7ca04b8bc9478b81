"""What may stand at the top of a file, and how often; the names that it declares."""

from __future__ import annotations

from tdscen.diagnostics import Diagnostic, Label
from tdscen.language.blocks import BLOCKS, BY_KEYWORD
from tdscen.language.reader import Declared
from tdscen.mends import spelling
from tdscen.source import Span
from tdscen.suggest import did_you_mean, nearest, one_of
from tdscen.syntax import nodes as n


def sort_out(items: tuple[n.Item, ...], problems: list[Diagnostic]) -> tuple[list[n.Item], list[n.Item]]:
    """The items that may stand at the top of a file, and those that may not (reported)."""
    good: list[n.Item] = []
    refused: list[n.Item] = []
    for item in items:
        (good if belongs(item, problems) else refused).append(item)
    return good, refused


def _form(item: n.Item) -> str:
    return {n.Block: "block", n.Definition: "definition", n.Heading: "heading"}.get(type(item), "")


_SHAPES = {"block": "{0} {1}{{ ... }}", "definition": "{0} name = ...", "heading": '{0} "..."'}


def belongs(item: n.Item, problems: list[Diagnostic]) -> bool:
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
        fixes = spelling(item.keyword.span, item.keyword.text, BY_KEYWORD)
        help = f"a file holds {one_of(BY_KEYWORD)}"
        problems.append(Diagnostic("TDS301", message, item.keyword.span, at, help, fixes=fixes))
        return False
    if _form(item) != schema.form:
        shape = _SHAPES[schema.form].format(schema.keyword, "name " if schema.named else "")
        span = item.header if isinstance(item, n.Block) else item.span
        problems.append(Diagnostic("TDS314", f"{schema.keyword} has another shape", span, f"write `{shape}`"))
        return False
    return True


def declare(items: list[n.Item], problems: list[Diagnostic]) -> dict[str, Declared]:
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


def count(items: list[n.Item], problems: list[Diagnostic]) -> None:
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


def miss(items: list[n.Item], refused: list[n.Item], problems: list[Diagnostic], whole: Span) -> None:
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


def label_of(item: n.Item) -> str:
    """The name that an item declares; empty for one that declares none."""
    if isinstance(item, n.Definition):
        return item.name.text
    return item.label.text if isinstance(item, n.Block) and item.label else ""
