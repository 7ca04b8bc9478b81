"""The start of a study: feeders and transmission system exchange voltage and power until they agree.

Written on the adapters' interface alone. The order is part of the definition, because taps remember: both models
fresh (a feeder solved once at its own nominal settings, the power flow with the case's own loads), then exchanges
voltage -> feeder (controls settle) -> power -> power flow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tdscen.plan import Scale
from tdscen.simulators.adapters import FeederAdapter, TransmissionAdapter
from tdscen.simulators.boundary import interface_power_mva
from tdscen.simulators.errors import SimulationError

TOLERANCE_PU = 1e-9
"""Agreement: no interface voltage moves more than this in an exchange (as a complex number)."""

MAX_EXCHANGES = 200
"""A start that takes longer does not converge: each exchange gains a factor of about 15 (IEEE 14 and 34)."""

Boundary = Callable[[complex, complex], complex]
"""Interface power in MW + j MVAr of the feeder's power (kW + j kvar) and the voltage it was solved with (pu)."""


@dataclass(frozen=True, slots=True)
class Equilibrium:
    """Agreed voltages and powers of the interfaces, the feeders' own powers, and how many exchanges it took."""

    voltage_pu: tuple[complex, ...]
    power_mva: tuple[complex, ...]
    power_kva: tuple[complex, ...]
    exchanges: int


def equilibrium(
    transmission: TransmissionAdapter,
    feeders: Sequence[FeederAdapter],
    scales: Sequence[Scale],
    multipliers: Sequence[float],
    tolerance_pu: float = TOLERANCE_PU,
) -> Equilibrium:
    """The start of a study with these factors and load multipliers. Raises `SimulationError`."""
    boundaries = [_boundary(scale) for scale in scales]
    return agree(transmission, feeders, boundaries, multipliers, tolerance_pu)


def _boundary(scale: Scale) -> Boundary:
    return lambda power_kva, voltage_pu: interface_power_mva(scale, power_kva, voltage_pu)


def agree(
    transmission: TransmissionAdapter,
    feeders: Sequence[FeederAdapter],
    boundaries: Sequence[Boundary],
    multipliers: Sequence[float],
    tolerance_pu: float = TOLERANCE_PU,
) -> Equilibrium:
    """Exchanges until agreement, for any rule at the boundary. Raises `SimulationError` when there is none."""
    voltage_pu = transmission.voltage_pu
    mismatch_pu = np.zeros(len(feeders))
    for exchange in range(1, MAX_EXCHANGES + 1):
        fed_pu = [complex(v) for v in voltage_pu]
        power_kva = [f.settle(v, m) for f, v, m in zip(feeders, fed_pu, multipliers, strict=True)]
        power_mva = [b(s, v) for b, s, v in zip(boundaries, power_kva, fed_pu, strict=True)]
        voltage_pu = transmission.power_flow(power_mva)
        mismatch_pu = np.abs(voltage_pu - np.asarray(fed_pu))
        if mismatch_pu.max(initial=0.0) <= tolerance_pu:
            return Equilibrium(tuple(complex(v) for v in voltage_pu), tuple(power_mva), tuple(power_kva), exchange)
    worst = int(mismatch_pu.argmax())
    raise SimulationError(
        f"the start does not settle in {MAX_EXCHANGES} exchanges: the voltage of interface {worst + 1} still moves by "
        f"{mismatch_pu[worst]:.3g} pu (a regulator that hunts, or more load than the bus can carry)"
    )
