"""The OpenDSS adapter against OpenDSS driven directly by text commands."""

import cmath
import math
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dss import DSS, IDSS
from model_files import IEEE34, SHARED_FEEDERS, feeder

from tdscen.plan import Observation
from tdscen.simulators import SimulationError
from tdscen.simulators.opendss.runtime import OpenDssFeeder

V4_PU = cmath.rect(1.0126, -0.0773)  # about what bus 4 of IEEE 14 has

HEAD = """Clear
New Circuit.test basekv=12.47 pu=1.02 phases=3 bus1=a
New Line.l1 bus1=a bus2=b length=2 units=km
"""
LOAD = "New Load.x bus1=b kv=12.47 kw=500 pf=0.95 vminpu=0.8\n"
BASES = "Set voltagebases=[12.47]\nCalcVoltageBases\n"


# ---- helpers -----------------------------------------------------------------------------------------------


def opened(master: Path, **settings: Any) -> OpenDssFeeder:
    model, folder = feeder(master)
    return OpenDssFeeder(model, folder, **{"controls": "delayed", **settings})


def written(folder: Path, text: str) -> Path:
    master = folder / "feeder.dss"
    master.write_text(text)
    return master


def engine(master: Path, impedance_ohm: float | None) -> IDSS:
    """The feeder in OpenDSS itself: solved at its own settings, then with a stiff source."""
    dss = DSS.NewContext()
    dss.AllowForms = dss.AllowEditor = dss.AllowChangeDir = False
    say(dss, "clear", "set DefaultBaseFrequency=60", f'redirect "{master}"')
    say(dss, "set mode=snapshot controlmode=static tolerance=1e-9 maxiterations=100 maxcontroliter=100", "solve")
    if impedance_ohm is not None:
        say(dss, f"edit Vsource.source z1=(0, {impedance_ohm}) z0=(0, {impedance_ohm}) z2=(0, {impedance_ohm})")
    return dss


def say(dss: IDSS, *commands: str) -> None:
    for command in commands:
        dss.Text.Command = command


def feed(dss: IDSS, voltage_pu: complex) -> None:
    angle_deg = math.degrees(cmath.phase(voltage_pu))
    say(dss, f"edit Vsource.source pu={abs(voltage_pu):.17g} angle={angle_deg:.17g}")


def head_kva(dss: IDSS) -> complex:
    return -complex(*dss.ActiveCircuit.TotalPower)


def taps(dss: IDSS) -> list[int]:
    return [int(regulator.TapNumber) for regulator in dss.ActiveCircuit.RegControls]


def tap_observations(dss: IDSS) -> list[Observation]:
    return [Observation("regulator", name, "tap", "") for name in dss.ActiveCircuit.RegControls.AllNames]


# ---- electrical solutions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("voltage_pu", "multiplier"), [(V4_PU, 1.0), (V4_PU, 1.05), (0.98 + 0.1j, 0.5)])
def test_settled_solution_is_that_of_opendss(voltage_pu: complex, multiplier: float) -> None:
    # 1 micro-ohm drops 3e-9 pu here; OpenDSS's own reading of the source is then good to 1e-3 kW.
    dss = engine(IEEE34, 1e-6)
    feed(dss, voltage_pu)
    say(dss, f"set loadmult={multiplier}", "solve")
    adapter = opened(IEEE34, observe=tap_observations(dss))
    assert adapter.settle(voltage_pu, multiplier) == pytest.approx(head_kva(dss), abs=5e-3)
    assert adapter.observed().tolist() == taps(dss)
    assert adapter.phase_power_kva.sum() == pytest.approx(head_kva(dss), abs=5e-3)


def test_head_power_is_the_sum_of_what_is_inside() -> None:
    """Kirchhoff, by another route: loads, losses and capacitors inside take what flows in at the head."""
    adapter = opened(IEEE34)
    power_kva = adapter.settle(V4_PU, 1.0)
    circuit = adapter._engine.ActiveCircuit
    inside = complex(*circuit.Losses) / 1000  # of lines and transformers; capacitors are not in it
    names = [f"Load.{name}" for name in circuit.Loads.AllNames]
    for name in [*names, *(f"Capacitor.{name}" for name in circuit.Capacitors.AllNames)]:
        circuit.SetActiveElement(name)
        inside += complex(*circuit.ActiveCktElement.TotalPowers[:2])
    assert power_kva == pytest.approx(inside, abs=1e-4)


def test_the_stiff_source_holds_its_voltage_to_1e_9() -> None:
    adapter = opened(IEEE34)
    adapter.settle(V4_PU, 1.5)
    circuit = adapter._engine.ActiveCircuit
    circuit.SetActiveBus("800")
    phases = np.asarray(circuit.ActiveBus.puVoltages).view(complex)
    turned = np.exp(-2j * np.pi / 3 * np.arange(3))
    assert abs(phases - V4_PU * turned).max() < 1e-9


def test_the_models_own_source_impedance_can_be_kept(tmp_path: Path) -> None:
    master = written(tmp_path, HEAD + LOAD + BASES)
    dss = engine(master, None)
    feed(dss, 1.0 + 0j)
    say(dss, "solve")
    kept = opened(master, source_impedance="keep")
    assert kept.settle(1.0 + 0j, 1.0) == pytest.approx(head_kva(dss), abs=1e-6)
    stiff = opened(master).settle(1.0 + 0j, 1.0)
    assert abs(stiff - head_kva(dss)) > 1e-5  # line losses differ with the voltage


def test_phases_of_an_unbalanced_feeder(tmp_path: Path) -> None:
    loads = "".join(
        f"New Load.x{phase} bus1=b.{phase} phases=1 kv=7.2 kw={kw} kvar=0 model=1\n"
        for phase, kw in ((1, 100), (2, 200))
    )
    text = HEAD.replace("length=2", "length=0.001") + loads + BASES
    adapter = opened(written(tmp_path, text))
    adapter.settle(1.0 + 0j, 1.0)
    assert adapter.phase_power_kva.real == pytest.approx([100, 200, 0], abs=0.05)


def test_a_load_at_the_source_bus_counts_once(tmp_path: Path) -> None:
    adapter = opened(written(tmp_path, HEAD + LOAD.replace("bus1=b", "bus1=a") + BASES))
    assert adapter.settle(1.0 + 0j, 1.0).real == pytest.approx(500, abs=1e-3)


def test_the_profiles_multiplier_acts_over_the_models_own(tmp_path: Path) -> None:
    adapter = opened(written(tmp_path, HEAD + LOAD + BASES + "Set LoadMult=0.5\n"))
    assert adapter.settle(1.0 + 0j, 1.0).real == pytest.approx(250, rel=1e-2)
    assert adapter.settle(1.0 + 0j, 2.0).real == pytest.approx(500, rel=1e-2)


def test_engines_do_not_share_state(tmp_path: Path) -> None:
    fifty = written(tmp_path, "Clear\nSet DefaultBaseFrequency=50\n" + HEAD.replace("Clear\n", "") + LOAD + BASES)
    first = opened(fifty)
    alone = first.settle(1.0 + 0j, 1.0)
    (tmp_path / "60").mkdir()
    second = opened(written(tmp_path / "60", HEAD + LOAD + BASES))
    second.settle(0.9 + 0j, 2.0)
    assert (first._solution.Frequency, second._solution.Frequency) == (50, 60)
    assert first.settle(1.0 + 0j, 1.0) == pytest.approx(alone, abs=1e-6)


def test_observed_quantities_are_those_of_opendss() -> None:
    wanted = [("bus", "890", "v_b"), ("load", "s890", "p"), ("load", "s890", "q"), ("capacitor", "cap844", "state")]
    wanted += [("feeder", None, quantity) for quantity in ("v_min", "v_max", "losses")]
    adapter = opened(IEEE34, observe=[Observation(device, key, quantity, "") for device, key, quantity in wanted])
    adapter.settle(V4_PU, 1.0)
    dss = engine(IEEE34, 1e-6)
    feed(dss, V4_PU)
    say(dss, "solve")
    circuit = dss.ActiveCircuit
    circuit.SetActiveBus("890")
    v_b = circuit.ActiveBus.puVmagAngle[2]
    circuit.SetActiveElement("Load.s890")
    powers = circuit.ActiveCktElement.TotalPowers
    v_pu = circuit.AllBusVmagPu
    expected = [v_b, powers[0], powers[1], 1, min(v_pu), max(v_pu), circuit.Losses[0] / 1000]
    assert adapter.observed() == pytest.approx(expected, abs=1e-5)


# ---- controls ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start_s", [0, 3590])  # the second run goes over OpenDSS's change of hour
def test_delayed_controls_give_the_taps_of_time_mode(start_s: int) -> None:
    dss = engine(IEEE34, 1e-6)
    adapter = opened(IEEE34, observe=tap_observations(dss))
    feed(dss, V4_PU)
    say(dss, "solve")
    adapter.settle(V4_PU, 1.0)
    assert adapter.observed().tolist() == taps(dss)

    adapter.start_clock()
    say(dss, "set mode=time controlmode=time number=1 stepsize=1s")
    say(dss, f"set time=({start_s // 3600}, {start_s % 3600})")
    low = 0.96 * V4_PU
    feed(dss, low)
    expected, found, moved = [], [], 0
    for step in range(1, 61):
        say(dss, "solve")
        expected.append(taps(dss))
        adapter.solve(low, 1.0)
        moved += adapter.act(float(start_s + step))
        found.append(adapter.observed().tolist())
    assert found == expected
    assert expected[13] == expected[0]  # nothing before the delay of 15 s
    steps = np.abs(np.diff(np.asarray(expected), axis=0)).sum()
    assert moved == steps >= 6


def test_electrical_solutions_between_do_not_disturb_delayed_controls() -> None:
    """The solution may be repeated within a step (iterative coupling): the taps are the same."""
    once, often = opened(IEEE34), opened(IEEE34)
    sequences: list[list[int]] = [[], []]
    for feeder_, moved, repeats in ((once, sequences[0], 1), (often, sequences[1], 3)):
        feeder_.settle(V4_PU, 1.0)
        feeder_.start_clock()
        for step in range(1, 41):
            for _ in range(repeats):
                feeder_.solve(0.96 * V4_PU, 1.0)
            moved.append(feeder_.act(float(step)))
    assert sequences[0] == sequences[1]
    assert sum(sequences[0]) > 0


def test_constant_conditions_move_no_tap() -> None:
    adapter = opened(IEEE34)
    settled = adapter.settle(V4_PU, 1.0)
    adapter.start_clock()
    for step in range(1, 121):
        power_kva = adapter.solve(V4_PU, 1.0)
        assert adapter.act(float(step)) == 0
    assert power_kva == pytest.approx(settled, abs=1e-5)


def test_frozen_controls_stay() -> None:
    adapter = opened(IEEE34, controls="frozen")
    adapter.settle(V4_PU, 1.0)
    adapter.start_clock()
    for step in range(1, 61):
        adapter.solve(0.95 * V4_PU, 1.0)
        assert adapter.act(float(step)) == 0


def test_instant_controls_settle_within_the_step() -> None:
    dss = engine(IEEE34, 1e-6)
    adapter = opened(IEEE34, controls="instant", observe=tap_observations(dss))
    feed(dss, V4_PU)
    say(dss, "solve")
    before = taps(dss)
    adapter.settle(V4_PU, 1.0)
    adapter.start_clock()
    feed(dss, 0.96 * V4_PU)
    say(dss, "solve")
    assert adapter.solve(0.96 * V4_PU, 1.0) == pytest.approx(head_kva(dss), abs=5e-3)
    assert adapter.observed().tolist() == taps(dss)
    assert adapter.act(1.0) == sum(abs(a - b) for a, b in zip(taps(dss), before, strict=True)) > 0
    assert adapter.act(2.0) == 0


# ---- what is said when it fails ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (HEAD + "nwe Line.z bus1=b\n", r"cannot compile feeder\.dss: .*Unknown Command.*feeder\.dss line 4"),
        (HEAD + LOAD.replace("kw=500", "foo=3"), r"Unknown parameter \"foo\".*\(feeder\.dss line 4\)"),
        ("Clear\n", "defines no circuit"),
        (HEAD.replace("New Line", "! New Line") + BASES, "nothing is connected to the source bus a"),
        (HEAD + LOAD.replace("0.8", "0.01").replace("500", "500000") + BASES, "does not converge at its own nominal"),
        # OpenDSS divides by zero: it "converges" without any voltage, or does not, by what ran before in the process.
        (
            HEAD + LOAD + "New Capacitor.lost bus1=q kv=12.47 kvar=0\n" + BASES,
            "a has no voltage|does not converge at its",
        ),
        (HEAD + LOAD + "Edit Vsource.source bus2=c.1.2.3\n" + BASES, "is not connected to ground"),
    ],
)
def test_unsound_models_are_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(SimulationError, match=sentence) as caught:
        opened(written(tmp_path, text))
    assert "\n" not in str(caught.value)
    assert "/tmp" not in str(caught.value)


def test_hunting_regulators_are_named(tmp_path: Path) -> None:
    """A switched capacitor that overcompensates: on, off, on."""
    switched = """New Transformer.r phases=3 windings=2 buses=(b c) kvs=(12.47 12.47) kvas=(2000 2000) xhl=1
New RegControl.r transformer=r winding=2 vreg=120 band=0.01 ptratio=60
New Capacitor.c bus1=c kv=12.47 kvar=600
New CapControl.c capacitor=c element=Line.l1 type=kvar onsetting=10 offsetting=-10 ptratio=1 ctratio=1
New Load.y bus1=c kv=12.47 kw=1500 kvar=300
"""
    with pytest.raises(SimulationError, match="the controls of feeder do not settle at its own nominal settings"):
        opened(written(tmp_path, HEAD + switched + BASES))


@pytest.mark.parametrize("voltage_pu", [complex("nan"), complex(-1e49, 0)])
def test_a_voltage_that_is_none_is_refused(voltage_pu: complex) -> None:
    with pytest.raises(SimulationError, match="ieee34 cannot be fed with a voltage"):
        opened(IEEE34).settle(voltage_pu, 1.0)


def test_a_collapsed_feeder_is_said_with_voltage_and_multiplier(tmp_path: Path) -> None:
    adapter = opened(written(tmp_path, HEAD + LOAD.replace("0.8", "0.01") + BASES))
    with pytest.raises(SimulationError, match=r"feeder does not converge at V = 1\.0126 pu with load multiplier 1000"):
        adapter.settle(V4_PU, 1000.0)


def test_a_changed_model_is_refused(tmp_path: Path) -> None:
    model, folder = feeder(IEEE34)
    with pytest.raises(SimulationError, match="differs from the model that this study was compiled for"):
        OpenDssFeeder(replace(model, sha256="0" * 64), folder, controls="frozen")
    with pytest.raises(SimulationError, match=r"there is no feeder model ieee34\.dss"):
        OpenDssFeeder(model, tmp_path, controls="frozen")


def test_an_unknown_option_or_observation_is_refused() -> None:
    with pytest.raises(SimulationError, match="no option tol here; there are tolerance"):
        opened(IEEE34, options=[("tol", 1e-6)])
    with pytest.raises(SimulationError, match=r"has no node 999\.1"):
        opened(IEEE34, observe=[Observation("bus", "999", "v_a", "")])


# ---- manners -----------------------------------------------------------------------------------------------


def test_masters_that_print_export_and_move_leave_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    trailing = (
        "set mode=yearly number=8760\nset controlmode=off\nsolve\nshow voltages\nexport voltages x.csv\n"
        "export powers\nplot profile\nsave circuit\ncd ..\nset datapath=..\n"
    )
    trailed = opened(written(folder, HEAD + LOAD + BASES))
    expected = trailed.settle(1.0 + 0j, 1.0)
    master = written(folder, HEAD + LOAD + BASES + trailing)
    here, temporary = tmp_path / "here", tmp_path / "temporary"
    here.mkdir()
    temporary.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    assert opened(master).settle(1.0 + 0j, 1.0) == pytest.approx(expected, abs=1e-6)
    assert Path.cwd() == here
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["feeder.dss", "here", "model", "temporary"]


@pytest.mark.skipif(not SHARED_FEEDERS.is_dir(), reason="the shared feeders are not there")
@pytest.mark.parametrize("name", ["ieee13/IEEE13Nodeckt.dss", "ieee37/ieee37.dss", "ieee123/IEEE123Master.dss"])
def test_other_feeders_settle_as_in_opendss(name: str) -> None:
    """Delta and wye heads, single-phase regulator banks, sources of 4.16 to 230 kV."""
    master = SHARED_FEEDERS / name
    adapter = opened(master)
    base_kv = adapter._engine.ActiveCircuit.Vsources.BasekV
    dss = engine(master, 1e-9 * base_kv**2)
    feed(dss, V4_PU)
    say(dss, "solve")
    assert adapter.settle(V4_PU, 1.0) == pytest.approx(head_kva(dss), rel=1e-5)
