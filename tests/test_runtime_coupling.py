"""Who gets whose value when: federations of fakes against the same two lines of algebra in one process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import FakeFeeder, FakeTransmission
from federations import Ended, faked, journal, run
from plans import demo_plan

from tdscen import open_run
from tdscen.plan import Coupling, FeederFederate, Plan, Scale, Simulation
from tdscen.profiles import Normal, RandomWalk, for_interface, sample
from tdscen.simulators.boundary import interface_power_mva

STEPS = 6


def three_interfaces(coupling: Coupling) -> Plan:
    """Three feeders in two federates, in another order than the plan's; the shunt makes Q depend on V."""
    plan = demo_plan()
    first = plan.interfaces[0]
    return replace(
        plan,
        interfaces=(
            replace(first, name="north", scale=Scale("10", 10.0, 12.0, 3.0, "")),
            replace(first, name="east", bus=9, scale=Scale("7", 7.0, 7.0, 0.0, "")),
            replace(first, name="south", bus=5, profile=RandomWalk(1.0, 0.02, 0.1, 7, independent=True)),
        ),
        feeder_federates=(FeederFederate("pair", ("south", "north")), FeederFederate("single", ("east",))),
        simulation=Simulation(0.1, STEPS * 0.1, STEPS, coupling),
    )


def by_hand(plan: Plan) -> dict[str, Any]:
    """The same exchanges without HELICS; arrays with one row a time and one column an interface, in T's order."""
    names = [name for federate in plan.feeder_federates for name in federate.interfaces]
    interfaces = [plan.interface(name) for name in names]
    times_s = np.arange(STEPS + 1) * 0.1
    multiplier = np.column_stack([sample(for_interface(i.profile, i.name), times_s) for i in interfaces])
    system = FakeTransmission(None, None, interfaces=interfaces, observe=())  # type: ignore[arg-type]
    feeders = [FakeFeeder(None, None, observe=()) for _ in interfaces]

    def powers(voltage_pu: Any, k: int) -> Any:
        solved = zip(interfaces, feeders, voltage_pu.tolist(), multiplier[k], strict=True)
        return np.array([interface_power_mva(i.scale, f.solve(v, m), v) for i, f, v, m in solved])

    voltage_pu, moved_pu, exchanges = system.voltage_pu, 1.0, 0
    while moved_pu > 1e-9:
        fed_pu = voltage_pu
        power_mva = powers(fed_pu, 0)
        voltage_pu = system.power_flow(power_mva)
        moved_pu, exchanges = float(np.abs(voltage_pu - fed_pu).max()), exchanges + 1
    found = {"v": [voltage_pu], "fed": [fed_pu], "p": [power_mva], "drawn": [power_mva], "exchanges": exchanges}
    for k in range(1, STEPS + 1):
        delivered_mva, before_pu = found["p"][-1], found["v"][-1] if k > 1 else fed_pu
        voltage_pu = system.advance(times_s[k], delivered_mva)
        fed_pu = voltage_pu if plan.simulation.coupling == "serial" else before_pu
        for column, value in (("v", voltage_pu), ("fed", fed_pu), ("p", powers(fed_pu, k)), ("drawn", delivered_mva)):
            found[column].append(value)
    return {name: np.array(values) for name, values in found.items()} | {"names": names, "multiplier": multiplier}


@pytest.mark.parametrize("coupling", ["serial", "parallel"])
def test_journals_equal_the_same_exchanges_in_one_process(tmp_path: Path, coupling: Coupling) -> None:
    plan = three_interfaces(coupling)
    ended = run(faked(tmp_path / "study", plan))
    assert ended.status == 0, ended.said
    expected = by_hand(plan)
    table = open_run(tmp_path / "study").table
    assert table["time_s"].tolist() == [k * 0.1 for k in range(STEPS + 1)]
    for i, name in enumerate(expected["names"]):
        for column, values in (
            ("v_pu", np.abs(expected["v"][:, i])),
            ("angle_rad", np.angle(expected["v"][:, i])),
            ("fed_v_pu", np.abs(expected["fed"][:, i])),
            ("p_mw", expected["p"][:, i].real),
            ("q_mvar", expected["p"][:, i].imag),
            ("drawn_p_mw", expected["drawn"][:, i].real),
            ("drawn_q_mvar", expected["drawn"][:, i].imag),
            ("multiplier", expected["multiplier"][:, i]),
        ):
            # The last bit of |V| depends on where in an array numpy's vector code meets it.
            np.testing.assert_allclose(table[f"{name}/{column}"], values, rtol=1e-15, err_msg=f"{name}/{column}")
        assert table[f"{name}/exchanges"].tolist() == [expected["exchanges"]] + [1] * STEPS


def test_a_row_holds_the_solution_before_the_controls_acted_on_it(serial_run: Ended) -> None:
    assert serial_run.run is not None
    columns, rows = journal(serial_run.run, "ieee34_bus4")
    of = {name: rows[:, i] for i, name in enumerate(columns)}
    phases_kw = of["bus4/p_a_kw"] + of["bus4/p_b_kw"] + of["bus4/p_c_kw"]
    np.testing.assert_allclose(of["bus4/p_kw"], phases_kw, rtol=1e-14)
    np.testing.assert_allclose(of["bus4/p_mw"], 23.3 * of["bus4/p_kw"] / 1000, rtol=1e-14)
    assert of["bus4/taps_moved"].tolist() == [0, 1, 0, 1, 0, 1]


def test_the_profile_of_the_lesson_arrives_at_the_feeder(serial_run: Ended) -> None:
    assert serial_run.run is not None
    columns, rows = journal(serial_run.run, "ieee34_bus4")
    expected = 1.0 + 0.025 * np.random.RandomState(981).randn(6)
    np.testing.assert_array_equal(rows[:, columns.index("bus4/multiplier")], expected)


def test_run_json_says_what_ran(serial_run: Ended) -> None:
    info = serial_run.info
    assert info["state"] == "complete"
    assert info["exit_status"] == 0
    assert info["seeds"] == {"bus4": [981]}
    assert info["scale"]["bus4"]["p_factor"] == 23.3
    assert info["notes"] == {"ieee14": ["this is no simulator"]}
    assert info["versions"]["helics"]
    for federate in ("ieee14", "ieee34_bus4"):
        timings = info["timings"]["federates"][federate]
        measured = {"connect_s", "load_s", "equilibrium_s", "loop_s", "waiting_s", "recording_s", "beside_s"}
        assert set(timings) == measured
        assert 0 < timings["waiting_s"] < timings["loop_s"] < info["timings"]["wall_s"]


@pytest.fixture(scope="module")
def serial_run(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    plan = demo_plan()
    assert plan.interfaces[0].profile == Normal(1.0, 0.025, 1.0, 981)
    short = replace(plan, simulation=Simulation(1.0, 5.0, 5, "serial"))
    ended = run(faked(tmp_path_factory.mktemp("serial") / "study", short))
    assert ended.status == 0, ended.said
    return ended


@pytest.mark.parametrize("coupling", ["serial", "parallel"])
def test_the_others_go_on_while_a_step_is_recorded(coupling: Coupling, tmp_path: Path) -> None:
    """A feeder acts at t only when T has begun the step behind t, which T never would without the feeder's release."""
    plan = replace(demo_plan(), simulation=Simulation(0.5, 2.0, 4, coupling))
    marks = tmp_path / "marks"
    marks.mkdir()
    begun = f"        open({str(marks)!r} + f'/{{round(time_s * 2)}}', 'w').close()\n"
    awaited = (
        "        import os, time; late = time.monotonic() + 20\n"
        f"        mark = {str(marks)!r} + f'/{{round(time_s * 2) + 1}}'\n"
        "        while time_s < 2 and not os.path.exists(mark):\n"
        "            assert time.monotonic() < late, mark\n"
        "            time.sleep(0.001)\n"
    )
    advance, act = "        voltage_pu = system.advance(", "        taps_moved = ["
    edits = {"ieee14": {advance: begun + advance}, "ieee34_bus4": {act: awaited + act}}
    ended = run(faked(tmp_path / "study", plan, edits))
    assert ended.status == 0, ended.said
    assert len(list(marks.iterdir())) == 4
    untouched = run(faked(tmp_path / "plain", plan))
    assert untouched.status == 0
    assert open_run(tmp_path / "study").table.equals(open_run(tmp_path / "plain").table)
