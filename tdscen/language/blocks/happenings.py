"""`event`, `der` and `federate`: what happens, what is added to a feeder, who else joins."""

from __future__ import annotations

from tdscen.language.reference_types import DeviceType
from tdscen.language.schema import Attribute, BlockSchema
from tdscen.language.signature import Parameter, optional
from tdscen.language.types import AnyQuantityType, Choice, ChoiceType, ProfileType, QuantityType, TextType
from tdscen.language.values import Chosen, ProfileValue, TextValue
from tdscen.profiles import Constant

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

_CURVE = ChoiceType(
    (Choice("category_a", "IEEE 1547-2018 category A"), Choice("category_b", "IEEE 1547-2018 category B"))
)

DER = BlockSchema(
    "der",
    "a resource added to a feeder",
    named=True,
    later=True,
    attributes=(
        Attribute(
            "kind",
            ChoiceType((Choice("pv", "photovoltaic with inverter"), Choice("storage", "battery with inverter"))),
            "what it is",
            required=True,
        ),
        Attribute("at", DeviceType("distribution", ("bus",)), "the feeder's bus", required=True),
        Attribute("rating", QuantityType("apparent power", above=0), "of the inverter", required=True),
        Attribute("profile", ProfileType(), "of its power, in parts of the rating", ProfileValue(Constant(1.0)), "1"),
        Attribute(
            "control",
            ChoiceType(
                (
                    Choice("unity", "no reactive power"),
                    Choice(
                        "power_factor",
                        "a fixed power factor",
                        (Parameter("value", QuantityType("number", above=0, most=1), "power factor"),),
                    ),
                    Choice("volt_var", "Q by voltage", (optional("curve", _CURVE, "which", Chosen("category_b")),)),
                    Choice("volt_watt", "P by voltage", (optional("curve", _CURVE, "which", Chosen("category_b")),)),
                )
            ),
            "of reactive and active power",
            Chosen("unity"),
            "unity",
        ),
        Attribute("energy", QuantityType("energy", above=0), "of a storage"),
        Attribute("charge", ProfileType(), "schedule of a storage, in parts of the rating"),
        Attribute("discharge", ProfileType(), "schedule of a storage, in parts of the rating"),
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
