"""The one formula by which a feeder's power becomes the interface's."""

from __future__ import annotations

from tdscen.plan import Scale


def interface_power_mva(scale: Scale, power_kva: complex, voltage_pu: complex) -> complex:
    """Interface power in MW + j MVAr for a feeder that takes `power_kva` (kW + j kvar) at `voltage_pu`.

    P is `p_factor` times the feeder's, Q is `q_factor` times the feeder's less what the compensating shunt injects:
    `shunt_mvar` at 1 pu, times V squared.
    """
    p_mw = scale.p_factor * power_kva.real / 1000
    q_mvar = scale.q_factor * power_kva.imag / 1000 - scale.shunt_mvar * abs(voltage_pu) ** 2
    return complex(p_mw, q_mvar)
