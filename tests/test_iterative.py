"""Iterative coupling: a cut model gives the answer of the whole one, with and without HELICS."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from federations import run
from model_files import andes_case
from numpy.typing import NDArray
from radial import (
    BUS4,
    CASE,
    GENERATORS,
    LOAD_STEP,
    LOAD_SWING,
    SHORT,
    SPEEDS,
    TOLERANCE_PU,
    Disturbance,
    cut,
    radial_plan,
    whole,
)

from tdscen import open_run
from tdscen.emit import emit, write
from tdscen.simulators.andes.runtime import AndesTransmission
from tdscen.simulators.errors import SimulationError

Values = NDArray[np.float64]


@pytest.mark.parametrize("step_s", [0.1, 1 / 30, pytest.param(0.01, marks=pytest.mark.slow)])
def test_a_cut_line_gives_the_answer_of_the_whole_one(tmp_path: Path, step_s: float) -> None:
    expected = whole(step_s)
    assert np.ptp(np.abs(expected.voltage_pu)) > 1e-3  # the load step is seen
    assert np.ptp(expected.speed_pu) > 1e-5
    found = {c: cut(tmp_path, step_s, c) for c in ("iterative", "serial", "parallel")}
    errors = {coupling: trajectory.error(expected) for coupling, trajectory in found.items()}
    exchanges = found["iterative"].exchanges[1:]
    assert errors["iterative"].v_pu < 1e-6
    assert errors["iterative"].speed_pu < 1e-8
    assert exchanges.mean() <= 3
    for lagging in ("serial", "parallel"):
        assert errors[lagging].v_pu > 1e-4
        assert errors[lagging].speed_pu > 1e-7
    np.testing.assert_allclose(found["iterative"].drawn_mva, found["iterative"].delivered_mva, atol=1e-6)


def test_lag_falls_with_the_step_where_the_load_is_smooth(tmp_path: Path) -> None:
    for lagging in ("serial", "parallel"):
        long, short = (cut(tmp_path, s, lagging, LOAD_SWING).error(whole(s, LOAD_SWING)) for s in (0.1, 1 / 30))
        assert long.v_pu / short.v_pu == pytest.approx(3.0, rel=0.1)  # so does the step
        assert long.speed_pu / short.speed_pu == pytest.approx(3.0, rel=0.1)


def test_a_fault_in_t_is_felt_as_in_the_whole_system(tmp_path: Path) -> None:
    expected, found = whole(1 / 30, SHORT), cut(tmp_path, 1 / 30, "iterative", SHORT)
    assert np.abs(expected.voltage_pu).min() < 0.8
    assert SHORT.fault is not None
    error = found.error(expected, SHORT.fault.instants_s)
    assert error.v_pu < 1e-5
    assert error.speed_pu < 1e-7
    lagging = cut(tmp_path, 1 / 30, "serial", SHORT).error(expected, SHORT.fault.instants_s)
    assert lagging.v_pu > 1e-4


@pytest.mark.parametrize("disturbance", [LOAD_STEP, SHORT], ids=["load step", "fault"])
def test_a_federation_iterates_as_direct_calls_do(tmp_path: Path, disturbance: Disturbance) -> None:
    plan, models = radial_plan(tmp_path, disturbance)
    study = tmp_path / "study"
    write(emit(plan, models), study)
    ended = run(study)
    assert ended.status == 0, ended.said
    table = open_run(study).table
    rows = plan.steps + 1
    assert len(table) == rows
    direct, expected = cut(tmp_path, 1 / 30, "iterative", disturbance), whole(1 / 30, disturbance)
    np.testing.assert_allclose(table["time_s"], expected.time_s[:rows], rtol=0, atol=1e-12)
    np.testing.assert_allclose(table["bus4/v_pu"], np.abs(direct.voltage_pu[:rows]), rtol=0, atol=1e-9)
    np.testing.assert_allclose(table["bus4/v_pu"], np.abs(expected.voltage_pu[:rows]), rtol=0, atol=1e-6)
    for i, name in enumerate(GENERATORS):
        speed_pu = table[f"ieee14/generator[{name}]/omega_pu"]
        np.testing.assert_allclose(speed_pu, expected.speed_pu[:rows, i], rtol=0, atol=1e-8)
    np.testing.assert_array_equal(table["bus4/exchanges"][1:], direct.exchanges[1:rows])
    for drawn, delivered in (("drawn_p_mw", "p_mw"), ("drawn_q_mvar", "q_mvar")):
        np.testing.assert_allclose(table[f"bus4/{drawn}"], table[f"bus4/{delivered}"], rtol=0, atol=1e-6)
    assert (table["bus4/mismatch_pu"] <= TOLERANCE_PU).all()
    np.testing.assert_allclose(table["bus4/fed_v_pu"], table["bus4/v_pu"], rtol=0, atol=2 * TOLERANCE_PU)


# --- one step of ANDES, again and again


def result(system: AndesTransmission, powers_mva: list[complex]) -> Values:
    """Everything that a step leaves behind in ANDES after these attempts."""
    for power_mva in powers_mva:
        voltage_pu = system.attempt(4 / 30, [power_mva])
    system.accept()
    dae = system._system.dae
    return np.concatenate(
        [voltage_pu.view(float), dae.x, dae.y, dae.f, system.observed(), system.drawn_mva.view(float)]
    )


@pytest.fixture
def moving() -> AndesTransmission:
    return on_the_move()


def on_the_move() -> AndesTransmission:
    """IEEE 14 at 0.1 s, after a change of the load."""
    system = AndesTransmission(andes_case(CASE), Path("/nonexistent"), interfaces=[BUS4], step_s=1 / 30, observe=SPEEDS)
    system.start([47.8 + 7.12j])
    for k in range(1, 4):
        system.attempt(k / 30, [60 + 10j])
        system.accept()
    return system


A, B, C = 63 + 11j, 180 + 60j, -40 - 10j


@pytest.mark.parametrize("others", [[A], [B], [A, B], [B, C, B], [C]])
def test_what_was_attempted_before_leaves_nothing_behind(moving: AndesTransmission, others: list[complex]) -> None:
    alone = result(on_the_move(), [A])
    np.testing.assert_allclose(result(moving, [*others, A]), alone, rtol=0, atol=1e-12)
    assert np.abs(result(on_the_move(), [*others, B]) - alone).max() > 1e-3


def test_an_attempt_that_fails_leaves_nothing_behind(moving: AndesTransmission) -> None:
    with pytest.raises(SimulationError, match="does not converge"):
        moving.attempt(4 / 30, [-5000 + 0j])
    np.testing.assert_allclose(result(moving, [A]), result(on_the_move(), [A]), rtol=0, atol=1e-12)


def test_an_accepted_step_is_that_of_advance(moving: AndesTransmission) -> None:
    advanced = on_the_move()
    np.testing.assert_allclose(moving.attempt(4 / 30, [A]), advanced.advance(4 / 30, [A]), rtol=0, atol=1e-9)


def test_steps_out_of_order_are_refused(moving: AndesTransmission) -> None:
    with pytest.raises(SimulationError, match="no step to accept"):
        moving.accept()
    moving.attempt(4 / 30, [A])
    with pytest.raises(SimulationError, match=r"before its step to 0\.133333 s is accepted"):
        moving.attempt(5 / 30, [A])
    with pytest.raises(SimulationError, match="cannot advance"):
        moving.advance(5 / 30, [A])
