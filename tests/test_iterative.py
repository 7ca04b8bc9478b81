"""Iterative coupling: a cut model gives the answer of the whole one, with and without HELICS."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from federations import run
from model_files import andes_case, feeder
from numpy.typing import NDArray
from plans import demo_plan, with_interface

from tdscen import open_run
from tdscen.emit import emit, write
from tdscen.plan import Coupling, Distribution, Observation, Plan, Scale, Simulation
from tdscen.profiles import Step
from tdscen.simulators.adapters import Attachment
from tdscen.simulators.andes.runtime import AndesTransmission
from tdscen.simulators.equilibrium import equilibrium
from tdscen.simulators.errors import SimulationError
from tdscen.simulators.opendss.runtime import OpenDssFeeder

Values = NDArray[np.float64]

CASE = "ieee14/ieee14_full.xlsx"
GENERATORS = tuple(f"GENROU_{i}" for i in range(1, 6))
SPEEDS = tuple(Observation("generator", name, "omega", f"generator[{name}]/omega_pu") for name in GENERATORS)
BUS4 = Attachment("bus4", 4, "PQ_3")
LOAD_MVA = 40 + 12j
LINE_PU = 0.03 + 0.08j
BASE_OHM = 69.0**2 / 100.0
TOLERANCE_PU = 1e-8
AT_S, STOP_S, MORE = 1.0, 2.0, 1.05

RADIAL = f"""Clear
New Circuit.radial basekv=69 pu=1 phases=3 bus1=source
New Line.link bus1=source bus2=end phases=3 length=1
~ r1={LINE_PU.real * BASE_OHM} x1={LINE_PU.imag * BASE_OHM} c1=0
~ r0={LINE_PU.real * BASE_OHM} x0={LINE_PU.imag * BASE_OHM} c0=0
New Load.load bus1=end phases=3 conn=wye kv=69 model=1 vminpu=0.3 vmaxpu=2
~ kw={LOAD_MVA.real * 1000} kvar={LOAD_MVA.imag * 1000}
Set voltagebases=[69]
Calcvoltagebases
"""


@dataclass(frozen=True)
class Trajectory:
    """One row a step, t = 0 first: voltage at bus 4, rotor speeds, drawn and delivered power, exchanges."""

    voltage_pu: NDArray[np.complex128]
    speed_pu: Values
    drawn_mva: NDArray[np.complex128]
    delivered_mva: NDArray[np.complex128]
    exchanges: Values

    def error(self, whole: Trajectory) -> tuple[float, float]:
        """Largest difference of |V| (pu) and of a rotor speed (pu)."""
        v = np.abs(np.abs(self.voltage_pu) - np.abs(whole.voltage_pu)).max()
        return float(v), float(np.abs(self.speed_pu - whole.speed_pu).max())


def times(step_s: float) -> Values:
    return np.arange(round(STOP_S / step_s) + 1) * step_s


def factors(step_s: float) -> Values:
    return np.where(times(step_s) > AT_S - 1e-9, MORE, 1.0)


@cache
def whole(step_s: float) -> Trajectory:
    """Line and load inside ANDES, which is driven by its own calls alone."""
    import andes

    andes.config_logger(stream_level=logging.ERROR)
    system = andes.load(andes.get_case(CASE), setup=False, no_output=True, default_config=True)
    for model in (system.Toggle, system.Fault, system.Alter):
        model.u.v = [0] * len(model.u.v)
    system.PQ.u.v[system.PQ.idx.v.index("PQ_3")] = 0
    system.add("Bus", idx=99, name="end", Vn=69.0, v0=1.0, a0=0.0)
    system.add("Line", idx="link", bus1=4, bus2=99, r=LINE_PU.real, x=LINE_PU.imag, b=0.0, Vn1=69.0, Vn2=69.0)
    p0, q0 = LOAD_MVA.real / 100, LOAD_MVA.imag / 100
    system.add("PQ", idx="end", bus=99, Vn=69.0, p0=p0, q0=q0, vmin=0.3, vmax=2.0)
    system.setup()
    for weight, value in {"p2p": 1, "q2q": 1, "p2z": 0, "q2z": 0}.items():
        setattr(system.PQ.config, weight, value)
    system.PFlow.config.tol = 1e-10
    system.TDS.config.tol = 1e-10
    assert system.PFlow.run()
    system.TDS.init()
    bus, load = system.Bus.idx2uid(4), system.PQ.idx2uid("end")
    voltages, speeds = [], []
    for time_s, factor in zip(times(step_s), factors(step_s), strict=True):
        if time_s > 0:
            system.PQ.Ppf.v[load], system.PQ.Qpf.v[load] = p0 * factor, q0 * factor
            system.TDS.h = step_s
            system.dae.t[...] = time_s
            assert system.TDS.itm_step()
        voltages.append(system.Bus.v.v[bus] * np.exp(1j * system.Bus.a.v[bus]))
        speeds.append(system.GENROU.omega.v.copy())
    nothing = np.zeros(len(voltages))
    return Trajectory(np.array(voltages), np.array(speeds), nothing + 0j, nothing + 0j, nothing)


def cut(folder: Path, step_s: float, coupling: Coupling) -> Trajectory:
    """Line and load in OpenDSS, exchanged with ANDES by the adapters in one process."""
    system, radial = started(folder, step_s)
    voltage_pu, delivered_mva = system.voltage_pu, radial.phase_power_kva.sum() / 1000
    fed_pu = voltage_pu
    rows = [(voltage_pu[0], system.observed(), system.drawn_mva[0], delivered_mva, 0)]
    for time_s, factor in zip(times(step_s)[1:], factors(step_s)[1:], strict=True):
        if coupling == "iterative":
            exchanges, moved_pu = 0, np.inf
            while moved_pu > TOLERANCE_PU:
                fed_pu, exchanges = voltage_pu, exchanges + 1
                delivered_mva = radial.solve(complex(fed_pu[0]), factor) / 1000
                voltage_pu = system.attempt(time_s, [delivered_mva], fed_pu)
                moved_pu = float(abs(voltage_pu - fed_pu).max())
            system.accept()
        else:
            before_pu, exchanges = voltage_pu, 1
            voltage_pu = system.advance(time_s, [delivered_mva], fed_pu)
            fed_pu = voltage_pu if coupling == "serial" else before_pu
            delivered_mva = radial.solve(complex(fed_pu[0]), factor) / 1000
        rows.append((voltage_pu[0], system.observed(), system.drawn_mva[0], delivered_mva, exchanges))
    return Trajectory(*(np.array(column) for column in zip(*rows, strict=True)))


def started(folder: Path, step_s: float) -> tuple[AndesTransmission, OpenDssFeeder]:
    """Both sides in equilibrium at t = 0."""
    system = AndesTransmission(andes_case(CASE), folder, interfaces=[BUS4], step_s=step_s, observe=SPEEDS)
    (folder / "radial.dss").write_text(RADIAL)
    model, root = feeder(folder / "radial.dss")
    radial = OpenDssFeeder(model, root, controls="frozen")
    agreed = equilibrium(system, [radial], [Scale("1", 1.0, 1.0, 0.0, "")], [1.0])
    system.start(agreed.power_mva)
    radial.start_clock()
    return system, radial


@pytest.mark.parametrize("step_s", [1 / 30, 0.1])
def test_a_cut_line_gives_the_answer_of_the_whole_one(tmp_path: Path, step_s: float) -> None:
    expected = whole(step_s)
    assert np.ptp(np.abs(expected.voltage_pu)) > 1e-3  # the load step is seen
    assert np.ptp(expected.speed_pu) > 1e-5
    found = {c: cut(tmp_path, step_s, c) for c in ("iterative", "serial", "parallel")}
    errors = {coupling: trajectory.error(expected) for coupling, trajectory in found.items()}
    exchanges = found["iterative"].exchanges[1:]
    print(f"step {step_s:.4g} s: {errors}, {exchanges.mean():.2f} exchanges a step, at most {exchanges.max():g}")
    v_pu, speed_pu = errors["iterative"]
    assert v_pu < 1e-6
    assert speed_pu < 1e-8
    assert exchanges.mean() <= 3
    for lagging in ("serial", "parallel"):
        assert errors[lagging][0] > 1e-4
        assert errors[lagging][1] > 1e-7
    np.testing.assert_allclose(found["iterative"].drawn_mva, found["iterative"].delivered_mva, atol=1e-6)


def radial_plan(folder: Path) -> tuple[Plan, dict[str, bytes]]:
    """The cut model as a study of 1.5 s at 1/30 s, and its model."""
    (folder / "radial.dss").write_text(RADIAL)
    model, _ = feeder(folder / "radial.dss")
    bundled = replace(model, path="models/radial/radial.dss")
    plan = with_interface(
        demo_plan(), distribution="radial", scale=Scale("1", 1.0, 1.0, 0.0, ""), profile=Step(AT_S, MORE)
    )
    plan = replace(
        plan,
        transmission=replace(plan.transmission, observe=SPEEDS),
        distributions=(Distribution("radial", "opendss", bundled, "frozen", (), ()),),
        simulation=Simulation(1 / 30, 1.5, 45, "iterative", TOLERANCE_PU, 20),
    )
    return plan, {"models/radial/radial.dss": (folder / "radial.dss").read_bytes()}


def test_a_federation_iterates_as_direct_calls_do(tmp_path: Path) -> None:
    plan, models = radial_plan(tmp_path)
    study = tmp_path / "study"
    write(emit(plan, models), study)
    ended = run(study)
    assert ended.status == 0, ended.said
    table = open_run(study).table
    rows = len(table)
    assert rows == 46
    direct, expected = cut(tmp_path, 1 / 30, "iterative"), whole(1 / 30)
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
