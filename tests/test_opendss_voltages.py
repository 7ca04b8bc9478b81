"""Voltages read off OpenDSS's memory against its own lists; solutions that begin beside the last one."""

import cmath
from pathlib import Path

import numpy as np
import pytest
from dss import IDSS
from model_files import IEEE34, SHARED_FEEDERS
from test_node_voltages import line_to
from test_opendss_adapter import HEAD, LOAD, engine, opened, written

from tdscen.plan import Event, Observation, Target
from tdscen.simulators.opendss.expecting import Expectation
from tdscen.simulators.opendss.nodes import nodes
from tdscen.simulators.opendss.runtime import OpenDssFeeder
from tdscen.simulators.opendss.voltages import NodeVoltages, Taken

MASTERS = [IEEE34, SHARED_FEEDERS / "ieee123" / "IEEE123Master.dss"]


def solve(dss: IDSS, voltage_pu: complex, voltages: NodeVoltages | None = None, multiplier: float = 1.0) -> int:
    sources, solution = dss.ActiveCircuit.Vsources, dss.ActiveCircuit.Solution
    assert sources.First == 1
    sources.pu, sources.AngleDeg = abs(voltage_pu), np.degrees(cmath.phase(voltage_pu))
    solution.LoadMult = multiplier
    if voltages is not None:
        voltages.follow(voltage_pu, multiplier)
    solution.InitSnap()
    solution.Tolerance = 1e-10
    solution.SolveNoControl()
    return int(solution.Iterations)


@pytest.mark.parametrize("master", MASTERS, ids=lambda path: path.stem)
def test_voltages_are_those_that_opendss_lists(master: Path) -> None:
    if not master.is_file():
        pytest.skip(f"{master} is not there")
    dss = engine(master, None)
    at = nodes(dss)
    taken = Taken(NodeVoltages(dss), at)
    assert np.array_equal(taken.phasors, np.asarray(dss.ActiveCircuit.AllBusVolts).view(np.complex128))
    v_pu = np.abs(taken.phasors) * taken.per_volt
    assert np.abs(v_pu - np.asarray(dss.ActiveCircuit.AllBusVmagPu)).max() < 1e-14
    assert 0.9 < v_pu.min() < v_pu.max() < 1.1


@pytest.mark.parametrize(
    "moved", [cmath.rect(1, 1e-3), cmath.rect(1, 0.5), 1.0005 + 0j], ids=["turned", "far", "raised"]
)
def test_beginning_beside_the_last_solution_saves_iterations_and_changes_no_result(moved: complex) -> None:
    plain, following = engine(IEEE34, 1e-6), engine(IEEE34, 1e-6)
    voltages = NodeVoltages(following)
    for _ in range(3):
        solve(plain, 1.02)
        solve(following, 1.02, voltages)
    iterations, fewer = solve(plain, 1.02 * moved), solve(following, 1.02 * moved, voltages)
    assert fewer < iterations
    a, b = NodeVoltages(plain).now(), voltages.now()
    assert np.abs(a - b).max() < 1e-10 * np.abs(a).max()


def swing(dss: IDSS, voltages: NodeVoltages | None, steps: int) -> list[int]:
    """Iterations of the solutions while the source swings and the loads jump every quarter of a second."""
    jumps = np.random.default_rng(981).normal(1.0, 0.025, steps)
    iterations = []
    for k in range(steps):
        t = k / 120
        source_pu = (1.02 + 0.02 * np.exp(-t) * np.cos(3 * t)) * cmath.exp(0.3j * t)
        iterations.append(solve(dss, source_pu, voltages, float(jumps[k // 30])))
    return iterations


@pytest.mark.parametrize("master", MASTERS, ids=lambda path: path.stem)
def test_what_the_last_steps_were_off_by_saves_half_of_the_iterations(master: Path) -> None:
    if not master.is_file():
        pytest.skip(f"{master} is not there")
    plain, following = engine(master, 1e-6), engine(master, 1e-6)
    voltages = NodeVoltages(following)
    iterations, fewer = swing(plain, None, 240), swing(following, voltages, 240)
    assert sum(fewer) < 0.5 * sum(iterations)
    assert max(fewer) <= max(iterations) + 1  # the first jump of the loads
    assert max(fewer[60:]) <= max(iterations) - 2  # what it told serves the others
    a, b = NodeVoltages(plain).now(), voltages.now()
    assert np.abs(a - b).max() < 1e-10 * np.abs(a).max()


def test_a_disturbance_is_not_taken_for_an_effect_of_the_source() -> None:
    """A load jumps and the source hardly moves: the jump must not be carried on."""
    dss = engine(IEEE34, 1e-6)
    voltages = NodeVoltages(dss)
    for source_pu in (1.02, 1.0201, 1.0202):
        solve(dss, source_pu, voltages)
    dss.Text.Command = "edit load.s890 kw=45"
    voltages.disturbed()
    before = voltages.now().copy()
    solve(dss, 1.0203, voltages)
    jump = np.abs(voltages.now() - before).max()
    voltages.follow(1.0204, 1.0)
    expected = voltages.now().copy()
    solve(dss, 1.0204)
    assert jump > 1e-3 * np.abs(before).max()
    assert np.abs(voltages.now() - expected).max() < 1e-3 * jump


@pytest.mark.parametrize("multiplier", [1.0, 0.9], ids=["voltage", "voltage and loads"])
def test_what_is_linear_is_expected_exactly_once_every_move_was_seen(multiplier: float) -> None:
    by_voltage, by_load = np.array([0.1, 0.2j, -0.3]), np.array([0.05j, 0.0, 0.01])
    expectation = Expectation()

    def state(v_pu: float, m: float) -> np.ndarray[tuple[int], np.dtype[np.complex128]]:
        return np.asarray(1 + by_voltage * v_pu + by_load * m, np.complex128)

    at = (1.0, 1.0)
    off = []
    for to in [(1.0, 1.0), (1.01, 1.0), (1.01, multiplier), (0.98, 1.0), (1.02, multiplier)]:
        expected = expectation.next(state(*at), *to)
        off.append(float(np.abs(expected - state(*to)).max()))
        at = to
    assert off[1] > 1e-3
    assert off[-1] < 1e-12


def test_an_interruption_leaves_what_is_known_of_the_moves() -> None:
    expectation, at_pu = Expectation(), 1.0
    for to_pu in (1.01, 1.03, 1.02):
        expectation.next(np.array([0.1 * at_pu + 0j]), to_pu, 1.0)
        at_pu = to_pu
    expectation.interrupted()
    jumped = 0.1 * at_pu + 0.5
    assert abs(expectation.next(np.array([jumped + 0j]), 1.04, 1.0)[0] - (jumped + 0.1 * 0.02)) < 1e-12


def test_a_step_that_a_short_move_met_is_not_taken_for_a_slope() -> None:
    """A load that changes its nature at 1 pu: the voltage steps by 1e-4 where the source moves by 1e-6."""
    expectation = Expectation()
    for at_pu, to_pu in [(0.9, 0.95), (0.95, 0.9999995), (0.9999995, 1.0000005)]:
        expectation.next(np.array([0.1 * at_pu + 0j]), to_pu, 1.0)
    state = np.array([0.1 * 1.0000005 + 1e-4 + 0j])
    assert abs(expectation.next(state, 1.05, 1.0)[0] - (state[0] + 0.1 * 0.0499995)) < 1e-9  # what was known before
    near = expectation.next(np.array([0.105 + 1e-4 + 0j]), 1.0500001, 1.0)
    assert abs(near[0] - 0.1051) < 1e-6


def test_a_source_that_jumps_leaves_the_state_alone() -> None:
    dss = engine(IEEE34, 1e-6)
    voltages = NodeVoltages(dss)
    voltages.follow(1.0, 1.0)
    before = voltages.now().copy()
    for far in (0j, 1e-3 + 0j, 1.0 + 0j):
        voltages.follow(far, 1.0)
        assert np.array_equal(voltages.now(), before)


def test_feeders_read_together_give_what_each_gives_by_itself(tmp_path: Path) -> None:
    """Two models, a feeder without voltage bases between, one that loses a part, one that is read alone in between."""
    together, alone = [feeders(tmp_path) for _ in range(2)]
    for step, (v_pu, multiplier) in enumerate([(1.0, 1.0), (1.02, 0.7), (0.97, 1.2), (1.01, 1.0)]):
        for feeder in (*together, *alone):
            feeder.solve(v_pu * cmath.rect(1, 0.1 * step), multiplier)
        found = OpenDssFeeder.observed_together(together)
        if step == 2:
            assert np.array_equal(together[1].observed(), found[1])
        for values, feeder in zip(found, alone, strict=True):
            assert np.array_equal(values, feeder.observed())
        for feeder in (*together, *alone):
            feeder.act(float(step))
    for one, other in zip(together, alone, strict=True):
        assert np.array_equal(one.node_voltages_pu()[1], other.node_voltages_pu()[1], equal_nan=True)
    lowest, highest = found[0][:2]
    assert 0.85 < lowest < highest < 1.1
    assert np.isnan(together[3].node_voltages_pu()[1][-1]).any()  # behind the open line


def feeders(folder: Path) -> list[OpenDssFeeder]:
    """IEEE 34, one without bases, IEEE 34 with its own list, and one whose line to bus 890 opens at 1 s."""
    lowest, highest = (Observation("feeder", None, quantity, "") for quantity in ("v_min", "v_max"))
    taps = [Observation("regulator", name, "tap", "") for name in ("reg814a", "reg852b")]
    load, losses = Observation("load", "s890", "p", ""), Observation("feeder", None, "losses", "")
    node = Observation("bus", "848", "v_b", "")
    opening = Event("cut", 1.0, "open", Target("ieee34", "line", line_to("890")))
    return [
        opened(IEEE34, observe=[lowest, highest, *taps]),
        opened(written(folder, HEAD + LOAD), observe=[losses]),
        opened(IEEE34, observe=[node, load, taps[1], highest], controls="frozen"),
        opened(IEEE34, observe=[highest, lowest], events=[opening]),
    ]
