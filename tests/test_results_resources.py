"""What a run says of its resources."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from run_folders import make_plan

from tdscen.plan import Resource, Target
from tdscen.profiles import Constant
from tdscen.results.extents import Extent
from tdscen.results.recording import Recording, unit_of
from tdscen.results.resources import resource_summaries


def test_extents_what_is_left_and_when_it_went_out_of_service() -> None:
    at = Target("ieee34", "bus", "848")
    resources = (
        Resource("roof", "pv", at, 0.5, Constant(1.0), "unity"),
        Resource("cellar", "storage", at, 0.1, Constant(1.0), "unity", energy_mwh=1.0),
    )
    plan = replace(make_plan(), resources=resources)
    columns = {
        "time_s": [0.0, 1.0, 2.0, 3.0],
        "bus4/ieee34/pv[roof]/p_kw": [400.0, 450.0, 0.0, 0.0],
        "bus4/ieee34/pv[roof]/q_kvar": [0.0, -20.0, 0.0, 0.0],
        "bus4/ieee34/pv[roof]/connected": [1.0, 1.0, 0.0, 0.0],
        "bus4/ieee34/storage[cellar]/p_kw": [-10.0, 0.0, 5.0, 5.0],
        "bus4/ieee34/storage[cellar]/energy_kwh": [500.0, 501.0, 500.0, 499.0],
        "bus4/ieee34/storage[cellar]/connected": [1.0, 1.0, 1.0, 1.0],
    }
    recording = Recording(tuple(columns), np.array(list(columns.values())).T)
    roof, cellar = resource_summaries(plan, recording)
    assert (roof.name, roof.p_kw, roof.q_kvar) == ("roof", Extent(0.0, 450.0), Extent(-20.0, 0.0))
    assert (roof.v_pu, roof.energy_kwh, roof.out_s, roof.out_rows) == (None, None, 2.0, 2)
    assert (cellar.p_kw, cellar.energy_kwh, cellar.out_s, cellar.out_rows) == (Extent(-10.0, 5.0), 499.0, None, 0)
    assert unit_of("bus4/ieee34/storage[cellar]/energy_kwh") == "kWh"
