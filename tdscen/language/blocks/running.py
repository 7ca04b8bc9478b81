"""`simulation`, `federation` and `sweep`: time, coupling, execution, many runs."""

from __future__ import annotations

from tdscen.language.reference_types import NamesType
from tdscen.language.schema import Attribute, BlockSchema
from tdscen.language.signature import Parameter, optional
from tdscen.language.types import Choice, ChoiceType, QuantityType, TextType
from tdscen.language.values import Chosen, Quantity

_TIME = QuantityType("time", above=0)

COUPLING = ChoiceType(
    (
        Choice("serial", "D answers T's new voltage; T uses that power in its next step"),
        Choice("parallel", "T and D step at the same time, each with the other's last value"),
        Choice(
            "iterative",
            "T and D repeat a step until they agree",
            (
                optional(
                    "tolerance",
                    QuantityType("number", above=0),
                    "of the interface voltage in pu",
                    Quantity(1e-6, "number"),
                ),
                optional(
                    "max", QuantityType("number", above=0, whole=True), "most exchanges", Quantity(20.0, "number")
                ),
            ),
        ),
    )
)


REFINE = BlockSchema(
    "refine",
    "a smaller step behind every event and every fault's clearing",
    attributes=(
        Attribute("step", _TIME, "the smaller step, counted from each event", required=True),
        Attribute("around", ChoiceType((Choice("events", "every event"),)), "around what", Chosen("events"), "events"),
        Attribute("for", _TIME, "how long after each", required=True),
    ),
)

HOST = BlockSchema(
    "host",
    "another machine that runs some of the federates",
    named=True,
    later=True,
    attributes=(
        Attribute("address", TextType("a name or address"), "where it is reached", required=True),
        Attribute("runs", NamesType(("transmission", "distribution", "federate")), "what it runs", required=True),
    ),
)

SIMULATION = BlockSchema(
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
        Attribute(
            "checkpoint",
            _TIME,
            "how often (simulated time) the disk is made to hold what is recorded, against a loss of power",
            shown="when the system writes it; a killed run loses nothing either way",
        ),
    ),
    nested=(REFINE,),
)

FEDERATION = BlockSchema(
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
            "processes that carry the feeders, each with about equally much to solve",
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
            "wall time without progress after which a run is ended (ten times its slowest step, where that is more)",
            Quantity(60.0, "time"),
            "60 s",
        ),
        Attribute(
            "log_level",
            ChoiceType(
                tuple(Choice(level, f"HELICS log level {level}") for level in ("error", "warning", "summary", "debug"))
            ),
            "what HELICS writes to the logs",
            Chosen("warning"),
            "warning",
        ),
    ),
    nested=(HOST,),
)

SWEEP = BlockSchema(
    "sweep",
    "a study over parameters: `parameter = [values]` lines",
    named=True,
    entries="axes",
    attributes=(
        Attribute(
            "combine",
            ChoiceType(
                (
                    Choice("grid", "every value with every other"),
                    Choice("zip", "the first values together, then the second, ..."),
                    Choice(
                        "latin_hypercube",
                        "n points spread over ranges",
                        (
                            Parameter("n", QuantityType("number", above=0, whole=True), "how many points"),
                            Parameter("seed", QuantityType("number", least=0, whole=True), "seed"),
                        ),
                    ),
                )
            ),
            "how the values of several parameters combine",
            Chosen("grid"),
            "grid",
        ),
    ),
)
