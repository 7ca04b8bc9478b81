"""The IEEE 13, 37 and 123 node feeders in place of the load at bus 9 of IEEE 14: eight seconds of standstill, then a
load step, against ANDES and OpenDSS called directly in one process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from cosimulations import cosimulate
from model_files import SHARED_FEEDERS
from monolith import Feeder, System, serial_frozen

pytestmark = pytest.mark.skipif(not SHARED_FEEDERS.is_dir(), reason="the shared feeders are not there")

SCENARIO = """scenario "IEEE 14 with another feeder at bus 9"

transmission ieee14 {
  case = "ieee14/ieee14_full.xlsx"
}

distribution feeder {
  model    = "shared/MODEL"
  controls = frozen
}

profile rise = step(at = 9 s, to = 1.05)

interface bus9 {
  transmission = ieee14.bus[9]
  distribution = feeder
  scale        = match_load
  load         = rise
}

require {
  voltage        = 0.95 pu .. 1.05 pu
  feeder_voltage = 0.85 pu .. 1.1 pu
  frequency      = 59.9 Hz .. 60.1 Hz
  balance        < 1 W
  scaling        < 0.000001 %
  causality      < 0
  unbalance      < 17 %
}

simulation {
  step = 1 s
  stop = 15 s
}
"""
MULTIPLIERS = np.where(np.arange(16) < 9, 1.0, 1.05)


@dataclass(frozen=True)
class Case:
    """A feeder, the element at its source, the kV of its source."""

    model: str
    head: str
    kv: float


CASES = {
    "ieee13": Case("ieee13/IEEE13Nodeckt.dss", "Transformer.sub", 115),
    "ieee37": Case("ieee37/ieee37.dss", "Transformer.subxf", 230),
    "ieee123": Case("ieee123/IEEE123Master.dss", "Transformer.reg1a", 4.16),
}


SOME = [pytest.param(case, id=name, marks=() if name == "ieee13" else pytest.mark.slow) for name, case in CASES.items()]


@pytest.mark.parametrize("case", SOME)
def test_another_feeder_in_place_of_the_load_at_bus_9(case: Case, tmp_path: Path) -> None:
    (tmp_path / "shared").symlink_to(SHARED_FEEDERS)
    run = cosimulate(tmp_path, SCENARIO.replace("MODEL", case.model))
    table, info = run.interfaces, json.loads((run.folder / "run.json").read_text())
    v_pu, p_mw = table["v_pu"].to_numpy(), table["p_mw"].to_numpy()

    assert p_mw[0] == pytest.approx(29.5, abs=1e-6)  # the load of the case
    assert np.ptp(v_pu[:9]) < 1e-9
    assert np.ptp(p_mw[:9]) < 1e-6
    assert [outcome["holds"] for outcome in info["requirements"]] == [True] * 7, info["requirements"]

    factor = run.plan.interface("bus9").scale.p_factor
    feeder = Feeder(SHARED_FEEDERS / case.model, (case.head,), 1e-9 * case.kv**2)
    voltages_pu, powers_mva = serial_frozen(Path(), factor, MULTIPLIERS, feeder, System(9, "PQ_6"))
    assert v_pu == pytest.approx(np.abs(voltages_pu), rel=1e-7)
    assert p_mw == pytest.approx(powers_mva.real, rel=1e-7)
    assert table["q_mvar"].to_numpy() == pytest.approx(powers_mva.imag, rel=1e-6)
    assert table["angle_rad"].to_numpy() == pytest.approx(np.angle(voltages_pu), abs=1e-7)
