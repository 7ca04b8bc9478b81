"""`--set NAME=VALUE`: other values for the parameters of a study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tdscen.diagnostics import Diagnostic
from tdscen.language.texts import Texts
from tdscen.source import Span
from tdscen.suggest import did_you_mean, one_of
from tdscen.syntax import nodes as n
from tdscen.syntax.parser import parse_expression

SETTING = "--set"
"""What the text of a setting is called among the sources of a study."""


def read_overrides(
    settings: Iterable[str], document: n.Document, texts: Texts, problems: list[Diagnostic], folder: Path | None = None
) -> Mapping[str, n.Expression]:
    """Expressions by parameter name. Each setting is a text of its own, so that a mistake is shown in it.

    Paths in them begin in `folder` (None: where the command was given).
    """
    parameters = [
        item.name.text for item in document.items if isinstance(item, n.Definition) and item.keyword.text == "parameter"
    ]
    overrides = {}
    for setting in settings:
        source = texts.add(SETTING, setting, folder or Path())
        name, equals, value = setting.partition("=")
        start = len(name) + 1
        whole = Span(0, max(1, len(setting)), source.index)
        if not equals or not value.strip():
            problems.append(Diagnostic("TDS210", "a setting is NAME=VALUE", whole, "", "as in `--set std=5 %`"))
        elif name.strip() not in parameters:
            at = did_you_mean(name.strip(), parameters) or f"parameters are {one_of(parameters) or 'none'}"
            place = Span(0, len(name), source.index)
            problems.append(Diagnostic("TDS210", f"{name.strip()} is no parameter of this study", place, at))
        else:
            lead = len(value) - len(value.lstrip())
            place = Span(start + lead, len(setting.rstrip()), source.index)
            expression, problem = parse_expression(value.strip(), place)
            if problem is not None:
                problems.append(problem)
            elif expression is not None:
                overrides[name.strip()] = expression
    return overrides
