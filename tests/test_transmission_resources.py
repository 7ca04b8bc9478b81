"""Cases that bring inverter-based resources of their own run as any other."""

from __future__ import annotations

from pathlib import Path

import pytest
from cosimulations import cosimulate, scenario


@pytest.mark.slow
@pytest.mark.parametrize("case", ["ieee14_pvd1", "ieee14_esd1"])
def test_a_case_with_inverters_runs_and_stands_still(case: str, tmp_path: Path) -> None:
    # Their inverters stand at bus 4 with a narrow range of Q: only the load's own Q leaves them within it.
    text = scenario(load="constant(1)", stop="3 s", scale="match_load(q = separate)").replace("ieee14_full", case)
    table = cosimulate(tmp_path, text).interfaces
    assert len(table) == 4
    assert table["v_pu"].max() - table["v_pu"].min() < 1e-6
