"""A minute of the larger cases at every communication step: no sliver steps, the trajectory of one plain run."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from model_files import andes_case

from tdscen.simulators.adapters import Attachment
from tdscen.simulators.andes.runtime import AndesTransmission

SECONDS = 60


def started(case: str, change_mva: complex) -> tuple[AndesTransmission, list[complex]]:
    """The case at t = 0, and a power that is not the one it starts with."""
    model = andes_case(case)
    probe = AndesTransmission(model, Path("/nonexistent"), interfaces=[], step_s=1 / 30)
    pq = probe._system.PQ
    attachment = Attachment("here", pq.bus.v[0], pq.idx.v[0])
    system = AndesTransmission(model, Path("/nonexistent"), interfaces=[attachment], step_s=1 / 30)
    power_mva = [complex(system.drawn_mva[0])]
    system.start(power_mva)
    return system, [power_mva[0] + change_mva]


@pytest.mark.slow
@pytest.mark.parametrize("case", ["ieee39/ieee39_full.xlsx", "wecc/wecc_full.xlsx"])
@pytest.mark.parametrize("step_s", [1.0, 0.3, 0.1, 1 / 30])
def test_a_minute_at_any_communication_step(case: str, step_s: float) -> None:
    system, power_mva = started(case, 5 + 1j)
    steps = round(SECONDS / step_s)
    for k in range(1, steps + 1):
        voltage_pu = system.advance(k * step_s, power_mva)
    assert system.time_s == steps * step_s
    assert 0.8 < abs(voltage_pu[0]) < 1.2


@pytest.mark.parametrize("case", ["ieee39/ieee39_full.xlsx"])
def test_the_same_steps_give_the_same_trajectory_to_1e_12(case: str) -> None:
    """One call over 2 s, and one for each of its integration steps."""
    whole, power_mva = started(case, 20 + 5j)
    cut, _ = started(case, 0)
    times = [k * 2.0 / 60 for k in range(61)]
    expected = whole.advance(2.0, power_mva)
    for _, end in pairwise(times):
        found = cut.advance(end, power_mva)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(cut._system.dae.x, whole._system.dae.x, rtol=0, atol=1e-12)
