"""The quick evaluation of ANDES's equations against ANDES's own, to the last bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from model_files import andes_case
from numpy.typing import NDArray

from tdscen.simulators.andes.evaluation import nothing_happens, quicken
from tdscen.simulators.andes.loading import configure, find, load, set_up, solve_power_flow, switch_off_events

STEPS, STEP_S, OPENED_AT = 40, 1 / 30, 20


def started(case: str) -> Any:
    """The case at t = 0."""
    system = load(find(andes_case(case), Path("/nonexistent")))
    switch_off_events(system)
    set_up(system, case)
    configure(system, ())
    solve_power_flow(system, case)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        system.TDS.init()
    return system


def trajectory(system: Any) -> NDArray[np.float64]:
    """States, algebraic variables and derivatives with loads that wander, changing step lengths and an opened line."""
    random = np.random.default_rng(34)
    rows = []
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        for k in range(1, STEPS + 1):
            system.TDS.h = STEP_S / 2 if k % 7 == 0 else STEP_S
            system.dae.t[...] = float(system.dae.t) + system.TDS.h
            system.PQ.Ppf.v[:] *= 1 + 1e-3 * random.standard_normal(system.PQ.n)
            if k == OPENED_AT:
                system.Line.ue.v[3] = 0
                system.TDS.custom_event = True
            assert system.TDS.itm_step()
            system.TDS.custom_event = False
            rows.append(np.concatenate((system.dae.x, system.dae.y, system.dae.f)))
    return np.array(rows)


@pytest.mark.parametrize(
    "case", ["ieee14/ieee14_full.xlsx", "npcc/npcc.xlsx", "ieee39/ieee39_full.xlsx", "wecc/wecc_full.xlsx"]
)
def test_the_trajectory_is_that_of_andes_to_the_last_bit(case: str) -> None:
    ours = started(case)
    quicken(ours)
    found, expected = trajectory(ours), trajectory(started(case))
    assert np.ptp(expected, axis=0).max() > 1e-3  # something moved
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(("case", "forgetful"), [("ieee14/ieee14_full.xlsx", True), ("wecc/wecc_full.xlsx", False)])
def test_a_state_is_not_evaluated_twice_where_only_the_state_matters(case: str, forgetful: bool) -> None:
    ends, evaluations = [], []
    for tell in (True, False):
        system = started(case)
        quicken(system)
        equations = system.TDS.fg_update.__self__
        computed = [0]
        clear = system.dae.clear_fg

        def counted(clear: Any = clear, computed: list[int] = computed) -> None:
            computed[0] += 1
            clear()

        system.dae.clear_fg = counted
        system.PQ.Ppf.v[:] *= 1.05
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            for k in range(1, STEPS + 1):
                if tell and k > 1:
                    nothing_happens(system)
                system.TDS.h = STEP_S
                system.dae.t[...] = k * STEP_S
                assert system.TDS.itm_step()
        assert equations is system.TDS.fg_update.__self__
        ends.append(np.concatenate((system.dae.x, system.dae.y, system.dae.f)))
        evaluations.append(computed[0])
    np.testing.assert_array_equal(ends[0], ends[1])
    saved = evaluations[1] - evaluations[0]
    assert saved >= STEPS // 2 if forgetful else saved == 0


def test_the_matrix_is_factored_when_it_changes_and_only_then() -> None:
    system = started("ieee14/ieee14_full.xlsx")
    worker = system.TDS.solver.worker
    factored = []
    numeric = worker._numeric
    worker._numeric = lambda matrix, symbolic: factored.append(system.TDS.h) or numeric(matrix, symbolic)
    quicken(system)
    lengths = [STEP_S] * 3 + [STEP_S / 2] * 3
    for h in lengths:
        system.TDS.h = h
        system.dae.t[...] = float(system.dae.t) + h
        assert system.TDS.itm_step()
    assert factored == [STEP_S, STEP_S / 2]
