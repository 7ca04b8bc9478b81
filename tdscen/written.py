"""A study as its scenario writes it, as a tree like a plan's: what can be compared where models cannot be looked at."""

from __future__ import annotations

from typing import Any

from tdscen.codec import encode
from tdscen.language.models import Models
from tdscen.language.study import CheckedBlock, Study
from tdscen.language.values import (
    BlockRef,
    Chosen,
    Devices,
    Flag,
    Interval,
    Items,
    ProfileValue,
    Quantity,
    TextValue,
    Value,
)
from tdscen.units import BASE, Dimension

ENDS: dict[Dimension, str] = {
    "time": "_s",
    "active power": "_mw",
    "reactive power": "_mvar",
    "apparent power": "_mva",
    "energy": "_mwh",
    "per unit": "_pu",
    "frequency": "_hz",
    "angle": "_rad",
}
"""How a plan ends the name of a quantity's field."""

COLLECTIONS = {"distribution": "distributions", "interface": "interfaces", "event": "events", "der": "resources"}
COLLECTIONS |= {"federate": "external_federates", "sweep": "sweeps"}


def written(study: Study, models: Models) -> dict[str, Any]:
    """Title, parameters and every block with its defaults; of models that are there, the hash of their files."""
    tree: dict[str, Any] = {
        "title": study.title,
        "parameters": [list(parameter) for parameter in study.parameters],
        "transmission": {},
        **{name: [] for name in COLLECTIONS.values()},
        "requirements": [],
    }
    for block in study.blocks:
        keyword = block.schema.keyword
        if keyword == "require":
            tree["requirements"] += [{"name": e.name, **_required(e.value)} for e in block.entries.values()]
            continue
        data = _block(block)
        probe = models.probes.get(block.label)
        if probe is not None and probe.sha256 is not None:
            data["model_sha256"] = probe.sha256
        if keyword in COLLECTIONS:
            tree[COLLECTIONS[keyword]].append({"name": block.label, **data})
        else:
            tree[keyword] = tree.get(keyword, {}) | ({"name": block.label} if block.label else {}) | data
    return tree


def _block(block: CheckedBlock) -> dict[str, Any]:
    names = dict.fromkeys([attribute.name for attribute in block.schema.attributes] + list(block.entries))
    values = ((name, block.value(name)) for name in names)
    data = {name + _end(value): _plain(value) for name, value in values if value is not None}
    return data | {inner.schema.keyword: _block(inner) for inner in block.nested}


def _end(value: Value) -> str:
    return ENDS.get(value.dimension, "") if isinstance(value, Quantity) else ""


def _required(value: Value) -> dict[str, Any]:
    if isinstance(value, Chosen):
        level, within = value.argument("level"), value.argument("within")
        assert isinstance(level, Quantity)
        assert isinstance(within, Quantity)
        return {"within": [None, within.value, "s"], "level_pu": level.value}
    return {"within": _within(value)}


def _within(value: Value) -> list[Any]:
    assert isinstance(value, Interval)
    unit = BASE.get(value.dimension, "")
    return [value.low, value.high, unit]


def _plain(value: Value) -> Any:
    match value:
        case Quantity(number):
            return number
        case TextValue(text):
            return text
        case Flag(on):
            return on
        case Interval():
            return _within(value)
        case ProfileValue(profile):
            return encode(profile)
        case BlockRef(_, label):
            return label
        case Devices(owner, device, key, every, quantity):
            index = "[*]" if every else f"[{key}]" if key is not None else ""
            return ".".join(part for part in (owner, f"{device}{index}", quantity) if part)
        case Chosen(name, arguments):
            inner = ", ".join(f"{n} = {_plain(v)}" for n, v in arguments)
            return f"{name}({inner})" if inner else name
        case Items(values):
            return [_plain(item) for item in values]
    raise TypeError(f"{value!r} is no value of the language")
