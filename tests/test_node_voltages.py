"""Voltages of all nodes of a feeder over a run: distances and values against OpenDSS, the folder of a run and back."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dss import DSS
from model_files import IEEE34, SHARED_FEEDERS, feeder
from run_folders import make_plan, write_run

from tdscen.plan import Event, Observation, Target
from tdscen.results import open_run
from tdscen.results.errors import RunDamaged
from tdscen.results.node_voltages import node_voltages as read
from tdscen.runtime.node_voltages import NodeVoltages
from tdscen.simulators.opendss.runtime import OpenDssFeeder

LOWEST = Observation("feeder", None, "v_min", "feeder/v_min_pu")
MASTERS = {
    "ieee34": IEEE34,
    "ieee13": SHARED_FEEDERS / "ieee13" / "IEEE13Nodeckt.dss",
    "ieee123": SHARED_FEEDERS / "ieee123" / "IEEE123Master.dss",
}


def opened(master: Path, **settings: Any) -> OpenDssFeeder:
    model, folder = feeder(master)
    return OpenDssFeeder(model, folder, **{"controls": "frozen", "observe": [LOWEST], **settings})


@pytest.mark.parametrize("name", MASTERS)
def test_distances_are_those_of_an_energy_meter_at_the_source(name: str) -> None:
    master = MASTERS[name]
    if not master.is_file():
        pytest.skip(f"{name} is not in {SHARED_FEEDERS}")
    nodes = opened(master).nodes()
    assert nodes is not None
    dss = DSS.NewContext()
    dss.AllowForms = dss.AllowEditor = dss.AllowChangeDir = False
    dss.Text.Command = f'redirect "{master}"'
    circuit = dss.ActiveCircuit
    first = next(e for e in circuit.AllElementNames if e.split(".")[0] in ("Transformer", "Line", "Reactor"))
    dss.Text.Command = f"New EnergyMeter.test element={first} terminal=1"
    dss.Text.Command = "solve"
    told = dict(zip((str(bus).lower() for bus in circuit.AllBusNames), circuit.AllBusDistances, strict=True))
    assert max(told.values()) > 1
    for node, distance in zip(nodes.names, nodes.distance, strict=True):
        assert distance == pytest.approx(told[node.rsplit(".", 1)[0]], rel=1e-9, abs=1e-9), node


def test_nodes_hang_together_phase_by_phase() -> None:
    nodes = opened(IEEE34).nodes()
    assert nodes is not None
    assert nodes.unit == "km"
    starts = {name.rsplit(".", 1)[0] for name, before in zip(nodes.names, nodes.before, strict=True) if before is None}
    assert starts == {"800"}  # the source; no phase begins elsewhere in this feeder
    for name, distance, before in zip(nodes.names, nodes.distance, nodes.before, strict=True):
        if before is not None:
            ahead = nodes.distance[before]
            assert distance is not None
            assert ahead is not None
            assert ahead <= distance
            assert nodes.names[before].rsplit(".", 1)[1] == name.rsplit(".", 1)[1]


def test_first_lowest_highest_and_last_are_those_of_the_recorded_times() -> None:
    every = [Observation("bus", bus, f"v_{phase}", "") for bus, phase in (("890", "b"), ("800", "a"), ("848", "c"))]
    adapter = opened(IEEE34, observe=[LOWEST, *every])
    rows = []
    for v_pu in (1.0, 1.03, 0.97, 1.01):
        adapter.solve(complex(v_pu), 1.0)
        rows.append(adapter.observed()[1:])
    readings, (first, lowest, highest, last) = adapter.node_voltages_pu()
    names = adapter.nodes().names  # type: ignore[union-attr]
    places = [names.index(node) for node in ("890.2", "800.1", "848.3")]
    values = np.array(rows)
    assert readings == 4
    np.testing.assert_array_equal(first[places], values[0])
    np.testing.assert_array_equal(lowest[places], values.min(axis=0))
    np.testing.assert_array_equal(highest[places], values.max(axis=0))
    np.testing.assert_array_equal(last[places], values[-1])
    np.testing.assert_allclose(lowest[names.index("800.1")], 0.97, atol=1e-6)


def test_a_node_without_supply_has_no_voltage_rather_than_zero() -> None:
    opening = Event("cut", 1.0, "open", Target("ieee34", "line", line_to("890")))
    adapter = opened(IEEE34, events=[opening])
    adapter.solve(1 + 0j, 1.0)
    adapter.observed()
    adapter.act(1.0)
    adapter.solve(1 + 0j, 1.0)
    adapter.observed()
    names = adapter.nodes().names  # type: ignore[union-attr]
    _, (first, lowest, _, last) = adapter.node_voltages_pu()
    behind = names.index("890.1")
    assert first[behind] == lowest[behind] > 0.8
    assert math.isnan(last[behind])
    assert np.isfinite(last[names.index("848.1")])


def line_to(bus: str) -> str:
    from tdscen.simulators.opendss.files import locate
    from tdscen.simulators.opendss.probe import probe

    lines = probe(locate(IEEE34.name, IEEE34.parent)).lines
    return next(line.name for line in lines if line.to_bus.split("_")[-1] == bus)


class Kept:
    """An adapter that keeps voltages."""

    def __init__(self, values: np.ndarray) -> None:
        self._values = values

    def nodes(self) -> Any:
        return opened(IEEE34).nodes()

    def node_voltages_pu(self) -> tuple[int, np.ndarray]:
        return 16, self._values


def test_what_a_federate_leaves_is_read_back(tmp_path: Path) -> None:
    plan = make_plan(interfaces=2)
    run = open_run(write_run(tmp_path / "0001", plan))
    assert read(run) == ()
    count = len(opened(IEEE34).nodes().names)  # type: ignore[union-attr]
    values = np.arange(8.0 * count).reshape(2, 4, count)
    values[1, 3, 5] = np.nan
    feeders = [Kept(values[1]), object(), Kept(values[0])]
    NodeVoltages(feeders, ["bus5", "bus6", "bus4"], ["ieee34"] * 3).write(run.folder, "ieee34")
    one, other = read(run)
    assert (one.interface, other.interface, one.readings, one.unit) == ("bus4", "bus5", 16, "km")
    np.testing.assert_array_equal([one.first_pu, one.lowest_pu, one.highest_pu, one.last_pu], values[0])
    np.testing.assert_array_equal([other.first_pu, other.lowest_pu, other.highest_pu, other.last_pu], values[1])
    assert set(one.phase.tolist()) == {1, 2, 3}
    assert one.placed.all()
    (run.folder / "voltages" / "ieee34.f64").write_bytes(b"short")
    with pytest.raises(RunDamaged, match="cannot be read"):
        read(run)


def test_a_federate_whose_adapters_keep_nothing_writes_nothing(tmp_path: Path) -> None:
    NodeVoltages([object()], ["bus4"], ["ieee34"]).write(tmp_path, "ieee34")
    assert not list(tmp_path.iterdir())
    assert read(replace(open_run(write_run(tmp_path / "r", make_plan())), folder=tmp_path)) == ()
