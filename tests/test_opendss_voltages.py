"""Voltages read off OpenDSS's memory against its own lists; solutions that begin beside the last one."""

import cmath
from pathlib import Path

import numpy as np
import pytest
from dss import IDSS
from model_files import IEEE34, SHARED_FEEDERS
from test_opendss_adapter import engine

from tdscen.simulators.opendss.nodes import nodes
from tdscen.simulators.opendss.voltages import NodeVoltages, RatedVoltages

MASTERS = [IEEE34, SHARED_FEEDERS / "ieee123" / "IEEE123Master.dss"]


def solve(dss: IDSS, voltage_pu: complex, voltages: NodeVoltages | None = None) -> int:
    sources, solution = dss.ActiveCircuit.Vsources, dss.ActiveCircuit.Solution
    assert sources.First == 1
    sources.pu, sources.AngleDeg = abs(voltage_pu), np.degrees(cmath.phase(voltage_pu))
    if voltages is not None:
        voltages.follow(voltage_pu)
    solution.Tolerance = 1e-10
    solution.SolveNoControl()
    return int(solution.Iterations)


@pytest.mark.parametrize("master", MASTERS, ids=lambda path: path.stem)
def test_voltages_are_those_that_opendss_lists(master: Path) -> None:
    if not master.is_file():
        pytest.skip(f"{master} is not there")
    dss = engine(master, None)
    at, voltages = nodes(dss), NodeVoltages(dss)
    found = voltages.now()[voltages.places(at.names)]
    assert np.array_equal(found, np.asarray(dss.ActiveCircuit.AllBusVolts).view(np.complex128))
    v_pu = RatedVoltages(voltages, at.names, at.base_kv).read()
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


def test_a_source_that_jumps_leaves_the_state_alone() -> None:
    dss = engine(IEEE34, 1e-6)
    voltages = NodeVoltages(dss)
    voltages.follow(1.0)
    before = voltages.now().copy()
    for far in (0j, 1e-3 + 0j, 1.0 + 0j):
        voltages.follow(far)
        assert np.array_equal(voltages.now(), before)
