"""Energy of a storage over the communication times: what it may deliver or take, and what is left.

A row's power is that of the step which ends there, so energy advances once an accepted step and never by a solution
that is repeated: E(t_k) = E(t_k-1) - P(t_k) (t_k - t_k-1), with the losses of one way. A request that the energy of the
step could not serve is cut to what empties or fills the storage exactly at t_k.
"""

from __future__ import annotations

import math


class Store:
    """Energy in kWh; powers in kW at the terminals, delivered positive, taken negative."""

    def __init__(self, energy_kwh: float, soc: float, efficiency: float) -> None:
        """`soc`: the part of `energy_kwh` that is in it at t = 0; `efficiency`: of a whole round, half on each way."""
        self.capacity_kwh = energy_kwh
        self._one_way = math.sqrt(efficiency)
        self._kwh = soc * energy_kwh
        self._time_s = 0.0
        self._step_h = 0.0

    def open_step(self, time_s: float) -> None:
        """The solutions that follow are those of the step that ends at `time_s`."""
        self._step_h = (time_s - self._time_s) / 3600

    def allowed_kw(self, wanted_kw: float) -> float:
        """`wanted_kw` as far as the energy of this step goes; at t = 0, which has no step, as far as there is any."""
        room_kwh, held_kwh = self.capacity_kwh - self._kwh, self._kwh
        if self._step_h <= 0:
            full, empty = room_kwh <= 0, held_kwh <= 0
            return 0.0 if (wanted_kw > 0 and empty) or (wanted_kw < 0 and full) else wanted_kw
        most, least = held_kwh * self._one_way / self._step_h, -room_kwh / self._one_way / self._step_h
        return min(max(wanted_kw, least), most)

    def kwh(self, delivered_kw: float) -> float:
        """What is in it at the end of the step in which this power is delivered."""
        drained_kw = delivered_kw / self._one_way if delivered_kw > 0 else delivered_kw * self._one_way
        return min(max(self._kwh - drained_kw * self._step_h, 0.0), self.capacity_kwh)

    def close_step(self, time_s: float, delivered_kw: float) -> None:
        """The step to `time_s` is accepted, with this power."""
        self._kwh = self.kwh(delivered_kw)
        self._time_s, self._step_h = time_s, 0.0
