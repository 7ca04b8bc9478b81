"""References to devices: `ieee14.bus[4]`, `bus[*].v`, `ieee34.load["S890"].kW`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tdscen.diagnostics import Label
from tdscen.facts import Key
from tdscen.language.values import Devices, DeviceWords, Quantity, TextValue, describe
from tdscen.mends import spelling
from tdscen.suggest import did_you_mean
from tdscen.syntax import nodes as n

if TYPE_CHECKING:
    from tdscen.language.reader import Declared, Reader


def read(reader: Reader, reference: n.Reference, owner: str | None = None) -> Devices | None:
    """`SYSTEM.device[key].quantity`; with `owner` given, the system's name is left out (`bus[*].v`)."""
    steps = list(reference.steps)
    first: n.Word | None = reference.head
    if owner is None or reference.head.text == owner:
        declared = reader.scope.get(reference.head.text)
        if declared is None or declared.keyword not in ("transmission", "distribution"):
            return _no_system(reader, reference.head, declared)
        owner = reference.head.text
        first = _take_member(steps)
    index = _take_index(steps)
    quantity = _take_member(steps)
    if first is None or steps:
        return reader.report(
            "TDS203",
            "a reference names a system, a device and its number or name",
            reference.span,
            help='as in `ieee14.bus[4]`, `ieee14.bus[*].v` or `ieee34.load["S890"].kW`',
        )
    own_key = index.key.span if index is not None and index.key is not None else None
    words = DeviceWords(first.span, own_key, quantity.span if quantity else None)
    if index is None or index.key is None:
        every = index is not None
        return Devices(owner, first.text, None, every, quantity.text if quantity else None, reference.span, words)
    key = _key(reader, index.key)
    if key is None:
        return None
    return Devices(owner, first.text, key, False, quantity.text if quantity else None, reference.span, words)


def _no_system(reader: Reader, head: n.Word, declared: Declared | None) -> None:
    if declared is None and head.text in reader.lost:
        return None
    systems = [name for name, d in reader.scope.items() if d.keyword in ("transmission", "distribution")]
    if declared is None:
        at = did_you_mean(head.text, systems) or "no such name in this file"
        fixes = spelling(head.span, head.text, systems)
        return reader.report("TDS201", f"{head.text} is not defined", head.span, at, fixes=fixes)
    return reader.report(
        "TDS203",
        f"{head.text} is a {declared.keyword}, which has no devices",
        head.span,
        "a transmission or distribution system is wanted here",
        labels=(Label(declared.name.span, "defined here"),),
    )


def _key(reader: Reader, expression: n.Expression) -> Key | None:
    match reader.evaluate(expression):
        case Quantity(number, "number") if number.is_integer():
            return int(number)
        case TextValue(text):
            return text
        case None:
            return None
        case other:
            return reader.report(
                "TDS305",
                f"a device is named by a whole number or a text, not {describe(other)}",
                expression.span,
            )


def _take_member(steps: list[n.Member | n.Index]) -> n.Word | None:
    step = steps[0] if steps else None
    if not isinstance(step, n.Member):
        return None
    del steps[0]
    return step.name


def _take_index(steps: list[n.Member | n.Index]) -> n.Index | None:
    step = steps[0] if steps else None
    if not isinstance(step, n.Index):
        return None
    del steps[0]
    return step
