"""The one table of the language: every block, its attributes, their types, defaults and help.

Checker, help texts, `explain` and the reference page are made from it.
"""

from __future__ import annotations

from tdscen.language.reference_types import BlockType, BusesType
from tdscen.language.schema import Attribute, BlockSchema, Measure
from tdscen.language.signature import Parameter, optional
from tdscen.language.types import (
    Choice,
    ChoiceType,
    FlagType,
    ListType,
    ProfileType,
    QuantityType,
    RangeType,
    TextType,
)
from tdscen.language.values import Chosen, Flag, Items, ProfileValue, Quantity
from tdscen.profiles import Constant
from tdscen.simulators import simulators

_PATH = TextType("a path beside this file")
_TIME = QuantityType("time", above=0)


def _simulator(side: str) -> Attribute:
    known = simulators(side)  # type: ignore[arg-type]
    choices = tuple(Choice(s.name, s.title) for s in known)
    return Attribute("simulator", ChoiceType(choices), "what computes it", Chosen(known[0].name), known[0].name)


_OPTIONS = BlockSchema("options", "settings handed to the simulator as they are", entries="options")

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

COUPLING = ChoiceType(
    (
        Choice("serial", "D answers T's new voltage; T uses that power in its next step"),
        Choice("parallel", "T and D step at the same time, each with the other's last value"),
        Choice(
            "iterative",
            "T and D repeat a step until they agree",
            (
                optional("tolerance", QuantityType("number", above=0), "of the interface voltage in pu"),
                optional("max", QuantityType("number", above=0, whole=True), "most exchanges"),
            ),
            later=True,
        ),
    )
)

CONTROLS = ChoiceType(
    (
        Choice("delayed", "regulators and switched capacitors act in simulated time with their own delays"),
        Choice("instant", "they settle at every step"),
        Choice("frozen", "they stay as after the start"),
    )
)

BLOCKS: tuple[BlockSchema, ...] = (
    BlockSchema("scenario", "the study's name for people", "heading", once=True, required=True),
    BlockSchema("include", "shared definitions from another file", "heading", later=True),
    BlockSchema(
        "transmission",
        "the transmission system",
        named=True,
        required=True,
        attributes=(
            _simulator("transmission"),
            Attribute("case", _PATH, "a case that the simulator ships, or a path beside this file", required=True),
            Attribute("addfiles", ListType(_PATH), "further files of the case (a .dyr with a .raw)", Items(()), "[]"),
            Attribute("disable_events", FlagType(), "events built into the case file are off", Flag(True), "true"),
        ),
        nested=(_OPTIONS,),
    ),
    BlockSchema(
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
    ),
    BlockSchema("profile", "a dimensionless multiplier of the feeder's loads over time", "definition", named=True),
    BlockSchema("parameter", "a knob: a value with a name", "definition", named=True),
    BlockSchema(
        "interface",
        "where transmission and distribution meet: a feeder takes the place of a bus's load",
        named=True,
        required=True,
        attributes=(
            Attribute("transmission", BusesType(), "the bus, several, or every bus with a load", required=True),
            Attribute("distribution", BlockType("distribution"), "the feeder model", required=True),
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
                "only this part of the bus's load",
                later=True,
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
            Attribute("from", _PATH, "a CSV table with one interface a row", later=True),
        ),
    ),
    BlockSchema("event", "something happens", named=True, later=True),
    BlockSchema("der", "a resource added to a feeder", named=True, later=True),
    BlockSchema("federate", "another HELICS federate that joins", named=True, later=True),
    BlockSchema("observe", "what is recorded beyond the interfaces and the defaults", entries="systems"),
    BlockSchema("require", "what must hold; a violated line fails the run", entries="measures"),
    BlockSchema(
        "simulation",
        "time and coupling",
        once=True,
        required=True,
        attributes=(
            Attribute("step", _TIME, "communication step", required=True),
            Attribute("stop", _TIME, "how long", required=True),
            Attribute("coupling", COUPLING, "how T and D exchange", Chosen("serial"), "serial"),
            Attribute(
                "transmission_step",
                _TIME,
                "integration step of the transmission system, at most `step`",
                Quantity(1 / 30, "time"),
                "1/30 s, or `step` where that is less",
            ),
        ),
        nested=(BlockSchema("refine", "a smaller step around events", later=True),),
    ),
    BlockSchema(
        "federation",
        "how HELICS executes it",
        once=True,
        attributes=(
            Attribute(
                "core",
                ChoiceType((Choice("zmq", "ZeroMQ on the loopback"),)),
                "transport",
                Chosen("zmq"),
                "zmq",
            ),
            Attribute(
                "workers",
                QuantityType("number", above=0, most=256, whole=True),
                "processes that carry the feeders",
                shown="one for each distribution model",
            ),
            Attribute(
                "port",
                QuantityType("number", least=1024, most=65000, whole=True),
                "port of the broker",
                shown="a free one at each run",
            ),
            Attribute(
                "timeout",
                _TIME,
                "wall time without progress after which a run is ended",
                Quantity(60.0, "time"),
                "60 s",
            ),
            Attribute(
                "log_level",
                ChoiceType(
                    tuple(
                        Choice(level, f"HELICS log level {level}") for level in ("error", "warning", "summary", "debug")
                    )
                ),
                "what HELICS writes to the logs",
                Chosen("warning"),
                "warning",
            ),
        ),
        nested=(BlockSchema("host", "another machine", named=True, later=True),),
    ),
    BlockSchema("sweep", "a study over parameters", named=True, later=True),
)

MEASURES: dict[str, Measure] = {
    m.name: m
    for m in (
        Measure(
            "voltage",
            RangeType("per unit"),
            "pu",
            "interface voltage at every step",
            "interface voltage within limits",
        ),
        Measure(
            "feeder_voltage",
            RangeType("per unit"),
            "pu",
            "lowest and highest voltage in every feeder at every step",
            "feeder voltages within limits",
        ),
        Measure(
            "frequency",
            RangeType("frequency"),
            "Hz",
            "speed of every generator at every step, as frequency",
            "frequency within limits",
        ),
        Measure(
            "balance",
            RangeType("active power"),
            "MW",
            "what T drew less what D delivered, at every step",
            "T draws what D delivers",
        ),
        Measure(
            "scaling",
            RangeType("number"),
            "",
            "scaled feeder power less interface power, relative",
            "interface power is the scaled feeder power",
        ),
        Measure(
            "causality",
            RangeType("number"),
            "",
            "slope of interface voltage on drawn power, in pu/MW",
            "voltage falls when the load rises",
        ),
        Measure(
            "convergence",
            RangeType("per unit"),
            "pu",
            "how far an interface voltage moved between the last two exchanges of a step",
            "interface voltages settle",
        ),
    )
}

BY_KEYWORD: dict[str, BlockSchema] = {block.keyword: block for block in BLOCKS}
