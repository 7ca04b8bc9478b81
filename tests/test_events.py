"""Events end to end: text in, a co-simulation of ANDES and OpenDSS, and their times in the results."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cosimulations import cosimulate, scenario

from tdscen.results.run import Run

EVENTS = """
event opening {
  at   = 0.35 s
  open = ieee34.line["seg834_860_1"]
}

event rise {
  at  = 0.6 s
  set = ieee34.load["s890"].kW
  to  = 900 kW
}
"""

REFINE = """0.8 s

  refine {
    step = 20 ms
    for  = 50 ms
  }"""


def study(coupling: str) -> str:
    text = scenario(load="constant(1)", stop=REFINE, step="0.1 s", coupling=coupling)
    return text.replace("step = 0.1 s", "step = 0.1 s\n  transmission_step = 0.1 s") + EVENTS


@pytest.fixture(scope="module", params=["serial", "iterative(tolerance = 1e-8)"], ids=["serial", "iterative"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return cosimulate(tmp_path_factory.mktemp("events"), study(request.param))


def test_rows_stand_at_the_times_of_the_plan(run: Run) -> None:
    time_s = run.recording.time_s
    assert time_s.tolist() == list(run.plan.times_s)
    behind = [0.35, 0.35 + 1e-4, 0.35 + 0.02, 0.35 + 0.04]
    assert set(behind) <= set(time_s.tolist())


def test_the_row_of_an_event_is_before_it_and_the_next_one_after(run: Run) -> None:
    time_s, p_kw = run.recording.time_s, run.recording.column("bus4/p_kw")
    opened, risen = (int(np.flatnonzero(time_s == at)[0]) for at in (0.35, 0.6))
    np.testing.assert_allclose(p_kw[: opened + 1], p_kw[0], rtol=1e-6)
    assert p_kw[opened + 1] == pytest.approx(p_kw[0] - 418, abs=15)  # the loads behind 860 draw 417.7 kW
    assert p_kw[risen + 1] - p_kw[risen] > 300  # 450 kW more at constant current and a low voltage
    interface_v = run.recording.column("bus4/v_pu")
    assert abs(interface_v[opened] - interface_v[0]) < 1e-7
    assert interface_v[-1] != pytest.approx(interface_v[0], abs=1e-3)


def test_what_happened_is_written_into_the_record_of_the_run(run: Run) -> None:
    assert [(e["name"], e["at_s"], e["what"]) for e in run.info["events"]] == [
        ("opening", 0.35, "line seg834_860_1 of ieee34 opens"),
        ("rise", 0.6, "kW of load s890 of ieee34 is set to 900 kW"),
    ]


def test_loads_without_supply_are_told_and_count_in_no_extreme(run: Run) -> None:
    (note,) = [n for n in run.info["notes"]["ieee34"] if "lost supply" in n]
    assert note.startswith("11 loads (d834_860_ab")
    assert "at t = 0.35 s" in note
    assert run.recording.column("bus4/ieee34/feeder/v_min_pu").min() > 0.7


ROOF = """
der roof {
  kind    = pv
  at      = ieee34.bus["848"]
  rating  = 500 kVA
  profile = constant(0.8)
}

event cloud {
  at   = 0.3 s
  trip = ieee34.pv["roof"]
}

event dip {
  at          = 0.5 s
  fault       = ieee14.bus[5]
  reactance   = 0.3 pu
  clear_after = 80 ms
}

event governor {
  at  = 0.3 s
  set = ieee14.generator["GENROU_2"].p_ref
  to  = 45 MW
}
"""


def test_events_of_the_case_and_of_the_scenario_together(tmp_path: Path) -> None:
    """A case that trips its own line at 1 s and closes it at 1.1 s; a resource that trips; a fault; a setpoint."""
    text = scenario(load="constant(1)", step="50 ms", stop="1.3 s").replace("ieee14_full", "ieee14_linetrip")
    text = text.replace('_linetrip.xlsx"', '_linetrip.xlsx"\n  disable_events = false', 1) + ROOF
    run = cosimulate(tmp_path, text)
    time_s, v_pu = run.recording.time_s, run.recording.column("bus4/v_pu")
    assert [event["at_s"] for event in run.info["events"]] == [0.3, 0.3, 0.5, 1.0, 1.1]
    assert time_s.tolist() == list(run.plan.times_s)

    def moves(at_s: float, values: np.ndarray = v_pu) -> float:
        """By how much a quantity moves in the 0.1 ms behind an instant."""
        row = int(np.argmin(np.abs(time_s - at_s)))
        return float(values[row + 1] - values[row])

    assert v_pu[time_s <= 0.3] == pytest.approx(v_pu[0], abs=1e-7)
    assert moves(0.5) < -0.1
    assert moves(0.58) > 0.05
    beside_the_line_mw = run.recording.column("ieee14/generator[GENROU_1]/p_mw")
    assert moves(1.0, beside_the_line_mw) < -5 < 5 < moves(1.1, beside_the_line_mw)
    assert moves(0.3, run.recording.column("bus4/p_kw")) == pytest.approx(400, abs=40)  # what the roof gave, and losses
    governed_mw = run.recording.column("ieee14/generator[GENROU_2]/p_mw")
    assert abs(moves(0.3, governed_mw)) < 2  # a governor takes its time
    told = " ".join(run.info["notes"].get("ieee14", []))
    assert "switched off" not in told
