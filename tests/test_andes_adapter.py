"""The ANDES adapter against ANDES driven directly by its own calls."""

import logging
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from model_files import andes_case

from tdscen.plan import ModelFile, Observation
from tdscen.simulators import SimulationError
from tdscen.simulators.adapters import Attachment
from tdscen.simulators.andes import pycode
from tdscen.simulators.andes.files import cases_folder
from tdscen.simulators.andes.runtime import AndesTransmission

NOWHERE = Path("/nonexistent")
IEEE14 = "ieee14/ieee14_full.xlsx"
BUS4 = Attachment("at4", 4, "PQ_3")
LOAD4_MVA = 47.8 + 10j  # the case file: PQ_3 at bus 4, p0 = 0.478, q0 = 0.1 on 100 MVA


# ---- helpers -----------------------------------------------------------------------------------------------


def adapter(case: str | ModelFile, *at: Attachment, **settings: Any) -> AndesTransmission:
    model = andes_case(case) if isinstance(case, str) else case
    return AndesTransmission(model, NOWHERE, **{"interfaces": at, "step_s": 1 / 30, **settings})


def andes_system(case: str, *extra: str, events: bool = False) -> Any:
    """The case in ANDES itself, with constant-power loads, ready for its power flow."""
    import andes

    folder = cases_folder()
    assert folder is not None
    system = andes.load(
        str(folder / case),
        addfile=[str(folder / name) for name in extra],
        setup=False,
        no_output=True,
        default_config=True,
        pycode_path=str(pycode.prepare()),
    )
    if not events:
        for model in (system.Toggle, system.Fault, system.Alter):
            model.u.v = [0] * len(model.u.v)
    system.setup()
    for weight, value in {"p2p": 1, "q2q": 1, "p2z": 0, "q2z": 0}.items():
        setattr(system.PQ.config, weight, value)
    system.PFlow.config.tol = 1e-10
    system.TDS.config.no_tqdm = 1
    system.TDS.config.tol = 1e-8
    return system


def andes_trajectory(system: Any, load: Any, change_mw: float, seconds: int) -> list[complex]:
    """Bus voltage at 1 s, 2 s, ... by `TDS.run`; the load changes by `change_mw` at 1 s."""
    assert system.PFlow.run()
    uid = system.PQ.idx2uid(load)
    bus = system.Bus.idx2uid(system.PQ.bus.v[uid])
    system.TDS.init()
    p_pu = float(system.PQ.Ppf.v[uid])
    system.TDS.config.tstep = 1 / 30 * (1 + 1e-9)  # else float arithmetic leaves slivers of steps between runs
    voltages = []
    for second in range(1, seconds + 1):
        system.PQ.Ppf.v[uid] = p_pu + (change_mw / system.config.mva if second > 1 else 0)
        system.TDS.config.tf = float(second)
        assert system.TDS.run()
        voltages.append(complex(system.Bus.v.v[bus] * np.exp(1j * system.Bus.a.v[bus])))
    return voltages


# ---- trajectories ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "extra", "bus", "load"),
    [
        (IEEE14, (), 4, "PQ_3"),
        ("ieee39/ieee39_full.xlsx", (), 7, "PQ_3"),
        ("npcc/npcc.raw", ("npcc/npcc_full.dyr",), 12, "PQ_6"),
    ],
)
def test_trajectory_after_a_load_change_is_that_of_andes(
    case: str, extra: tuple[str, ...], bus: int, load: str
) -> None:
    system = andes_system(case, *extra)
    expected = andes_trajectory(system, load, 5.0, seconds=3)
    transmission = adapter(andes_case(case, *extra), Attachment("here", bus, load))
    power_mva = complex(transmission.drawn_mva[0])
    transmission.start([power_mva])
    found = [
        transmission.advance(1.0, [power_mva])[0],
        transmission.advance(2.0, [power_mva + 5])[0],
        transmission.advance(3.0, [power_mva + 5])[0],
    ]
    assert abs(expected[1] - expected[0]) > 1e-5  # the change is seen at all
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


def test_nothing_moves_without_a_change() -> None:
    transmission = adapter(IEEE14, BUS4)
    transmission.start([47.8 + 7.12j])
    before = transmission.voltage_pu
    for second in range(1, 6):
        after = transmission.advance(float(second), [47.8 + 7.12j])
    assert abs(after - before).max() < 1e-9


def test_kept_events_act_as_in_andes() -> None:
    case = "ieee14/ieee14_linetrip.xlsx"
    system = andes_system(case, events=True)
    assert system.PFlow.run()
    system.TDS.config.tf = 3.0
    assert system.TDS.run()
    bus = system.Bus.idx2uid(4)
    expected = system.Bus.v.v[bus] * np.exp(1j * system.Bus.a.v[bus])

    kept = adapter(case, BUS4, disable_events=False)
    power_mva = kept.drawn_mva
    kept.start(power_mva)
    at_start = kept.voltage_pu
    for step in range(1, 7):
        voltage_pu = kept.advance(step / 2, power_mva)
    # ANDES's own loop goes on from the event with whole steps, ours returns to its grid: 0.1 ms of difference.
    assert abs(voltage_pu[0] - expected) < 5e-6
    assert abs(voltage_pu[0] - at_start[0]) > 1e-3

    off = adapter(case, BUS4)
    off.start(power_mva)
    assert abs(off.advance(3.0, power_mva)[0] - at_start[0]) < 1e-8
    assert off.notes == ("2 events of the case itself switched off",)


def test_steps_end_exactly_where_asked() -> None:
    transmission = adapter(IEEE14, BUS4, step_s=0.07)
    transmission.start([LOAD4_MVA])
    times = [0.1, 0.30000000000000004, 1 / 3, 1.0]
    reached = []
    for time_s in times:
        transmission.advance(time_s, [LOAD4_MVA])
        reached.append(transmission.time_s)
    assert reached == times
    with pytest.raises(SimulationError, match=r"cannot advance from t = 1 s to 1 s"):
        transmission.advance(1.0, [LOAD4_MVA])


# ---- power flow and start ----------------------------------------------------------------------------------


def test_power_flow_is_that_of_andes_and_reversible() -> None:
    system = andes_system(IEEE14)
    uid = system.PQ.idx2uid("PQ_3")
    transmission = adapter(IEEE14, BUS4)
    first = transmission.voltage_pu
    assert transmission.drawn_mva[0] == pytest.approx(LOAD4_MVA, abs=1e-9)
    for power_mva in (60 + 12j, LOAD4_MVA):
        system.PQ.p0.v[uid], system.PQ.q0.v[uid] = power_mva.real / 100, power_mva.imag / 100
        assert system.PFlow.run()
        bus = system.Bus.idx2uid(4)
        expected = system.Bus.v.v[bus] * np.exp(1j * system.Bus.a.v[bus])
        assert abs(transmission.power_flow([power_mva])[0] - expected) < 1e-10
        assert transmission.drawn_mva[0] == pytest.approx(power_mva, abs=1e-9)
    assert abs(transmission.voltage_pu - first).max() < 1e-10


def test_a_bus_without_a_load_gets_one() -> None:
    import andes

    folder = cases_folder()
    assert folder is not None
    settings = {"no_output": True, "default_config": True, "pycode_path": str(pycode.prepare())}
    system = andes.load(str(folder / IEEE14), setup=False, **settings)
    system.add("PQ", idx="extra", bus=7, Vn=138.0, p0=0.1, q0=0.02)
    system.setup()
    system.PFlow.config.tol = 1e-10
    assert system.PFlow.run()
    bus = system.Bus.idx2uid(7)
    expected = system.Bus.v.v[bus] * np.exp(1j * system.Bus.a.v[bus])

    transmission = adapter(IEEE14, Attachment("at7", 7, None), BUS4)
    assert transmission.drawn_mva[0] == 0
    voltage_pu = transmission.power_flow([10 + 2j, LOAD4_MVA])
    assert abs(voltage_pu[0] - expected) < 1e-10
    transmission.start([10 + 2j, LOAD4_MVA])
    transmission.advance(0.5, [12 + 2j, LOAD4_MVA])
    np.testing.assert_allclose(transmission.drawn_mva, [12 + 2j, LOAD4_MVA], atol=1e-9)


def test_observed_quantities_are_those_of_andes() -> None:
    wanted = [("bus", 4, "v"), ("bus", 14, "a"), ("load", "PQ_3", "p"), ("load", "PQ_1", "q")]
    wanted += [("generator", "GENROU_2", quantity) for quantity in ("omega", "delta", "p", "q")]
    observe = [Observation(device, key, quantity, "") for device, key, quantity in wanted]
    transmission = adapter(IEEE14, BUS4, observe=observe)
    with pytest.raises(SimulationError, match="nothing to observe before"):
        transmission.observed()
    transmission.start([LOAD4_MVA])
    transmission.advance(1.0, [LOAD4_MVA + 20])

    system = andes_system(IEEE14)
    assert system.PFlow.run()
    system.TDS.init()
    system.PQ.Ppf.v[system.PQ.idx2uid("PQ_3")] = 0.678
    for k in range(1, 31):
        system.TDS.h = k / 30 - float(system.dae.t)
        system.dae.t[...] = k / 30
        assert system.TDS.itm_step()
    generator = system.GENROU.idx2uid("GENROU_2")
    expected = [
        system.Bus.v.v[system.Bus.idx2uid(4)],
        system.Bus.a.v[system.Bus.idx2uid(14)],
        67.8,
        12.7,  # the case file: q0 of PQ_1
        *(getattr(system.GENROU, name).v[generator] for name in ("omega", "delta")),
        *(100 * getattr(system.GENROU, name).v[generator] for name in ("Pe", "Qe")),
    ]
    assert expected[4] != pytest.approx(1, abs=1e-4)  # the change is seen at all
    assert transmission.observed() == pytest.approx(expected, abs=1e-9)


# ---- what is said when it fails ----------------------------------------------------------------------------


def test_a_load_too_large_is_said_with_time_and_step() -> None:
    transmission = adapter(IEEE14, BUS4)
    transmission.start([LOAD4_MVA])
    transmission.advance(1.0, [LOAD4_MVA])
    with pytest.raises(SimulationError, match=r"ieee14_full does not converge at t = 1\.\d+ s \(step .* mismatch"):
        transmission.advance(2.0, [-5000 + 0j])


def test_an_impedance_in_the_place_of_the_interface_is_refused() -> None:
    with pytest.raises(SimulationError, match=r"puts bus 4 at 0\.7\d\d pu, outside 0\.8 to 1\.2 pu"):
        adapter(IEEE14, BUS4).power_flow([800 + 7j])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"interfaces": [Attachment("x", 40, None)]}, "has no bus 40"),
        ({"interfaces": [Attachment("x", 4, "PQ_99")]}, "has no load 'PQ_99'"),
        ({"interfaces": [Attachment("x", 5, "PQ_3")]}, "load PQ_3 of ieee14_full is at bus 4, not at bus 5"),
        ({"options": [("tolerance", 1e-6)]}, "no option tolerance here; there are tol, max_iter"),
        ({"options": [("pflow_tol", 1e-30)]}, "the power flow of ieee14_full does not converge"),
    ],
)
def test_wrong_settings_are_one_sentence(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SimulationError, match=sentence) as caught:
        adapter(IEEE14, **{"interfaces": [BUS4], **change})
    assert "\n" not in str(caught.value)


def test_a_changed_case_is_refused() -> None:
    with pytest.raises(SimulationError, match="differs from the model that this study was compiled for"):
        adapter(replace(andes_case(IEEE14), sha256="0" * 64), BUS4)


def test_a_case_without_dynamics_cannot_start() -> None:
    transmission = adapter("wscc9/wscc9.xlsx")
    with pytest.raises(SimulationError, match="wscc9 has no dynamic models"):
        transmission.start([])


def test_dynamics_out_of_equilibrium_are_refused() -> None:
    transmission = adapter("ieee14/ieee14_ieeevc2.xlsx")
    with pytest.raises(SimulationError, match="do not start in equilibrium"):
        transmission.start([])


# ---- manners -----------------------------------------------------------------------------------------------


def test_nothing_is_written_or_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))
    (tmp_path / "temp").mkdir()
    cases = cases_folder()
    assert cases is not None
    before = {path: path.stat().st_mtime_ns for path in (cases / "ieee14").iterdir()}
    transmission = adapter(IEEE14, BUS4)
    transmission.start([LOAD4_MVA])
    transmission.advance(1.0, [LOAD4_MVA])
    with pytest.raises(SimulationError):
        transmission.advance(2.0, [-5000 + 0j])
    logging.getLogger("andes.test").error("an error that ANDES logs")
    assert Path.cwd() == tmp_path
    assert [path.name for path in tmp_path.rglob("*")] == ["temp"]
    assert {path: path.stat().st_mtime_ns for path in (cases / "ieee14").iterdir()} == before
    assert capfd.readouterr().out == ""


def test_user_settings_of_andes_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "andes.rc").write_text("[PQ]\npq2z = 0\np2p = 0.0\n[System]\nfreq = 50\nmva = 50\n")
    expected = adapter(IEEE14, BUS4).voltage_pu
    monkeypatch.chdir(tmp_path)
    assert adapter(IEEE14, BUS4).voltage_pu == expected
