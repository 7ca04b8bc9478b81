"""Whole federations with ANDES and OpenDSS under the unmodified `helics run`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from federations import Ended, compiled, journal, run, start, wait
from plans import demo_plan, with_interface, with_simulation

from tdscen import open_run
from tdscen.profiles import Constant
from tdscen.simulators.adapters import Attachment
from tdscen.simulators.andes.runtime import AndesTransmission
from tdscen.simulators.equilibrium import equilibrium
from tdscen.simulators.opendss.runtime import OpenDssFeeder

FEDERATES = ("ieee14", "ieee34_bus4")


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ended, Ended]:
    """The demo, twice at the same time in the same folder."""
    folder = compiled(tmp_path_factory.mktemp("demo") / "study", demo_plan())
    runners = [start(folder), start(folder)]
    first, second = (wait(runner, folder) for runner in runners)
    assert (first.status, second.status) == (0, 0), first.said + second.said
    return first, second


def test_two_runs_at_once_do_not_meet(two_runs: tuple[Ended, Ended]) -> None:
    first, second = two_runs
    assert first.run is not None
    assert second.run is not None
    assert {first.run.name, second.run.name} == {"0001", "0002"}
    assert first.info["port"] != second.info["port"]
    for federate in FEDERATES:
        columns, rows = journal(first.run, federate)
        others, other_rows = journal(second.run, federate)
        assert rows.shape == (16, len(columns))
        assert columns == others
        np.testing.assert_array_equal(rows, other_rows)
    assert not list((first.run.parent / ".rendezvous").iterdir())


def test_the_start_is_the_equilibrium_of_the_adapters(two_runs: tuple[Ended, Ended]) -> None:
    plan = demo_plan()
    interface, feeder = plan.interfaces[0], plan.distributions[0]
    assert two_runs[0].run is not None
    folder = two_runs[0].run.parent.parent
    system = AndesTransmission(
        plan.transmission.case,
        folder,
        interfaces=[Attachment(interface.name, interface.bus, interface.load)],
        step_s=plan.transmission.step_s,
    )
    adapter = OpenDssFeeder(feeder.model, folder, controls="delayed")
    multiplier = 1.0 + 0.025 * float(np.random.RandomState(981).randn())
    agreed = equilibrium(system, [adapter], [interface.scale], [multiplier])
    row = open_run(two_runs[0].run).interfaces.iloc[0]
    assert row["exchanges"] == agreed.exchanges
    assert row["p_mw"] == pytest.approx(agreed.power_mva[0].real, rel=1e-12)
    assert row["q_mvar"] == pytest.approx(agreed.power_mva[0].imag, rel=1e-12)
    voltage_pu = row["v_pu"] * np.exp(1j * row["angle_rad"])
    assert abs(voltage_pu - agreed.voltage_pu[0]) < 1e-9  # the run solves the power flow once more
    assert row["mismatch_pu"] < 1e-9


def test_each_step_draws_what_the_feeder_delivered_at_the_step_before(two_runs: tuple[Ended, Ended]) -> None:
    table = open_run(two_runs[0].run or "").interfaces
    for drawn, delivered in (("drawn_p_mw", "p_mw"), ("drawn_q_mvar", "q_mvar")):
        np.testing.assert_allclose(table[drawn][1:], table[delivered][:-1], atol=1e-6)
        assert table[drawn][0] == pytest.approx(table[delivered][0], abs=1e-6)
    # The load factors of the published lesson move the load by some MW, and the voltage against it.
    assert np.ptp(table["p_mw"]) > 1.0
    assert np.polyfit(table["drawn_p_mw"], table["v_pu"], 1)[0] < 0


@pytest.mark.parametrize("coupling", ["serial", "parallel"])
def test_nothing_moves_with_a_constant_profile(tmp_path: Path, coupling: str) -> None:
    plan = with_simulation(with_interface(demo_plan(), profile=Constant(1.0)), coupling=coupling)
    ended = run(compiled(tmp_path / "study", plan))
    assert ended.status == 0, ended.said
    table = open_run(ended.run or "").interfaces
    assert len(table) == 16
    voltage_pu = table["v_pu"] * np.exp(1j * table["angle_rad"])
    assert abs(voltage_pu - voltage_pu[0]).max() < 1e-6
    assert table["p_mw"][0] == pytest.approx(47.8, rel=0.01)  # 23.3 is the factor at which IEEE 34 takes PQ_3's power
    assert table["v_pu"][0] == pytest.approx(1.0126, abs=1e-3)


def test_a_changed_model_is_refused_by_its_federate(tmp_path: Path) -> None:
    folder = compiled(tmp_path / "study", replace(demo_plan(), name="changed"))
    model = folder / "models" / "ieee34" / "ieee34.dss"
    model.write_text(model.read_text() + "\n! edited\n")
    ended = run(folder)
    assert ended.status == 1
    assert "ieee34_bus4 failed before t = 0: models/ieee34/ieee34.dss differs from the model" in ended.info["cause"]
