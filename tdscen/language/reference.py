"""The reference pages' tables, made from the schema: blocks, units, profiles, measures.

`python -m tdscen.language.reference docs/language.md` renews the parts of a page that stand between the marks
`<!-- made from the schema: NAME -->` and `<!-- end -->`; the prose around them is written by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tdscen import units
from tdscen.language.blocks import BLOCKS, MEASURES
from tdscen.language.profile_functions import FUNCTIONS
from tdscen.language.schema import Attribute, BlockSchema
from tdscen.language.signature import usage
from tdscen.simulators import BUILT_IN

LATER = " *(not run yet)*"
_PART = re.compile(r"(<!-- made from the schema: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def renew(page: str) -> str:
    """The page with every generated part made anew. Raises `KeyError` for a part that there is not."""
    return _PART.sub(lambda found: f"{found[1]}{PARTS[found[2]]()}{found[3]}", page)


def _table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(headings), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _blocks() -> str:
    return "\n".join(_block(schema, 3) for schema in BLOCKS)


def _block(schema: BlockSchema, level: int) -> str:
    title = {
        "heading": f'`{schema.keyword} "..."`',
        "definition": f"`{schema.keyword} NAME = ...`",
        "block": f"`{schema.keyword} NAME {{ }}`" if schema.named else f"`{schema.keyword} {{ }}`",
    }[schema.form]
    rules = [rule for rule, holds in (("stands once", schema.once), ("must be there", schema.required)) if holds]
    text = f"{'#' * level} {title}{LATER if schema.later else ''}\n\n{_sentence(schema.help, rules)}\n"
    if schema.attributes:
        rows = (_attribute(attribute) for attribute in schema.attributes)
        text += "\n" + _table(("attribute", "takes", "default", "says"), rows)
    for inner in schema.nested:
        text += "\n" + _block(inner, level + 1)
    return text


def _sentence(help: str, rules: list[str]) -> str:
    sentence = help[0].upper() + help[1:]
    return f"{sentence} ({', '.join(rules)})." if rules else f"{sentence}."


def _attribute(attribute: Attribute) -> Iterator[str]:
    yield f"`{attribute.name}`{LATER if attribute.later else ''}"
    yield attribute.type.words
    unless = f" unless `{attribute.unless}`" if attribute.unless else ""
    yield f"required{unless}" if attribute.required else f"`{attribute.shown}`" if attribute.shown else "–"
    yield attribute.help


def _units() -> str:
    dimensions = dict.fromkeys(unit.dimension for unit in units.UNITS.values())
    rows = ((d, " ".join(f"`{s}`" for s in units.of_dimension(d)), units.BASE.get(d, "–")) for d in dimensions)
    return _table(("dimension", "units", "kept as"), rows)


def _profiles() -> str:
    rows = ((f"`{usage(f.name, f.parameters)}`", f.help) for f in FUNCTIONS.values())
    return _table(("constructor", "value"), rows)


def _measures() -> str:
    rows = ((f"`{m.name}`", m.type.words, m.help) for m in MEASURES.values())
    return _table(("measure", "bounded by", "what is judged"), rows)


def _observables() -> str:
    rows = ((s.title, f"`{o.device}.{o.quantity}`", o.unit or "–", o.help) for s in BUILT_IN for o in s.observables)
    return _table(("simulator", "quantity", "unit", "what"), rows)


def _options() -> str:
    rows = ((s.title, f"`{o.name}`", o.type, o.help) for s in BUILT_IN for o in s.options)
    return _table(("simulator", "option", "type", "what"), rows)


def _settables() -> str:
    rows = ((s.title, f"`{q.device}.{q.quantity}`", q.dimension, q.help) for s in BUILT_IN for q in s.settables)
    return _table(("simulator", "quantity", "takes", "what"), rows)


PARTS = {
    "blocks": _blocks,
    "units": _units,
    "profiles": _profiles,
    "measures": _measures,
    "observables": _observables,
    "settables": _settables,
    "options": _options,
}


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(renew(path.read_text(encoding="utf-8")), encoding="utf-8")
