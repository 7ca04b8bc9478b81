"""Types whose values refer to something: a block of the file, buses, devices of a system."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tdscen.facts import Side
from tdscen.language import device_references
from tdscen.language.types import Choice, ChoiceType
from tdscen.language.values import BlockRef, Chosen, Devices, Items, TextValue, Value, describe
from tdscen.mends import instead
from tdscen.simulators import BUILT_IN, simulators
from tdscen.suggest import one_of
from tdscen.syntax import nodes as n

if TYPE_CHECKING:
    from tdscen.language.reader import Reader


@dataclass(frozen=True, slots=True)
class BlockType:
    """The name of a block of one kind."""

    keyword: str

    @property
    def words(self) -> str:
        return f"the name of a {self.keyword}"

    def read(self, expression: n.Expression, reader: Reader) -> Value | None:
        value = reader.evaluate(expression)
        if value is None or (isinstance(value, BlockRef) and value.keyword == self.keyword):
            return value
        known = [name for name, declared in reader.scope.items() if declared.keyword == self.keyword]
        at = f"this file has {one_of(known)}" if known else f"this file defines no {self.keyword}"
        fixes = instead(expression.span, known[0] if len(known) == 1 else None)
        message = f"{self.words} is wanted here, not {describe(value)}"
        return reader.report("TDS203", message, expression.span, at, fixes=fixes)


@dataclass(frozen=True, slots=True)
class BusesType:
    """Buses of the transmission system: one, a list, or `bus[*]`."""

    words: str = "a bus, a list of buses, or bus[*]"

    def read(self, expression: n.Expression, reader: Reader) -> Value | None:
        value = reader.evaluate(expression)
        if value is None:
            return None
        items = value.values if isinstance(value, Items) else (value,)
        for item in items:
            if not (isinstance(item, Devices) and item.device == "bus" and item.quantity is None):
                what = f"the {item.device}" if isinstance(item, Devices) else describe(item)
                return reader.report(
                    "TDS203",
                    f"{self.words} is wanted here, not {what}",
                    item.span if isinstance(item, Devices) else expression.span,
                    help="as in `ieee14.bus[4]`, `[ieee14.bus[3], ieee14.bus[4]]` or `ieee14.bus[*]`",
                )
        return Items(items)


@dataclass(frozen=True, slots=True)
class DevicesType:
    """Devices of one system, its name left out: `[bus[*].v, generator[*].omega]`."""

    owner: str
    words: str = "a list of quantities, as in [bus[*].v]"

    def read(self, expression: n.Expression, reader: Reader) -> Value | None:
        items: Iterable[n.Expression] = expression.items if isinstance(expression, n.ListOf) else (expression,)
        values: list[Devices] = []
        sound = True
        for item in items:
            if not isinstance(item, n.Reference):
                reader.report("TDS305", f"{self.words} is wanted here", item.span)
                sound = False
                continue
            devices = device_references.read(reader, item, self.owner)
            if devices is not None and devices.quantity is None and (devices.every or devices.key is not None):
                reader.report("TDS203", "say what of the device is to be recorded", item.span, help="as in `bus[*].v`")
                devices = None
            if devices is None:
                sound = False
            else:
                values.append(devices)
        return Items(tuple(values)) if sound else None


@dataclass(frozen=True, slots=True)
class DeviceType:
    """One device of a system, as in `ieee14.line["Line_3"]`; with `quantity` also what of it.

    `side` is the kind of system ("" for either), `devices` the kinds of device that are allowed (none: any).
    """

    side: str
    devices: tuple[str, ...]
    quantity: bool = False

    @property
    def words(self) -> str:
        return f"a reference to a {one_of(self.devices) or 'device'}" + (
            " and a quantity of it" if self.quantity else ""
        )

    def read(self, expression: n.Expression, reader: Reader) -> Value | None:
        value = reader.evaluate(expression)
        if value is None:
            return None
        if not isinstance(value, Devices) or (self.devices and value.device not in self.devices):
            return reader.report("TDS203", f"{self.words} is wanted here, not {describe(value)}", expression.span)
        owner = reader.scope[value.owner or ""]
        if self.side and owner.keyword != self.side:
            at = f"{value.owner} is a {owner.keyword} system"
            return reader.report("TDS203", f"{self.words} of a {self.side} system is wanted here", expression.span, at)
        if value.key is None or (value.quantity is not None) != self.quantity:
            at = "say which device" if value.key is None else ""
            return reader.report("TDS203", f"{self.words} is wanted here", expression.span, at, _as_in(self.quantity))
        return value


def _as_in(quantity: bool) -> str:
    return 'as in `ieee34.load["s890"].kW`' if quantity else "as in `ieee14.bus[4]`"


@dataclass(frozen=True, slots=True)
class NamesType:
    """A list of names of blocks of some kinds."""

    keywords: tuple[str, ...]

    @property
    def words(self) -> str:
        return f"a list of names of {one_of(self.keywords)} blocks"

    def read(self, expression: n.Expression, reader: Reader) -> Value | None:
        items = expression.items if isinstance(expression, n.ListOf) else (expression,)
        values = [reader.evaluate(item) for item in items]
        for item, value in zip(items, values, strict=True):
            if value is not None and not (isinstance(value, BlockRef) and value.keyword in self.keywords):
                return reader.report("TDS203", f"{self.words} is wanted here, not {describe(value)}", item.span)
        return None if None in values else Items(tuple(v for v in values if v is not None))


@dataclass(frozen=True, slots=True)
class AxisType:
    """The values of a parameter in a sweep: a list, or a range (for `latin_hypercube`).

    The values are kept as they are written: each is read where the parameter stands, when its point is checked.
    """

    words: str = "a list of values, or a range"

    def read(self, expression: n.Expression, reader: Reader) -> Value | None:
        if isinstance(expression, n.Range):
            return reader.evaluate(expression)
        if not isinstance(expression, n.ListOf) or not expression.items:
            return reader.report("TDS305", f"{self.words} is wanted here", expression.span, help="as in `[1, 2, 3]`")
        source = reader.texts.sources[expression.span.file]
        return Items(tuple(TextValue(source.text[i.span.start : i.span.end]) for i in expression.items))


@dataclass(frozen=True, slots=True)
class SimulatorType:
    """The name of a simulator of one side; those of third parties are looked for when one is named."""

    side: Side

    @property
    def words(self) -> str:
        return one_of(s.name for s in simulators(self.side))

    def read(self, expression: n.Expression, reader: Reader) -> Value | None:
        name = expression.head.text if isinstance(expression, n.Reference) and not expression.steps else None
        if name in [s.name for s in BUILT_IN if s.side == self.side]:
            return Chosen(name or "")
        return ChoiceType(tuple(Choice(s.name, s.title) for s in simulators(self.side))).read(expression, reader)
