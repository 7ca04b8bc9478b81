"""`event` and `federate`: what happens, who else joins."""

from __future__ import annotations

from tdscen.language.reference_types import DeviceType
from tdscen.language.schema import Attribute, BlockSchema
from tdscen.language.types import AnyQuantityType, QuantityType, TextType
from tdscen.language.values import TextValue

ACTIONS = ("fault", "open", "close", "trip", "set")
"""Attributes of an event of which it has exactly one."""

FAULT_PU = 1e-4
"""Reactance of a fault that states no impedance, as in ANDES."""

_PU = QuantityType("per unit", least=0)

EVENT = BlockSchema(
    "event",
    "something happens: one of fault, open, close, trip, set",
    named=True,
    attributes=(
        Attribute(
            "at", QuantityType("time", least=0), "when: after the values of that time are recorded", required=True
        ),
        Attribute("fault", DeviceType("transmission", ("bus",)), "a three-phase fault at a bus"),
        Attribute("clear_after", QuantityType("time", above=0), "how long the fault lasts", shown="until the end"),
        Attribute("resistance", _PU, "of the fault", shown="0 pu"),
        Attribute("reactance", _PU, "of the fault", shown=f"0 pu, or {FAULT_PU:g} pu without a resistance"),
        Attribute(
            "open", DeviceType("", ("line", "switch")), "a line of T, or a line or switch of D, opens at both ends"
        ),
        Attribute("close", DeviceType("", ("line", "switch")), "a line of T, or a line or switch of D, closes"),
        Attribute(
            "trip",
            DeviceType("", ("generator", "line", "pv", "storage")),
            'a generator, a line of T, or a `der` goes out of service for good: `ieee34.pv["roof"]`',
        ),
        Attribute("set", DeviceType("", (), quantity=True), "a quantity of a device gets another value"),
        Attribute("to", AnyQuantityType(), "the value, in a unit of the quantity"),
    ),
)

FEDERATE = BlockSchema(
    "federate",
    "any other HELICS federate that joins",
    named=True,
    later=True,
    attributes=(
        Attribute("exec", TextType("a command line"), "what is started", required=True),
        Attribute("directory", TextType("a path beside this file"), "where", TextValue("."), "."),
    ),
    nested=(BlockSchema("env", "environment variables", entries="texts"),),
)
