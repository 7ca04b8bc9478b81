"""Several feeders at a bus, parts of loads, feeders at every bus: against one feeder, and against the case alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cosimulations import cosimulate
from model_files import IEEE34, SHARED_FEEDERS, andes_case, feeder

from tdscen.plan import Observation, Scale
from tdscen.simulators.adapters import Attachment
from tdscen.simulators.andes.runtime import AndesTransmission
from tdscen.simulators.equilibrium import Equilibrium, equilibrium
from tdscen.simulators.opendss.runtime import OpenDssFeeder

CASE = "ieee14/ieee14_full.xlsx"
WHOLE = Attachment("bus4", 4, "PQ_3")
RESIDUAL = (Observation("load", "PQ_3", "p", "p"), Observation("load", "PQ_3", "q", "q"))


def start(attachments: list[Attachment], factors: list[float]) -> tuple[AndesTransmission, Equilibrium]:
    model, root = feeder(IEEE34)
    system = AndesTransmission(
        andes_case(CASE), Path("/nonexistent"), interfaces=attachments, step_s=1 / 30, observe=RESIDUAL
    )
    feeders = [OpenDssFeeder(model, root, controls="frozen") for _ in attachments]
    agreed = equilibrium(system, feeders, [Scale("", k, k, 0.0, "") for k in factors], [1.0] * len(factors))
    system.start(agreed.power_mva)
    return system, agreed


def test_two_feeders_at_a_bus_are_one_with_twice_the_factor() -> None:
    part = {"replace_mw": 23.9, "replace_mvar": 5.0}
    shared, two = start([Attachment("a", 4, "PQ_3", **part), Attachment("b", 4, "PQ_3", **part)], [11.0, 11.0])
    alone, one = start([WHOLE], [22.0])
    np.testing.assert_allclose(two.voltage_pu, [one.voltage_pu[0]] * 2, rtol=0, atol=1e-8)
    assert sum(two.power_mva) == pytest.approx(one.power_mva[0], abs=1e-6)
    np.testing.assert_allclose(shared.observed(), 0.0, atol=1e-9)  # nothing is left of the case's own load
    more = [1.1 * power for power in two.power_mva]
    for time_s in (0.5, 1.0):
        of_two = shared.advance(time_s, more)
        of_one = alone.advance(time_s, [1.1 * one.power_mva[0]])
    np.testing.assert_allclose(of_two, [of_one[0]] * 2, rtol=0, atol=1e-8)


def test_what_is_not_replaced_stays_at_the_bus() -> None:
    """The part as the case has it gives the case's own power flow, and the rest stays constant power."""
    own = AndesTransmission(andes_case(CASE), Path("/nonexistent"), interfaces=[WHOLE], step_s=1 / 30)
    part_mva = complex(20.0, 20.0 / 47.8 * 10.0)
    part = Attachment("bus4", 4, "PQ_3", part_mva.real, part_mva.imag)
    system = AndesTransmission(
        andes_case(CASE), Path("/nonexistent"), interfaces=[part], step_s=1 / 30, observe=RESIDUAL
    )
    np.testing.assert_allclose(system.voltage_pu, own.voltage_pu, rtol=0, atol=1e-12)
    assert system.drawn_mva[0] == pytest.approx(part_mva, rel=1e-12)
    system.start([part_mva])
    before = system.observed()
    np.testing.assert_allclose(before, [27.8, 27.8 / 47.8 * 10.0], rtol=1e-9)
    system.advance(1.0, [2 * part_mva])
    assert abs(abs(system.voltage_pu[0]) - abs(own.voltage_pu[0])) > 1e-3
    np.testing.assert_allclose(system.observed(), before, rtol=1e-6)


EVERY_BUS = """scenario "a feeder at every load"

transmission ieee14 {
  case = "ieee14/ieee14_full.xlsx"
}

distribution ieee34 {
  model = "feeders/ieee34/ieee34.dss"
}

profile each = normal(mean = 1, std = 5 %, every = 1 s, seed = 7, independent = true)

interface load {
  transmission = ieee14.bus[*]
  distribution = ieee34
  load         = each
}

simulation {
  step = 500 ms
  stop = 2 s
}

federation {
  workers = 2
}
"""


def test_a_feeder_at_every_bus_with_a_load(tmp_path: Path) -> None:
    run = cosimulate(tmp_path, EVERY_BUS)
    buses = [2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14]
    assert [i.name for i in run.plan.interfaces] == [f"load[{bus}]" for bus in buses]
    table = run.table
    for interface in run.plan.interfaces:
        first = table[f"{interface.name}/p_mw"].iloc[0] / table[f"{interface.name}/multiplier"].iloc[0]
        # Loads of the feeder are partly impedances, so that P does not quite go with the multiplier.
        assert first == pytest.approx(interface.load_p_mw, rel=0.05)
    factors = np.column_stack([table[f"{i.name}/multiplier"] for i in run.plan.interfaces])
    assert len(np.unique(factors[0])) == len(buses)


MIXED = """scenario "feeders of two kinds from a table"

transmission ieee14 {{
  case = "ieee14/ieee14_full.xlsx"
}}

distribution ieee34 {{
  model = "feeders/ieee34/ieee34.dss"
}}

distribution ieee13 {{
  model = "{ieee13}"
}}

interface at {{
  from = "table.csv"
}}

simulation {{
  step     = 1 s
  stop     = 2 s
  coupling = parallel
}}
"""


@pytest.mark.skipif(not SHARED_FEEDERS.is_dir(), reason="the official test feeders are not here")
def test_feeders_of_two_kinds_from_a_table(tmp_path: Path) -> None:
    (tmp_path / "ieee13").symlink_to(SHARED_FEEDERS / "ieee13")
    (tmp_path / "table.csv").write_text(
        "bus,distribution,scale,replace\n"
        "4,ieee34,match_load,30 MW\n4,ieee13,match_load,\n9,ieee13,match_load,\n14,ieee34,2,\n14,ieee34,3,\n"
    )
    run = cosimulate(tmp_path, MIXED.format(ieee13="ieee13/IEEE13Nodeckt.dss"))
    assert [i.name for i in run.plan.interfaces] == ["at[4]", "at[4]_2", "at[9]", "at[14]", "at[14]_2"]
    table = run.table
    for name, p_mw in (("at[4]", 30.0), ("at[4]_2", 17.8), ("at[9]", 29.5)):
        assert table[f"{name}/p_mw"].iloc[0] == pytest.approx(p_mw, abs=1e-5)
    np.testing.assert_array_equal(table["at[4]/v_pu"], table["at[4]_2/v_pu"])
    drift_pu = np.ptp([table[f"{i.name}/v_pu"] for i in run.plan.interfaces], axis=1)
    assert drift_pu.max() < 1e-6


def test_results_do_not_depend_on_how_feeders_are_packed(tmp_path: Path) -> None:
    text = EVERY_BUS.replace("ieee14.bus[*]", "[ieee14.bus[3], ieee14.bus[4], ieee14.bus[9]]")
    runs = [
        cosimulate(tmp_path / str(n), text.replace("workers = 2", f"workers = {n}"))
        for n in (1, 2, 3)
    ]  # fmt: skip
    assert [len(run.plan.feeder_federates) for run in runs] == [1, 2, 3]
    one, *others = (run.table for run in runs)
    for other in others:
        assert set(other.columns) == set(one.columns)
        np.testing.assert_allclose(other[one.columns].to_numpy(), one.to_numpy(), rtol=0, atol=1e-12)
