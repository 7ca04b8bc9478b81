"""`der`: what is added to a feeder."""

from __future__ import annotations

from tdscen.language.reference_types import DeviceType
from tdscen.language.schema import Attribute, BlockSchema
from tdscen.language.signature import Parameter, optional
from tdscen.language.types import Choice, ChoiceType, ProfileType, QuantityType
from tdscen.language.values import Chosen, ProfileValue, Quantity
from tdscen.profiles import Constant

_CURVE = ChoiceType(
    (Choice("category_a", "IEEE 1547-2018 category A"), Choice("category_b", "IEEE 1547-2018 category B"))
)
_WHICH = (optional("curve", _CURVE, "whose default curve", Chosen("category_b")),)

CONTROL = ChoiceType(
    (
        Choice("unity", "no reactive power"),
        Choice(
            "power_factor",
            "reactive power in proportion to active power",
            (
                Parameter(
                    "value",
                    QuantityType("number", least=-1, most=1),
                    "power factor; positive: Q is delivered where P is, negative: taken",
                ),
            ),
        ),
        Choice("volt_var", "Q by the voltage; Q comes before P", _WHICH),
        Choice("volt_watt", "P limited by the voltage, no reactive power; for pv", _WHICH),
    )
)

RIDE_THROUGH = ChoiceType(
    (
        Choice("none", "never trips"),
        *(
            Choice(f"category_{name.lower()}", f"trips and returns as IEEE 1547-2018 category {name} by default")
            for name in ("I", "II", "III")
        ),
    )
)

DER = BlockSchema(
    "der",
    "a resource added to every feeder of a model; `match_load` is resolved without it",
    named=True,
    attributes=(
        Attribute(
            "kind",
            ChoiceType((Choice("pv", "photovoltaic with inverter"), Choice("storage", "battery with inverter"))),
            "what it is",
            required=True,
        ),
        Attribute(
            "at", DeviceType("distribution", ("bus",)), "a bus of the feeder model, all of its phases", required=True
        ),
        Attribute("rating", QuantityType("apparent power", above=0), "of the inverter", required=True),
        Attribute("profile", ProfileType(), "power of a pv, in parts of the rating", ProfileValue(Constant(1.0)), "1"),
        Attribute("control", CONTROL, "of reactive and active power", Chosen("unity"), "unity"),
        Attribute("ride_through", RIDE_THROUGH, "when its voltage trips it", Chosen("none"), "none"),
        Attribute(
            "connection",
            ChoiceType(
                (
                    Choice("wye", "phases to ground"),
                    Choice("delta", "between phases, as a feeder of three wires needs it"),
                )
            ),
            "to all phases of the bus",
            Chosen("wye"),
            "wye",
        ),
        Attribute("energy", QuantityType("energy", above=0), "of a storage"),
        Attribute("charge", ProfileType(), "schedule of a storage: power taken, in parts of the rating"),
        Attribute("discharge", ProfileType(), "schedule of a storage: power delivered, in parts of the rating"),
        Attribute(
            "soc",
            QuantityType("number", least=0, most=1),
            "state of charge of a storage at t = 0",
            Quantity(0.5, "number"),
            "50 %",
        ),
        Attribute(
            "efficiency",
            QuantityType("number", above=0, most=1),
            "of a storage, in and out again; half of the loss on each way",
            Quantity(1.0, "number"),
            "100 %",
        ),
    ),
)
