"""Names of the values that federates exchange through HELICS, all of them complex vectors."""

from __future__ import annotations


def voltage_key(transmission: str, feeder: str) -> str:
    """Voltage phasors V exp(j theta) in pu of the interfaces that a feeder federate carries, in its order."""
    return f"{transmission}/{feeder}/voltage_pu"


def power_key(feeder: str) -> str:
    """Powers in MW + j MVAr, scaled to the interface, consumption positive, in the feeder federate's order."""
    return f"{feeder}/power_mva"
