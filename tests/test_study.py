"""The main job, by the unmodified `helics run`, against figures that tdscen did not make."""

from __future__ import annotations

import html
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cosimulations import ROOT, SCENARIO, SCRIPTS, cosimulate, environment, scenario
from monolith import serial_frozen

from tdscen.results import open_run
from tdscen.results.node_voltages import node_voltages
from tdscen.results.run import Run

FEEDER = ROOT / "scenarios" / "feeders" / "ieee34" / "ieee34.dss"
MULTIPLIERS = 1 + 0.025 * np.random.RandomState(981).randn(16)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return cosimulate(tmp_path_factory.mktemp("shipped"), SCENARIO.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def constant(tmp_path_factory: pytest.TempPathFactory) -> Run:
    text = scenario(load="constant(1)").replace("profile wobble", "# profile wobble")
    return cosimulate(tmp_path_factory.mktemp("constant"), text)


def test_fifteen_steps_and_the_start(shipped: Run) -> None:
    table = shipped.interfaces
    assert shipped.complete
    assert table["time_s"].tolist() == [float(k) for k in range(16)]
    assert list(table.columns[:11]) == (
        [
            "time_s",
            "interface",
            "v_pu",
            "angle_rad",
            "p_mw",
            "q_mvar",
            "drawn_p_mw",
            "drawn_q_mvar",
            "multiplier",
            "exchanges",
            "mismatch_pu",
        ]
    )
    assert set(table["interface"]) == {"bus4"}


def test_the_multipliers_are_exactly_the_published_ones(shipped: Run) -> None:
    assert np.array_equal(shipped.interfaces["multiplier"], MULTIPLIERS)


def test_t_draws_what_d_delivered_one_step_before(shipped: Run) -> None:
    table = shipped.interfaces
    drawn, delivered = table["drawn_p_mw"].to_numpy(), table["p_mw"].to_numpy()
    assert drawn[1:] == pytest.approx(delivered[:-1], abs=1e-9)
    assert drawn[0] == pytest.approx(delivered[0], abs=1e-9)


def test_quantities_are_found_by_name_and_pandas_reads_the_file(shipped: Run) -> None:
    v = shipped.series("ieee14/bus[4]/v_pu")
    assert v.to_numpy() == pytest.approx(shipped.interfaces["v_pu"].to_numpy(), abs=1e-15)
    table = pd.read_parquet(shipped.folder / "results.parquet")
    assert table["bus4/p_mw"].tolist() == shipped.interfaces["p_mw"].tolist()
    assert shipped.series("bus4/ieee34/regulator[reg814a]/tap").notna().all()


def test_voltage_falls_when_the_load_rises(shipped: Run) -> None:
    table = shipped.interfaces
    slope = np.polyfit(table["drawn_p_mw"], table["v_pu"], 1)[0]
    assert -0.01 < slope < -1e-4


def test_a_constant_profile_starts_at_the_load_and_stays(constant: Run) -> None:
    table = constant.interfaces
    start = table.iloc[0]
    assert start["p_mw"] == pytest.approx(47.8, abs=1e-6)
    assert 1.0120 < start["v_pu"] < 1.0132
    assert 6.5 < start["q_mvar"] < 7.7
    assert np.ptp(table["v_pu"]) < 1e-6
    assert np.ptp(constant.series("ieee14/generator[GENROU_1]/omega_pu")) < 1e-6


def test_the_federation_equals_one_process_without_helics(tmp_path: Path) -> None:
    run = cosimulate(tmp_path, scenario(controls="frozen"))
    factor = run.plan.interface("bus4").scale.p_factor
    v_pu, s_mva = serial_frozen(FEEDER, factor, MULTIPLIERS)
    table = run.interfaces
    assert table["v_pu"].to_numpy() == pytest.approx(np.abs(v_pu), rel=1e-8)
    assert table["p_mw"].to_numpy() == pytest.approx(s_mva.real, rel=1e-8)
    assert table["angle_rad"].to_numpy() == pytest.approx(np.angle(v_pu), abs=1e-8)


def test_parallel_coupling_answers_the_voltage_of_the_step_before(tmp_path: Path) -> None:
    run = cosimulate(tmp_path, scenario(coupling="parallel", stop="5 s"))
    table = run.interfaces
    v, fed = table["v_pu"].to_numpy(), table["fed_v_pu"].to_numpy()
    assert fed[1:] == pytest.approx(v[:-1], abs=1e-9)  # at t = 0 D used the last but one


def test_a_violated_requirement_fails_the_run_and_keeps_its_results(tmp_path: Path) -> None:
    feeders = tmp_path / "feeders"
    feeders.symlink_to(ROOT / "scenarios" / "feeders")
    (tmp_path / "study.tds").write_text(scenario(stop="3 s") + "\nrequire {\n  voltage = 1.04 pu .. 1.06 pu\n}\n")
    done = subprocess.run(
        [SCRIPTS / "tdscen", "run", tmp_path / "study.tds", "-o", tmp_path / "g"],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 4, done.stdout + done.stderr
    assert "1.04" in done.stdout
    assert (tmp_path / "g" / "runs" / "0001" / "results.parquet").exists()


def test_run_prints_scale_summary_and_where_everything_is(tmp_path: Path) -> None:
    done = subprocess.run(
        [SCRIPTS / "tdscen", "run", SCENARIO, "-o", tmp_path / "g", "--plot", "--report"],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for words in ("23.3015", "47.8 MW at bus 4", "results:", "plot:", "report:", "balance", "pu/MW"):
        assert words in done.stdout, words
    run = tmp_path / "g" / "runs" / "0001"
    assert (run / "plot.png").stat().st_size > 20_000
    assert (run / "scenario" / SCENARIO.name).read_bytes() == SCENARIO.read_bytes()
    page = (run / "report.html").read_text("utf-8")
    assert html.escape(SCENARIO.read_text("utf-8").rstrip(), quote=False).replace('"', "&#34;") in page
    assert "<td>seed 981</td>" in page
    opened = open_run(run)
    [nodes] = node_voltages(opened)
    assert nodes.readings == opened.recording.rows
    assert nodes.lowest_pu.min() == opened.recording.column("bus4/ieee34/feeder/v_min_pu").min()
    assert nodes.highest_pu.max() == opened.recording.column("bus4/ieee34/feeder/v_max_pu").max()


def test_an_interrupted_run_says_so_and_keeps_its_steps(tmp_path: Path) -> None:
    (tmp_path / "feeders").symlink_to(ROOT / "scenarios" / "feeders")
    (tmp_path / "study.tds").write_text(scenario(stop="3600 s"))
    command = [SCRIPTS / "tdscen", "run", tmp_path / "study.tds", "-o", tmp_path / "g"]
    running = subprocess.Popen(
        command,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    journal = tmp_path / "g" / "runs" / "0001" / "journal" / "ieee34.f64"
    deadline = time.monotonic() + 60
    while (not journal.exists() or journal.stat().st_size < 5000) and time.monotonic() < deadline:
        time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=30)
    assert running.returncode == 130, said
    assert "interrupted" in said
    run = open_run(tmp_path / "g")
    assert not run.complete
    assert len(run.interfaces) > 5
