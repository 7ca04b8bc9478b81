"""The feeder model's own monitors in a run, against OpenDSS sampled by hand."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from cosimulations import ROOT, compiled, scenario
from interruptions import journals, killed, resumed, whole
from numpy.typing import NDArray
from test_opendss_adapter import engine, feed, opened, say, written

from tdscen.results import open_run
from tdscen.runtime import monitors

SHIPPED = ROOT / "scenarios" / "feeders" / "ieee34" / "ieee34.dss"
MONITORS = """
New Monitor.head element=Line.seg800_802 terminal=1 mode=0
New Monitor.power element=Line.seg800_802 terminal=1 mode=1 ppolar=no
New Monitor.tap element=Transformer.reg814a terminal=2 mode=2
New Monitor.../../escape element=Load.s890 terminal=1 mode=33
"""


def monitored(folder: Path) -> Path:
    """The shipped feeder with four monitors."""
    return written(folder, SHIPPED.read_text() + MONITORS)


def read(path: Path) -> tuple[list[str], NDArray[np.float64]]:
    """Header and rows of a monitor's file."""
    with path.open(newline="") as file:
        header, *rows = csv.reader(file, skipinitialspace=True)
    return header, np.array(rows, np.float64)


def test_they_see_each_recorded_solution_once_as_in_opendss_itself(tmp_path: Path) -> None:
    feeder, dss = opened(monitored(tmp_path), controls="frozen"), engine(monitored(tmp_path), 1e-6)
    times_s = [0.0, 0.5, 3599.75, 3600.0]
    voltages_pu = [1.02, 1.03 + 0.05j, 0.99 - 0.1j, 1.0]
    feeder.settle(voltages_pu[0], 1.0)
    feeder.start_clock()
    for time_s, voltage_pu in zip(times_s[1:], voltages_pu[1:], strict=True):
        feeder.begin(time_s)
        feeder.solve(0.97, 1.0)  # an exchange that is not the last one
        feeder.solve(voltage_pu, 0.9)
        feeder.act(time_s)
    streams = {stream.name: stream for stream in feeder.monitors()}
    assert list(streams) == ["head", "power", "tap", "../../escape"]
    assert streams["head"].columns[:4] == ("hour", "t(sec)", "V1", "VAngle1")
    assert streams["power"].values[:, :2].tolist() == [[0, 0], [0, 0.5], [0, 3599.75], [1, 0]]

    assert np.ptp(streams["tap"].values[:, 2]) == 0  # frozen
    say(dss, "set controlmode=off tolerance=1e-10")
    dss.ActiveCircuit.Monitors.ResetAll()
    for index, name in enumerate(dss.ActiveCircuit.RegControls.AllNames):
        dss.ActiveCircuit.RegControls.Name = name
        dss.ActiveCircuit.RegControls.TapNumber = int(feeder._positions.read()[index])
    for voltage_pu, multiplier in zip(voltages_pu, (1.0, 0.9, 0.9, 0.9), strict=True):
        feed(dss, voltage_pu)
        say(dss, f"set loadmult={multiplier}", "solve")
        dss.ActiveCircuit.Monitors.SampleAll()
    dss.ActiveCircuit.Monitors.SaveAll()
    for name, stream in streams.items():
        dss.ActiveCircuit.Monitors.Name = name
        expected = np.array(dss.ActiveCircuit.Monitors.AsMatrix())[:, 2:]
        assert list(stream.columns[2:]) == [str(channel).strip() for channel in dss.ActiveCircuit.Monitors.Header]
        scale = np.abs(expected).max()
        assert np.abs(stream.values[:, 2:] - expected).max() < 2e-7 * scale, name  # single precision


def test_a_run_leaves_their_files_and_a_resumed_run_the_same(tmp_path: Path) -> None:
    (tmp_path / "feeders" / "ieee34").mkdir(parents=True)
    monitored(tmp_path / "feeders" / "ieee34").rename(tmp_path / "feeders" / "ieee34" / "ieee34.dss")
    study = compiled(tmp_path, scenario(stop="4 s", step="0.25 s", coupling="iterative"))
    first = whole(study)
    files = {path.name: path.read_bytes() for path in (first / "monitors" / "bus4").iterdir()}
    assert sorted(files) == ["_escape.csv", "head.csv", "power.csv", "tap.csv"]
    run = open_run(first)
    header, rows = read(first / "monitors" / "bus4" / "power.csv")
    assert header[:4] == ["hour", "t(sec)", "P1 (kW)", "Q1 (kvar)"]
    assert np.array_equal(rows[:, 1], run.recording.time_s)
    assert rows[:, 2::2].sum(axis=1) == pytest.approx(run.recording.column("bus4/p_kw"), rel=1e-6)
    assert rows[:, 3::2].sum(axis=1) == pytest.approx(run.recording.column("bus4/q_kvar"), rel=1e-6)
    assert np.ptp(rows[:, 2]) > 1  # the load moved

    again = killed(study, 1.5)
    assert not (again / "monitors").exists()
    resumed(study, again)
    assert journals(again) == journals(first)
    assert {path.name: path.read_bytes() for path in (again / "monitors" / "bus4").iterdir()} == files


def test_a_monitor_out_of_service_has_no_file_and_that_is_said(tmp_path: Path) -> None:
    master = written(tmp_path, SHIPPED.read_text() + MONITORS + "Monitor.tap.enabled=no\n")
    feeder = opened(master, controls="frozen")
    feeder.settle(1.0, 1.0)
    feeder.start_clock()
    for time_s in (0.1, 3600.1):
        feeder.solve(1.0, 1.0)
        feeder.act(time_s)
    monitors.write(tmp_path, [feeder], ["bus4"])
    assert sorted(path.name for path in (tmp_path / "monitors" / "bus4").iterdir()) == [
        "_escape.csv",
        "head.csv",
        "power.csv",
    ]
    _, rows = read(tmp_path / "monitors" / "bus4" / "head.csv")
    assert rows[:, :2].tolist() == [[0.0, 0.0], [0.0, 0.1], [1.0, 0.1]]
    assert [note for note in feeder.notes if "monitor" in note] == [
        "monitor tap of feeder did not sample every recorded time (is it in service?): it has no file"
    ]


def test_names_stay_in_their_folder() -> None:
    names = ["../../etc/passwd", "a b", "a_b", "A_B", "ü", "", "x" * 300, "con.head"]
    found = monitors.file_names(names)
    assert found[:4] == ["_etc_passwd", "a_b", "a_b_2", "A_B_3"]
    assert len({name.casefold() for name in found}) == len(names)
    assert all("/" not in name and "." not in name and 0 < len(name) <= 100 for name in found)
