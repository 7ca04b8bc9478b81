"""What a `require` line may bound."""

from __future__ import annotations

from tdscen.language.schema import Measure
from tdscen.language.signature import Parameter
from tdscen.language.types import Choice, ChoiceType, QuantityType, RangeType

RECOVERY = ChoiceType(
    (
        Choice(
            "above",
            "the voltage stays above a level from some time after each event on",
            (
                Parameter("level", QuantityType("per unit", above=0), "voltage that counts as recovered"),
                Parameter("within", QuantityType("time", above=0), "the longest time that it may take"),
            ),
        ),
    )
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
        Measure(
            "unbalance",
            RangeType("number"),
            "",
            "negative-sequence over positive-sequence current at every feeder's head, at every step",
            "currents at the feeder's head are balanced",
        ),
        Measure(
            "recovery",
            RECOVERY,
            "s",
            "time from the end of every event (a fault's clearing) until the interface voltage stays above a level",
            "interface voltage recovers after every event",
        ),
    )
}
