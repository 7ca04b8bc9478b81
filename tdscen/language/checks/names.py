"""Names and the blocks they stand for."""

from __future__ import annotations

from collections.abc import Iterator

from tdscen.diagnostics import Diagnostic, Label
from tdscen.language.models import Models
from tdscen.language.sites import distribution_of
from tdscen.language.study import Study
from tdscen.syntax import nodes as n

RESERVED = ("broker", "plan", "runner", "manifest", "models", "runs", "federates")


def one_transmission(study: Study, _models: Models) -> Iterator[Diagnostic]:
    """A scenario couples feeders to one transmission system."""
    first, *others = study.all("transmission") or (None,)
    for other in others:
        if first is None or other is None:
            continue
        label = Label(first.label_span, "the first one")
        message = "several transmission systems in one scenario are not supported yet"
        yield Diagnostic("TDS501", message, other.label_span, "this is another", labels=(label,))


def usable_names(study: Study, _models: Models) -> Iterator[Diagnostic]:
    """A system's name becomes the name of a federate and of files."""
    for block in study.systems():
        if block.label.lower() in RESERVED:
            message = f"{block.label} cannot name a {block.schema.keyword}"
            yield Diagnostic("TDS207", message, block.label_span, "the generated folder uses this name itself")


def everything_used(study: Study, _models: Models) -> Iterator[Diagnostic]:
    """A profile, parameter or feeder model that nothing refers to is probably a slip."""
    used = {word for block in study.blocks for entry in block.entries.values() for word in _words(entry.expression)}
    used |= {word for declared in study.scope.values() if declared.value for word in _words(declared.value)}
    used |= {distribution_of(block) for block in study.all("interface")}
    for name, declared in study.scope.items():
        if declared.keyword in ("profile", "parameter", "distribution") and name not in used and not study.recovered:
            message = f"{declared.keyword} {name} is not used"
            yield Diagnostic("TDS209", message, declared.name.span, "nothing refers to it", severity="warning")


def _words(expression: n.Expression) -> Iterator[str]:
    """Every name that an expression begins a reference with."""
    match expression:
        case n.Reference(head, steps):
            yield head.text
            for step in steps:
                if isinstance(step, n.Index) and step.key is not None:
                    yield from _words(step.key)
        case n.ListOf(items):
            for item in items:
                yield from _words(item)
        case n.Range(low, high):
            yield from _words(low)
            yield from _words(high)
        case n.Call(_, arguments):
            for argument in arguments:
                yield from _words(argument.value)
        case n.Binary(_, left, right):
            yield from _words(left)
            yield from _words(right)
        case n.Negative(inner) | n.Group(inner):
            yield from _words(inner)
