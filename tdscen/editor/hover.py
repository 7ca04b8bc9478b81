"""What is said of the thing under the cursor, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tdscen import catalogue
from tdscen.editor import names, wording
from tdscen.editor.analysis import Analysis
from tdscen.language import device_references
from tdscen.language.blocks import BY_KEYWORD, MEASURES
from tdscen.language.profile_functions import FUNCTIONS
from tdscen.language.reader import Reader
from tdscen.language.schema import BlockSchema
from tdscen.language.study import CheckedBlock, Entry
from tdscen.language.targets import facts_of, find
from tdscen.language.types import ChoiceType
from tdscen.language.values import Devices, ProfileValue, Quantity
from tdscen.source import Span
from tdscen.syntax import nodes as n
from tdscen.syntax.walk import parts

SYSTEMS = ("transmission", "distribution")


@dataclass(frozen=True, slots=True)
class Hover:
    """A text about a stretch of the document."""

    span: Span
    text: str


def hover(analysis: Analysis, offset: int) -> Hover | None:
    """What there is to say of an offset of the document: the thing itself, then diagnostics that stand there."""
    found = _thing(analysis, offset)
    spans = [d for d in analysis.diagnostics if d.span.file == 0 and d.span.start <= offset < d.span.end]
    said = [f"{d.severity} {d.code}: {entry.title}" for d in spans if (entry := catalogue.find(d.code))]
    if found is None:
        return Hover(spans[0].span, "\n\n".join(said)) if said else None
    return Hover(found.span, "\n\n".join([found.text, *dict.fromkeys(said)]))


def _thing(analysis: Analysis, offset: int) -> Hover | None:
    around = analysis.at(offset)
    if not around:
        return None
    schema: BlockSchema | None = None
    for item in around:
        if isinstance(item, (n.Block, n.Definition, n.Heading)):
            outer, schema = schema, BY_KEYWORD.get(item.keyword.text)
            schema = outer.inner(item.keyword.text) if outer is not None else schema
            if _on(item.keyword.span, offset) and schema is not None:
                return Hover(item.keyword.span, wording.block_help(schema))
    item = around[-1]
    named = names.at(analysis, offset)
    if named is not None:
        return Hover(named.span, _name(analysis, named.name))
    if isinstance(item, (n.Attribute, n.Bound)):
        if _on(item.name.span, offset):
            return _attribute(analysis, item, schema)
        if isinstance(item.value, n.Text):
            return _model(analysis, around, item, offset)
        choice = _choice(item, schema, offset)
        return choice or _expression(analysis, item.value, offset, item.name.text if _observes(schema) else None)
    if isinstance(item, n.Definition):
        return _expression(analysis, item.value, offset, None)
    return None


def _model(analysis: Analysis, around: Sequence[n.Item], item: n.Attribute | n.Bound, offset: int) -> Hover | None:
    """Of the text that names a system's file, what the model is."""
    block = next((each for each in reversed(around) if isinstance(each, n.Block)), None)
    system = analysis.study.labelled(block.label.text) if block is not None and block.label is not None else None
    if system is None or not _on(item.value.span, offset):
        return None
    if system.schema.keyword not in SYSTEMS or item.name.text != system.file_attribute:
        return None
    return Hover(item.value.span, _name(analysis, system.label))


def _on(span: Span, offset: int) -> bool:
    return span.start <= offset <= span.end


def _observes(schema: BlockSchema | None) -> bool:
    return schema is not None and schema.entries == "systems"


def _attribute(analysis: Analysis, item: n.Attribute | n.Bound, schema: BlockSchema | None) -> Hover | None:
    name = item.name.text
    attribute = schema.attribute(name) if schema is not None else None
    if attribute is not None:
        text = wording.attribute_help(attribute)
    elif schema is not None and schema.entries == "measures" and name in MEASURES:
        text = f"**{name}**: {MEASURES[name].help}\n\nTakes {MEASURES[name].type.words}."
    else:
        return None
    entry = _entry(analysis, item.name.span)
    return Hover(item.name.span, f"{text}\n\nHere: {wording.value_text(entry.value)}" if entry is not None else text)


def _entry(analysis: Analysis, name: Span) -> Entry | None:
    """What was read of the attribute whose name stands there."""

    def of(block: CheckedBlock) -> Entry | None:
        here = (entry for entry in block.entries.values() if entry.name_span == name)
        return next(here, None) or next((e for inner in block.nested if (e := of(inner))), None)

    return next((entry for block in analysis.study.blocks if (entry := of(block))), None)


def _name(analysis: Analysis, name: str) -> str:
    declared = analysis.study.scope[name]
    text = f"**{declared.keyword} {name}**"
    if declared.value is not None:
        text += f"\n\n`{analysis.written(declared.value.span)}`"
        value = Reader(analysis.study.scope, texts=analysis.texts).evaluate(n.Reference(declared.name, ()))
        return f"{text}\n\n= {wording.value_text(value)}" if value is not None else text
    facts = analysis.models.facts(name)
    if facts is not None:
        text += f"\n\n{wording.facts_text(facts)}"
    elif declared.keyword in SYSTEMS:
        probe = analysis.models.probes.get(name)
        text += f"\n\n{probe.problem}" if probe and probe.problem else "\n\nits model has not been looked at yet"
    else:
        text += f": {BY_KEYWORD[declared.keyword].help}"
    return text


def _choice(item: n.Attribute | n.Bound, schema: BlockSchema | None, offset: int) -> Hover | None:
    """A word of the attribute's own: `match_load`, `iterative(...)`."""
    attribute = schema.attribute(item.name.text) if schema is not None else None
    wanted = attribute.type if attribute else MEASURES[item.name.text].type if item.name.text in MEASURES else None
    word = (
        item.value.head
        if isinstance(item.value, n.Reference)
        else item.value.function
        if isinstance(item.value, n.Call)
        else None
    )
    if not isinstance(wanted, ChoiceType) or word is None or not _on(word.span, offset):
        return None
    choice = next((c for c in wanted.choices if c.name == word.text), None)
    return Hover(word.span, wording.call_help(choice.name, choice.help, choice.parameters)) if choice else None


def _expression(analysis: Analysis, value: n.Expression, offset: int, owner: str | None) -> Hover | None:
    """The smallest part of a value around an offset that there is something to say of."""
    for part in parts(value):
        if _on(part.span, offset):
            inner = _expression(analysis, part, offset, owner)
            if inner is not None:
                return inner
    match value:
        case n.Call(function) if _on(function.span, offset) and function.text in FUNCTIONS:
            known = FUNCTIONS[function.text]
            return Hover(function.span, wording.call_help(known.name, known.help, known.parameters))
        case n.Reference(steps=(_, *_)):
            return _device(analysis, value, owner)
        case n.Text():
            return None
    found = Reader(analysis.study.scope, texts=analysis.texts).evaluate(value)
    if isinstance(found, Quantity) and isinstance(value, n.Number) and value.unit is None:
        return None
    return Hover(value.span, f"= {wording.value_text(found)}") if isinstance(found, (Quantity, ProfileValue)) else None


def _device(analysis: Analysis, reference: n.Reference, owner: str | None) -> Hover | None:
    """The device that a reference names, as its model has it: of a bus its kV and load."""
    devices: Devices | None = device_references.read(
        Reader(analysis.study.scope, texts=analysis.texts), reference, owner
    )
    facts = facts_of(analysis.study, analysis.models, devices.owner) if devices is not None else None
    if devices is None or facts is None:
        return None
    title = f"**{wording.value_text(devices)}**"
    if devices.key is None:
        return Hover(reference.span, f"{title}: {wording.facts_text(facts)}")
    found = find(facts, devices.device, devices.key)
    return Hover(reference.span, f"{title}: {wording.device_text(facts, found[1])}") if found else None
