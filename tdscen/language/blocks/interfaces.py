"""`interface`: where transmission and distribution meet."""

from __future__ import annotations

from tdscen.language.reference_types import BlockType, BusesType
from tdscen.language.schema import Attribute, BlockSchema
from tdscen.language.signature import Parameter, optional
from tdscen.language.types import Choice, ChoiceType, ProfileType, QuantityType, TextType
from tdscen.language.values import Chosen, ProfileValue
from tdscen.profiles import Constant

_PATH = TextType("a path beside this file")

SCALE = ChoiceType(
    (
        Choice(
            "match_load",
            "feeder P equals the load it replaces; Q by the same factor, by a factor of its own, or by a shunt",
            (
                optional(
                    "q",
                    ChoiceType(
                        (
                            Choice("proportional", "Q by the factor of P"),
                            Choice("separate", "Q by a factor of its own"),
                            Choice("shunt", "a fixed shunt keeps the load's Q"),
                        )
                    ),
                    "what becomes of Q",
                    Chosen("proportional"),
                ),
            ),
        ),
        Choice(
            "copies",
            "that many feeders side by side",
            (Parameter("n", QuantityType("number", above=0, whole=True), "how many"),),
        ),
    ),
    QuantityType("number", above=0),
)


INTERFACE = BlockSchema(
    "interface",
    "where transmission and distribution meet: a feeder takes the place of a bus's load",
    named=True,
    required=True,
    attributes=(
        Attribute(
            "transmission",
            BusesType(),
            "the bus, several, or every bus whose loads consume",
            required=True,
            unless="from",
        ),
        Attribute("distribution", BlockType("distribution"), "the feeder model", required=True, unless="from"),
        Attribute("scale", SCALE, "how the feeder's power becomes the bus's", Chosen("match_load"), "match_load"),
        Attribute(
            "load",
            ProfileType(),
            "multiplier of the feeder's loads",
            ProfileValue(Constant(1.0)),
            "constant(1)",
        ),
        Attribute("expects", QuantityType("active power"), "what the bus's load is believed to be; checked"),
        Attribute(
            "replace",
            QuantityType("active power", above=0),
            "only this part of the bus's load, Q in proportion; the rest stays (needed where several share a bus)",
            shown="the whole load, or what others at the bus leave",
        ),
        Attribute(
            "source_impedance",
            ChoiceType(
                (
                    Choice("none", "the bus is the source: the model's own source impedance is left out"),
                    Choice("keep", "the model's own source impedance stays"),
                )
            ),
            "what becomes of the feeder's Thevenin impedance",
            Chosen("none"),
            "none",
        ),
        Attribute(
            "load_model",
            ChoiceType((Choice("constant_power", "constant power between two exchanges"),)),
            "what the bus sees between two exchanges",
            Chosen("constant_power"),
            "constant_power",
        ),
        Attribute("from", _PATH, "a CSV table with one interface a row"),
    ),
)
