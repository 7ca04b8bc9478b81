"""Factors of a feeder whose tap moves with the factor: the best is held, and where the start ends is said."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from tdscen.probing import scaling
from tdscen.probing.requests import ScaleTask, ScaleTaskInterface, SourceRecord
from tdscen.simulators.errors import SimulationError

LOAD_MVA = 40 + 10j
NONE = SourceRecord("bundled", "", "", (), ())


class Stiff:
    """V = 1 - 0.001 P (P in MW), whatever Q."""

    def __init__(self) -> None:
        self.voltage_pu = np.array([1 - 1e-3 * LOAD_MVA.real + 0j])
        self.drawn_mva = np.array([LOAD_MVA])

    def power_flow(self, power_mva: Any) -> Any:
        self.drawn_mva = np.array(power_mva)
        self.voltage_pu = 1 - 1e-3 * self.drawn_mva.real + 0j
        return self.voltage_pu


class Contrary:
    """2 MW, and `share` more with its tap up, at factors of 20 and more. A factor made for either tap moves it."""

    def __init__(self, share: float, factor: list[float]) -> None:
        self._share, self._factor = share, factor

    def settle(self, voltage_pu: complex, multiplier: float) -> complex:
        up = self._factor[0] >= 20.0
        return 2000 * (1 + self._share * up) + 500j


class Models:
    def __init__(self, share: float) -> None:
        self.share = share
        self.factor = [20.0]

    def fresh(self) -> Any:
        return Stiff(), [Contrary(self.share, self.factor)]


def resolve(share: float, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, ...]:
    models = Models(share)
    start = scaling.equilibrium

    def noting(transmission: Any, feeders: Any, scales: Any, multipliers: Any) -> Any:
        models.factor[0] = scales[0].p_factor  # the tap of this start follows the factor
        return start(transmission, feeders, scales, multipliers)

    monkeypatch.setattr(scaling, "equilibrium", noting)
    interface = ScaleTaskInterface("bus4", 4, "PQ_3", NONE, "", (), "delayed", "none", "match_load")
    task = ScaleTask(NONE, "", True, (), (interface,))
    return scaling._resolve(task, cast(Any, models))


def test_a_factor_that_chases_its_tap_is_held_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = resolve(0.004, monkeypatch)
    assert found.load_p_mw == LOAD_MVA.real
    assert found.start_p_mw == pytest.approx(LOAD_MVA.real, rel=0.0041)
    assert abs(found.start_p_mw - LOAD_MVA.real) > 0.1
    assert found.p_factor * found.feeder_p_kw / 1000 == pytest.approx(found.start_p_mw)


def test_one_that_misses_by_more_than_a_percent_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        SimulationError, match=r"no factor makes the start of bus4 end at its load: .* % of the load away"
    ):
        resolve(0.05, monkeypatch)
