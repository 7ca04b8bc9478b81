"""`event` and `federate`: what happens, who else joins."""

from __future__ import annotations

from tdscen.language.reference_types import DeviceType
from tdscen.language.schema import Attribute, BlockSchema
from tdscen.language.types import AnyQuantityType, QuantityType, TextType
from tdscen.language.values import TextValue

ACTIONS = ("fault", "open", "close", "trip", "set")
"""Attributes of an event of which it has exactly one."""

_PU = QuantityType("per unit", least=0)

EVENT = BlockSchema(
    "event",
    "something happens: one of fault, open, close, trip, set",
    named=True,
    later=True,
    attributes=(
        Attribute("at", QuantityType("time", least=0), "when", required=True),
        Attribute("fault", DeviceType("transmission", ("bus",)), "a three-phase fault at a bus"),
        Attribute("clear_after", QuantityType("time", above=0), "how long the fault lasts"),
        Attribute("resistance", _PU, "of the fault"),
        Attribute("reactance", _PU, "of the fault"),
        Attribute("open", DeviceType("", ("line", "switch")), "a line or switch of T or D opens"),
        Attribute("close", DeviceType("", ("line", "switch")), "a line or switch of T or D closes"),
        Attribute("trip", DeviceType("", ("generator", "line", "pv")), "a unit or line trips"),
        Attribute("set", DeviceType("", (), quantity=True), "a quantity of a device gets another value"),
        Attribute("to", AnyQuantityType(), "the value"),
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
