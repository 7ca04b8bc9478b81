"""Default settings of IEEE Std 1547-2018 for inverters: all figures that tdscen takes from it, in one place.

Clause and table stand with each. Voltages are per unit of nominal at the resource's terminals, reactive power is per
unit of the apparent power rating, active power of the rating.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Category = Literal["category_a", "category_b"]
RideThroughCategory = Literal["category_i", "category_ii", "category_iii"]

Points = tuple[tuple[float, float], ...]

VOLT_VAR: dict[str, Points] = {
    "category_a": ((0.90, 0.25), (1.00, 0.0), (1.10, -0.25)),
    "category_b": ((0.92, 0.44), (0.98, 0.0), (1.02, 0.0), (1.08, -0.44)),
}
"""Reactive power delivered (absorbed: negative) by voltage: clause 5.3.3, Table 8, defaults with V_Ref = 1 pu.
Category A has V2 = V3 = V_Ref, so no dead band. Beyond the outermost points the value of the last one holds."""

VOLT_WATT: Points = ((1.06, 1.0), (1.10, 0.0))
"""Most active power by voltage: clause 5.4.2, Table 10, defaults, the same for categories A and B. P2 there is the
lesser of 0.2 P_rated and P_min; a photovoltaic system has P_min = 0."""


@dataclass(frozen=True, slots=True)
class Trip:
    """A must-trip setting: the unit trips when a voltage has been beyond `v_pu` for `clearing_s`."""

    name: Literal["OV2", "OV1", "UV1", "UV2"]
    v_pu: float
    clearing_s: float

    def beyond(self, low_pu: float, high_pu: float) -> bool:
        """Whether the lowest or the highest of the voltages is beyond the setting."""
        return high_pu > self.v_pu if self.name.startswith("O") else low_pu < self.v_pu


TRIPS: dict[str, tuple[Trip, ...]] = {
    "category_i": (Trip("OV2", 1.20, 0.16), Trip("OV1", 1.10, 2.0), Trip("UV1", 0.70, 2.0), Trip("UV2", 0.45, 0.16)),
    "category_ii": (Trip("OV2", 1.20, 0.16), Trip("OV1", 1.10, 2.0), Trip("UV1", 0.70, 10.0), Trip("UV2", 0.45, 0.16)),
    "category_iii": (Trip("OV2", 1.20, 0.16), Trip("OV1", 1.10, 13.0), Trip("UV1", 0.88, 21.0), Trip("UV2", 0.50, 2.0)),
}
"""Default must-trip settings: clause 6.4.1, Tables 11, 12 and 13. They apply to any of the applicable voltages."""


@dataclass(frozen=True, slots=True)
class Cessation:
    """Momentary cessation: no output while a voltage is below `low_pu` or above `high_pu`, from `response_s` on.

    Output returns `restore_s` after all voltages are back.
    """

    low_pu: float
    high_pu: float
    response_s: float
    restore_s: float


CESSATION: dict[str, Cessation] = {"category_iii": Cessation(0.50, 1.10, 0.083, 0.4)}
"""Clause 6.4.2, Table 16 (category III ceases momentarily; 0.083 s is its longest response time), and restoration of
output within 0.4 s. For categories I and II no cessation is modelled: their UV2 trips within 0.16 s."""


@dataclass(frozen=True, slots=True)
class EnterService:
    """When a unit that has tripped returns: voltages within limits for `delay_s`, then a ramp of `ramp_s`."""

    low_pu: float
    high_pu: float
    delay_s: float
    ramp_s: float


ENTER_SERVICE = EnterService(0.917, 1.05, 300.0, 300.0)
"""Clause 4.10, Table 4, defaults: least delay 300 s, duration of the ramp to full power 300 s, no randomised delay. The
frequency's limits (59.5 to 60.1 Hz) are left out: a feeder does not know the frequency."""

CONTINUOUS_LOW_PU = 0.88
"""Lower end of the continuous operation region: clause 6.4.2, Tables 14 to 16."""
