"""With constant profiles nothing moves, whatever the case; and every case of the list takes feeders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cosimulations import cosimulate, scenario
from steady import DYNAMIC, LIMIT_PU, STATIC, Case, Steady, steady

QUICK = ("ieee14/ieee14_full.xlsx", "kundur/kundur_full.xlsx", "wscc9/wscc9.xlsx")


def _each() -> list[object]:
    return [
        pytest.param(case, id="+".join((case.name, *case.extra)), marks=() if case.name in QUICK else pytest.mark.slow)
        for case in (*DYNAMIC, *STATIC)
    ]


@pytest.mark.filterwarnings("ignore:Casting complex values to real")
@pytest.mark.parametrize("case", _each())
def test_a_case_with_feeders_stands_still(case: Case) -> None:
    found = steady(case)
    assert found.stands, found
    assert len(found.buses) >= 2


def test_a_case_that_moves_is_not_said_to_stand() -> None:
    assert not Steady(DYNAMIC[0], (2,), 4, 0.0, 2e-6, 1e-9).stands
    assert Steady(DYNAMIC[0], (2,), 4, 0.0, 2e-6, 3e-6).stands


def test_a_federation_of_three_feeders_stands_still(tmp_path: Path) -> None:
    text = scenario(load="constant(1)", stop="5 s").replace(
        "ieee14.bus[4]", "[ieee14.bus[2], ieee14.bus[3], ieee14.bus[4]]"
    )
    table = cosimulate(tmp_path, text).interfaces
    bus, v_pu = np.asarray(table["interface"]), np.asarray(table["v_pu"], float)
    names = sorted(set(bus.tolist()))
    assert len(names) == 3
    for name in names:
        own = v_pu[bus == name]
        assert len(own) == 6
        assert np.abs(own - own[0]).max() < LIMIT_PU
