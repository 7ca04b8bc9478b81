"""What the language has and this version does not run: told by `compile`, in words that name it."""

from __future__ import annotations

from collections.abc import Iterator

from tdscen.diagnostics import Diagnostic
from tdscen.language.study import CheckedBlock, Study
from tdscen.language.types import ChoiceType
from tdscen.language.values import Chosen


def not_yet(study: Study) -> Iterator[Diagnostic]:
    """Every block, attribute and choice that is known and does not run yet."""
    for block in study.blocks:
        yield from _in_block(block)


def _in_block(block: CheckedBlock) -> Iterator[Diagnostic]:
    if block.schema.later:
        yield Diagnostic("TDS501", f"{block.schema.keyword} is not supported yet", block.header, block.schema.help)
        return
    for name, entry in block.entries.items():
        attribute = block.schema.attribute(name)
        if attribute is not None and attribute.later:
            yield Diagnostic("TDS501", f"{name} is not supported yet", entry.name_span, attribute.help)
        elif attribute is not None and isinstance(attribute.type, ChoiceType) and isinstance(entry.value, Chosen):
            choice = next((c for c in attribute.type.choices if c.name == entry.value.name), None)
            if choice is not None and choice.later:
                yield Diagnostic("TDS501", f"{choice.name} is not supported yet", entry.span, choice.help)
    for inner in block.nested:
        yield from _in_block(inner)
