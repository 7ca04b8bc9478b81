"""Names and the blocks they stand for."""

from __future__ import annotations

from collections.abc import Iterator

from tdscen.diagnostics import Diagnostic, Label
from tdscen.language.models import Models
from tdscen.language.study import Study

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
    """A profile, parameter or feeder model that nothing refers to is probably a slip (of a file without errors)."""
    if not study.sound:
        return
    for name, declared in study.scope.items():
        if declared.keyword in ("profile", "parameter", "distribution") and name not in study.used:
            message = f"{declared.keyword} {name} is not used"
            yield Diagnostic("TDS209", message, declared.name.span, "nothing refers to it", severity="warning")
