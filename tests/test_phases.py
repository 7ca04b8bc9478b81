"""The three phases at a feeder's head: against OpenDSS's own sequence quantities, and against theory."""

from __future__ import annotations

import cmath
from pathlib import Path

import numpy as np
import pytest
from model_files import IEEE34, SHARED_FEEDERS, feeder

from tdscen.runtime.phases import COLUMNS, quantities, sequence
from tdscen.simulators.opendss.runtime import OpenDssFeeder

A = cmath.exp(2j * cmath.pi / 3)
V_PU = cmath.rect(1.0126, -0.0773)

FEEDERS = [
    IEEE34,
    *(
        pytest.param(
            SHARED_FEEDERS / name, marks=pytest.mark.skipif(not SHARED_FEEDERS.is_dir(), reason="no ../shared")
        )
        for name in ("ieee13/IEEE13Nodeckt.dss", "ieee37/ieee37.dss", "ieee123/IEEE123Master.dss")
    ),
]


def opened(master: Path, **settings: object) -> OpenDssFeeder:
    model, folder = feeder(master)
    return OpenDssFeeder(model, folder, controls="frozen", **settings)  # type: ignore[arg-type]


def of(adapter: OpenDssFeeder) -> dict[str, float]:
    parts = (adapter.phase_power_kva, adapter.phase_voltage_v, adapter.phase_current_a)
    row = quantities(*(np.array([part]) for part in parts))[0]
    return dict(zip(COLUMNS, row.tolist(), strict=True))


def test_components_of_systems_that_have_only_one() -> None:
    balanced, backwards = np.array([1, A**2, A]), np.array([1, A, A**2])
    for phases, expected in ((balanced, [0, 1, 0]), (backwards, [0, 0, 1]), (np.ones(3), [1, 0, 0])):
        assert sequence(2j * phases) == pytest.approx(2j * np.array(expected), abs=1e-15)


def test_a_current_in_one_phase_alone_has_all_three_in_equal_parts() -> None:
    found = dict(
        zip(
            COLUMNS, quantities(*np.array([[[1e3, 0, 0]], [[1e3, 1e3 * A**2, 1e3 * A]], [[6.0, 0, 0]]]))[0], strict=True
        )
    )
    assert (found["i0_a"], found["i1_a"], found["i2_a"]) == pytest.approx((2, 2, 2))
    assert (found["unbalance"], found["unbalance_0"]) == pytest.approx((1, 1))
    assert found["p1_kw"] == pytest.approx(6.0)  # 3 V1 conj(I1) = 3 * 1000 V * 2 A


def test_a_head_without_current_is_balanced() -> None:
    zeros = np.zeros((1, 3), complex)
    assert np.isfinite(quantities(zeros, zeros, zeros)).all()
    assert not quantities(zeros, zeros, zeros).any()


@pytest.mark.parametrize("master", FEEDERS, ids=lambda path: path.stem)
def test_with_a_balanced_source_the_positive_sequence_carries_all_power(master: Path) -> None:
    """However unbalanced the currents are: V0 = V2 = 0, so that I0 and I2 carry none."""
    adapter = opened(master)
    total_kva = adapter.settle(V_PU, 1.0)
    found = of(adapter)
    assert complex(found["p1_kw"], found["q1_kvar"]) == pytest.approx(total_kva, rel=1e-8)
    assert 0.001 < found["unbalance"] < 0.5


def test_with_a_source_impedance_of_its_own_it_does_not(tmp_path: Path) -> None:
    """The head voltage is then unbalanced; T still gets the whole power of the three phases."""
    master = tmp_path / "feeder.dss"
    master.write_text(
        "Clear\nNew Circuit.x basekv=12.47 bus1=a mvasc3=50 mvasc1=40\nNew Line.l bus1=a bus2=b length=2 units=km\n"
        "New Load.a bus1=b.1 phases=1 kv=7.2 kw=900\nNew Load.bc bus1=b.2.3 phases=1 kv=12.47 kw=300\n"
        "Set voltagebases=[12.47]\nCalcVoltageBases\n"
    )
    adapter = opened(master, source_impedance="keep")
    total_kva = adapter.settle(V_PU, 1.0)
    found = of(adapter)
    assert total_kva == pytest.approx(adapter.phase_power_kva.sum(), rel=1e-12)
    _, v1, v2 = np.abs(sequence(adapter.phase_voltage_v))
    assert 0.001 < v2 / v1 < 0.02
    assert 0.95 < v1 / (1.0126 * 12470 / 3**0.5) < 0.999  # the drop in the impedance
    assert abs(complex(found["p1_kw"], found["q1_kvar"]) - total_kva) > 1


@pytest.mark.parametrize("master", FEEDERS, ids=lambda path: path.stem)
def test_currents_and_components_are_those_of_opendss(master: Path) -> None:
    """IEEE 13, 34 and 37 have one element at the source: its own `SeqCurrents` in OpenDSS."""
    adapter = opened(master)
    adapter.settle(V_PU, 1.0)
    found = of(adapter)
    circuit = adapter._engine.ActiveCircuit
    if len(adapter._head.branches) == 1:
        circuit.SetActiveElement(adapter._head.branches[0].element)
        assert [found[f"i{n}_a"] for n in (0, 1, 2)] == pytest.approx(
            circuit.ActiveCktElement.SeqCurrents[:3].tolist(), abs=1e-9
        )
    phases_kva = adapter.phase_voltage_v * adapter.phase_current_a.conj() / 1000
    by_opendss = sum(_powers(circuit, branch.element, branch.conductors) for branch in adapter._head.branches)
    assert phases_kva == pytest.approx(by_opendss, rel=1e-9)
    assert [found[f"p_{p}_kw"] for p in "abc"] == pytest.approx(phases_kva.real.tolist())
    angles = [found[f"i_{p}_rad"] for p in "abc"]
    assert [cmath.rect(found[f"i_{p}_a"], angle) for p, angle in zip("abc", angles, strict=True)] == pytest.approx(
        adapter.phase_current_a.tolist()
    )


def _powers(circuit: object, element: str, conductors: tuple[tuple[int, int], ...]) -> np.ndarray:
    circuit.SetActiveElement(element)  # type: ignore[attr-defined]
    powers = np.asarray(circuit.ActiveCktElement.Powers).view(complex)  # type: ignore[attr-defined]
    phases = np.zeros(3, complex)
    for position, phase in conductors:
        phases[phase] += powers[position]
    return phases


def test_head_currents_of_ieee34_against_the_published_solution() -> None:
    """IEEE PES, 34 node test feeder, currents from 800 to 802: 51.56 A, 44.57 A, 40.92 A at 1.05 pu."""
    adapter = opened(IEEE34)
    adapter.settle(1.05 + 0j, 1.0)
    assert np.abs(adapter.phase_current_a) == pytest.approx([51.56, 44.57, 40.92], rel=0.01)
