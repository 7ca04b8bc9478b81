"""Events end to end: text in, a co-simulation of ANDES and OpenDSS, and their times in the results."""

from __future__ import annotations

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


def test_loads_without_supply_are_told_and_count_in_no_extreme(run: Run) -> None:
    (note,) = [n for n in run.info["notes"]["ieee34"] if "lost supply" in n]
    assert note.startswith("11 loads (d834_860_ab")
    assert "at t = 0.35 s" in note
    assert run.recording.column("bus4/ieee34/feeder/v_min_pu").min() > 0.7
