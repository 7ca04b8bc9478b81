"""Studies without dynamics: each time is the power flow that ANDES gives when it is driven by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cosimulations import ROOT, cosimulate
from model_files import andes_case

from tdscen.compiler import check_file
from tdscen.plan import Event, Observation, Target
from tdscen.simulators import SimulationError
from tdscen.simulators.adapters import Attachment
from tdscen.simulators.andes import pycode
from tdscen.simulators.andes.files import cases_folder
from tdscen.simulators.andes.quasi_static import AndesPowerFlow

CASE14 = "matpower/case14.m"
IEEE14 = "ieee14/ieee14_full.xlsx"
DAY = ROOT / "scenarios" / "day_quasi_static.tds"
POWERS_MVA = (47.8 + 3.9j, 60 + 10j, 20 - 5j, 47.8 + 3.9j)


def adapter(case: str, *at: Attachment, extra: tuple[str, ...] = (), **settings: Any) -> AndesPowerFlow:
    return AndesPowerFlow(andes_case(case, *extra), Path("/nonexistent"), interfaces=at, **settings)


def by_hand(case: str, *, out: tuple[tuple[str, object], ...] = (), **loads: complex) -> Any:
    """The case in ANDES itself, devices `out` of service before it is set up, loads (MVA) set; solved."""
    import andes

    folder = cases_folder()
    assert folder is not None
    system = andes.load(
        str(folder / case), setup=False, no_output=True, default_config=True, pycode_path=str(pycode.prepare())
    )
    for model, idx in out:
        device = getattr(system, model)
        device.u.v[device.idx.v.index(idx)] = 0
    system.setup()
    system.PFlow.config.tol = 1e-10
    for idx, power in loads.items():
        uid = system.PQ.idx2uid(idx)
        system.PQ.p0.v[uid], system.PQ.q0.v[uid] = power.real / system.config.mva, power.imag / system.config.mva
    assert system.PFlow.run()
    return system


def phasor(system: Any, bus: object) -> complex:
    uid = system.Bus.idx2uid(bus)
    return complex(system.Bus.v.v[uid] * np.exp(1j * system.Bus.a.v[uid]))


# ---- the adapter -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "bus", "load"),
    [(CASE14, 4, "PQ_3"), (IEEE14, 4, "PQ_3"), ("matpower/case118.m", 59, None), ("ieee14/ieee14.raw", 4, None)],
)
def test_each_time_is_the_power_flow_of_andes(case: str, bus: int, load: str | None) -> None:
    system = by_hand(case)
    if load is None:
        load = next(idx for idx, at in zip(system.PQ.idx.v, system.PQ.bus.v, strict=True) if at == bus)
    transmission = adapter(case, Attachment("here", bus, load))
    assert transmission.voltage_pu[0] == pytest.approx(phasor(system, bus), abs=1e-9)
    transmission.start([POWERS_MVA[0]])
    for k, power in enumerate(POWERS_MVA, start=1):
        expected = phasor(by_hand(case, **{load: power}), bus)
        assert transmission.advance(900.0 * k, [power])[0] == pytest.approx(expected, abs=1e-9)
        assert transmission.drawn_mva[0] == pytest.approx(power, abs=1e-9)
        assert transmission.time_s == 900.0 * k


def test_a_power_flow_depends_on_nothing_before_it() -> None:
    transmission = adapter(CASE14, Attachment("here", 4, "PQ_3"))
    transmission.start([POWERS_MVA[0]])
    first = transmission.attempt(900.0, [POWERS_MVA[0]])
    for power in POWERS_MVA:
        transmission.attempt(900.0, [power])
    assert transmission.attempt(900.0, [POWERS_MVA[0]])[0] == first[0]
    with pytest.raises(SimulationError, match="before its step to 900 s is accepted"):
        transmission.attempt(1800.0, [POWERS_MVA[0]])
    transmission.accept()
    assert transmission.advance(1800.0, [POWERS_MVA[0]])[0] == first[0]


def test_generators_are_recorded_as_the_static_ones_they_model() -> None:
    keys = ("GENROU_1", "GENROU_2")
    observe = [Observation("generator", key, quantity, "") for key in keys for quantity in ("p", "q")]
    observe += [Observation("bus", 4, "v", ""), Observation("load", "PQ_3", "q", "")]
    transmission = adapter(IEEE14, Attachment("here", 5, "PQ_4"), observe=observe)
    system = by_hand(IEEE14)
    slack, pv = system.Slack, system.PV
    at = list(pv.bus.v).index(2)
    expected = [slack.p.v[0], slack.q.v[0], pv.p.v[at], pv.q.v[at]]
    expected = [*(100 * value for value in expected), abs(phasor(system, 4)), 10.0]
    np.testing.assert_allclose(transmission.observed(), expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize(
    ("event", "out"),
    [
        (("open", "line", "Line_5", None, None), ("Line", "Line_5")),
        (("trip", "generator", 3, None, None), ("PV", 3)),
    ],
)
def test_what_trips_is_as_if_it_had_never_been(event: tuple[Any, ...], out: tuple[str, object]) -> None:
    action, device, key, quantity, value = event
    what = Event("e", 900.0, action, Target("grid", device, key, quantity), value=value)
    observe = [Observation("generator", 3, "q", ""), Observation("generator", 1, "p", "")]
    transmission = adapter(CASE14, Attachment("here", 4, "PQ_3"), events=[what], observe=observe)
    transmission.start([POWERS_MVA[0]])
    before = transmission.voltage_pu[0]
    assert transmission.advance(900.0, [POWERS_MVA[0]])[0] == before  # the row of its time is before it
    after = transmission.advance(1800.0, [POWERS_MVA[0]])[0]
    system = by_hand(CASE14, out=(out,), PQ_3=POWERS_MVA[0])
    assert abs(after - before) > 1e-3
    assert after == pytest.approx(phasor(system, 4), abs=1e-9)
    assert transmission.observed()[1] == pytest.approx(100 * system.Slack.p.v[0], abs=1e-6)
    assert (transmission.observed()[0] == 0) == (device == "generator")


def test_setpoints_and_loads_take_their_values() -> None:
    events = [
        Event("load", 0.0, "set", Target("grid", "load", "PQ_1", "p"), value=30.0),
        Event("p", 0.0, "set", Target("grid", "generator", 2, "p_ref"), value=50.0),
        Event("v", 0.0, "set", Target("grid", "generator", 3, "v_ref"), value=1.0),
        Event("closed", 1.0, "close", Target("grid", "line", "Line_5")),
        Event("opened", 0.0, "open", Target("grid", "line", "Line_5")),
    ]
    transmission = adapter(CASE14, Attachment("here", 4, "PQ_3"), events=events)
    transmission.start([POWERS_MVA[0]])
    transmission.advance(1.0, [POWERS_MVA[0]])
    system = by_hand(CASE14, PQ_3=POWERS_MVA[0], PQ_1=30 + 12.7j)
    system.PV.p0.v[system.PV.idx2uid(2)], system.PV.v0.v[system.PV.idx2uid(3)] = 0.5, 1.0
    assert system.PFlow.run()
    assert transmission.advance(2.0, [POWERS_MVA[0]])[0] == pytest.approx(phasor(system, 4), abs=1e-9)


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (Event("e", 1.0, "fault", Target("grid", "bus", 4)), "a fault has no meaning"),
        (Event("e", 1.0, "trip", Target("grid", "generator", 1)), "generator 1 is the slack"),
        (Event("e", 1.0, "set", Target("grid", "load", "PQ_3", "p"), value=1.0), "whose place a feeder has taken"),
    ],
)
def test_events_without_a_meaning_are_refused(event: Event, sentence: str) -> None:
    with pytest.raises(SimulationError, match=sentence):
        adapter(CASE14, Attachment("here", 4, "PQ_3"), events=[event])


def test_more_than_the_network_carries_is_a_sentence_with_its_time() -> None:
    transmission = adapter(CASE14, Attachment("here", 14, "PQ_11"))
    transmission.start([14.9 + 5j])
    with pytest.raises(SimulationError, match=r"t = 900 s"):
        transmission.advance(900.0, [1000 + 500j])


def test_a_power_flow_far_from_its_start_begins_at_the_last_solution() -> None:
    """From a starting point that leads nowhere the second attempt gives the power flow's solution, and is noted."""
    transmission = adapter(CASE14, Attachment("here", 4, "PQ_3"))
    transmission.start([POWERS_MVA[0]])
    expected = transmission.advance(900.0, [POWERS_MVA[1]])[0]
    transmission.advance(1800.0, [POWERS_MVA[0]])
    transmission._case.system.Bus.v0.v[:] = 0.05
    assert transmission.advance(2700.0, [POWERS_MVA[1]])[0] == pytest.approx(expected, abs=1e-9)
    assert transmission.notes[-1] == "the power flow at t = 2700 s converges from the last solution only"


# ---- the language ------------------------------------------------------------------------------------------


def test_a_dynamic_case_may_be_studied_without_its_dynamics(tmp_path: Path) -> None:
    text = DAY.read_text(encoding="utf-8").replace(CASE14, IEEE14).replace("generator[1].p", "generator[*].p")
    plan = _checked(tmp_path, text)
    assert not plan.transmission.dynamics
    columns = [o.column for o in plan.transmission.observe]
    assert "generator[GENROU_1]/p_mw" in columns
    assert not any("omega" in column for column in columns)


def test_a_case_whose_dynamics_do_not_start_may_be_studied_without(tmp_path: Path) -> None:
    text = DAY.read_text(encoding="utf-8").replace(CASE14, "ieee14/ieee14_ieeevc2.xlsx")
    assert not _checked(tmp_path, text.replace("generator[1].p", "bus[1].v")).transmission.dynamics


def _checked(folder: Path, text: str) -> Any:
    for name in ("feeders", "profiles"):
        (folder / name).symlink_to(ROOT / "scenarios" / name)
    (folder / "study.tds").write_text(text, encoding="utf-8")
    checked = check_file(folder / "study.tds")
    assert [d.message for d in checked.diagnostics] == []
    return checked.plan


# ---- federations -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("coupling", ["iterative(tolerance = 1e-8)", "serial", "parallel"])
def test_a_day_is_a_power_flow_each_quarter_of_an_hour(tmp_path: Path, coupling: str) -> None:
    text = DAY.read_text(encoding="utf-8")
    text = text.replace("iterative(tolerance = 1e-8)", coupling).replace("profiles/", f"{ROOT}/scenarios/profiles/")
    if coupling != "iterative(tolerance = 1e-8)":
        text = text.replace("24 h", "2 h")
    run = cosimulate(tmp_path, text)
    table = run.interfaces
    steps = 96 if coupling.startswith("iterative") else 8
    assert len(table) == steps + 1
    system = by_hand(CASE14)
    load = system.PQ.idx2uid("PQ_3")
    columns = ("time_s", "v_pu", "angle_rad", "p_mw", "q_mvar", "drawn_p_mw", "drawn_q_mvar")
    rows = np.column_stack([np.asarray(table[name], float) for name in columns])
    for row in rows:
        system.PQ.p0.v[load], system.PQ.q0.v[load] = row[5] / 100, row[6] / 100
        assert system.PFlow.run()
        assert row[1] * np.exp(1j * row[2]) == pytest.approx(phasor(system, 4), abs=1e-9)
    delivered = rows[:, 3] if coupling.startswith("iterative") else np.r_[rows[0, 3], rows[:-1, 3]]
    np.testing.assert_allclose(rows[:, 5], delivered, rtol=0, atol=1e-9)  # with no lag, or with that of one step
    assert rows[:, 3].max() - rows[:, 3].min() > 1


def test_events_of_a_scenario_switch_between_power_flows(tmp_path: Path) -> None:
    text = DAY.read_text(encoding="utf-8").replace("24 h", "1 h").replace("profiles/", f"{ROOT}/scenarios/profiles/")
    text += '\nevent out {\n  at   = 20 min\n  open = grid.line["Line_5"]\n}\n'
    text += "\nevent lost {\n  at   = 40 min\n  trip = grid.generator[3]\n}\n"
    table = cosimulate(tmp_path, text).interfaces
    out: list[tuple[str, object]] = [("Line", "Line_5"), ("PV", 3)]
    columns = ("time_s", "v_pu", "angle_rad", "p_mw", "q_mvar")
    for time_s, v_pu, angle_rad, p_mw, q_mvar in np.column_stack([np.asarray(table[c], float) for c in columns]):
        happened = out[: int(time_s > 1200) + int(time_s > 2400)]
        expected = phasor(by_hand(CASE14, out=tuple(happened), PQ_3=complex(p_mw, q_mvar)), 4)
        assert v_pu * np.exp(1j * angle_rad) == pytest.approx(expected, abs=1e-9)
