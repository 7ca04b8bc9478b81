"""`transmission` and `distribution`: the models of a study."""

from __future__ import annotations

from tdscen.facts import Side
from tdscen.language.reference_types import SimulatorType
from tdscen.language.schema import Attribute, BlockSchema
from tdscen.language.types import Choice, ChoiceType, FlagType, ListType, TextType
from tdscen.language.values import Chosen, Flag, Items
from tdscen.simulators import BUILT_IN

_PATH = TextType("a path beside this file")


def _simulator(side: Side) -> Attribute:
    first = next(simulator.name for simulator in BUILT_IN if simulator.side == side)
    return Attribute("simulator", SimulatorType(side), "what computes it", Chosen(first), first)


_OPTIONS = BlockSchema("options", "settings handed to the simulator as they are", entries="options")

CONTROLS = ChoiceType(
    (
        Choice("delayed", "regulators and switched capacitors act in simulated time with their own delays"),
        Choice("instant", "they settle at every step"),
        Choice("frozen", "they stay as after the start"),
    )
)

DYNAMICS = ChoiceType(
    (
        Choice("on", "T is integrated between communication times"),
        Choice("off", "quasi-static: each communication time is a power flow"),
    )
)

LOADS = ChoiceType(
    (
        Choice("constant_power", "they draw what the power flow gives them, at any voltage above their limit"),
        Choice("constant_impedance", "they are the impedances of the power flow"),
    )
)


TRANSMISSION = BlockSchema(
    "transmission",
    "the transmission system",
    named=True,
    required=True,
    attributes=(
        _simulator("transmission"),
        Attribute("case", _PATH, "a case that the simulator ships, or a path beside this file", required=True),
        Attribute("addfiles", ListType(_PATH), "further files of the case (a .dyr with a .raw)", Items(()), "[]"),
        Attribute("disable_events", FlagType(), "events built into the case file are off", Flag(True), "true"),
        Attribute("dynamics", DYNAMICS, "whether T moves between communication times", Chosen("on"), "on"),
        Attribute(
            "loads",
            LOADS,
            "what the case's loads are while dynamics run, but for those that feeders take the place of",
            Chosen("constant_power"),
            "constant_power",
        ),
    ),
    nested=(_OPTIONS,),
)

DISTRIBUTION = BlockSchema(
    "distribution",
    "a feeder model; interfaces make instances of it",
    named=True,
    required=True,
    attributes=(
        _simulator("distribution"),
        Attribute("model", _PATH, "the model's main file, a path beside this file", required=True),
        Attribute("controls", CONTROLS, "how the feeder's own controls act", Chosen("delayed"), "delayed"),
    ),
    nested=(_OPTIONS,),
)
