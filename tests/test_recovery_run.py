"""A study with a fault, from the scenario's text to the outcome of its requirements."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cosimulations import cosimulate, scenario

ASKED = """
event dip {
  at          = 1 s
  fault       = ieee14.bus[5]
  reactance   = 0.05 pu
  clear_after = 100 ms
}

require {
  recovery  = above(0.98 pu, within = 1 s)
  causality < 0
  balance   < 1 kW
  unbalance < 10 %
}
"""


def test_recovery_of_a_fault_is_read_off_the_recorded_voltage(tmp_path: Path) -> None:
    text = scenario(load="step(at = 500 ms, to = 1.02)", coupling="iterative(tolerance = 0.000001)")
    text = text.replace("  step = 1 s\n  stop = 15 s", "  step = 50 ms\n  transmission_step = 50 ms\n  stop = 2200 ms")
    run = cosimulate(tmp_path, text.replace("profile wobble", "# profile wobble") + ASKED)
    table = run.interfaces
    info = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))
    outcomes = {outcome["name"]: outcome for outcome in info["requirements"]}

    low = table[(table.time_s > 1.1 + 1e-9) & (table.v_pu < 0.98)].time_s.max()
    back = table[table.time_s > low].time_s.iloc[0]
    assert table[table.time_s.between(1.0001, 1.1)].v_pu.max() < 0.7
    assert 1.1 < low < back < 2.1
    assert outcomes["recovery"]["measured"] == pytest.approx(back - 1.1)
    assert (outcomes["recovery"]["time_s"], outcomes["recovery"]["where"]) == (pytest.approx(1.1), "bus4")
    assert "until the first event at t = 1 s" in outcomes["causality"]["sentence"]
    assert [outcome["holds"] for outcome in outcomes.values()] == [True] * 4, outcomes
