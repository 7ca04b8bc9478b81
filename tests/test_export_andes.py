"""Runs in ANDES's own plotter."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from run_folders import make_journals, make_plan, write_run

from tdscen import codec
from tdscen.cli import main
from tdscen.plan import Observation, Plan
from tdscen.results import open_run
from tdscen.results.run import Run

ROOT = Path(__file__).parent.parent

OBSERVED = (
    Observation("bus", 4, "v", "bus[4]/v_pu"),
    Observation("bus", "Nord, alt", "a", "bus[Nord, alt]/angle_rad"),
    Observation("generator", "GENROU_2", "omega", "generator[GENROU_2]/omega_pu"),
    Observation("generator", 7, "p", "generator[7]/p_mw"),
    Observation("load", "PQ_3", "p", "load[PQ_3]/p_mw"),
)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run that recorded five quantities of T beside its interface."""
    plan = make_plan()
    plan = replace(plan, transmission=replace(plan.transmission, observe=OBSERVED))
    journals = make_journals(plan)
    random = np.random.default_rng(5)
    for observation in OBSERVED:
        journals["ieee14"][f"ieee14/{observation.column}"] = random.standard_normal(plan.steps + 1)
    return open_run(write_run(tmp_path / "0001", plan, journals))


def andes(*arguments: str, folder: Path) -> str:
    """What ANDES's command prints; `andes plot` ends with status 1 however it went."""
    command = [str(Path(sys.executable).parent / "andes"), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_andes_reads_every_number_under_its_own_name(run: Run) -> None:
    from andes.plot import TDSData

    done = CliRunner().invoke(main, ["export", str(run.folder), "--to", "andes"])
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{run.folder.as_posix()}/results_out.npz\n"
    data = TDSData("results_out.npz", path=str(run.folder))

    def values(name: str) -> np.ndarray:
        (index,), _ = data.find(f"^{name}$")
        return np.asarray(data.get_values(index))

    assert np.array_equal(data.get_values(0), run.recording.time_s)
    named = {
        "v Bus 4": "ieee14/bus[4]/v_pu",
        "a Bus Nord  alt": "ieee14/bus[Nord, alt]/angle_rad",
        "omega GENROU 2": "ieee14/generator[GENROU_2]/omega_pu",
        "bus4/v_pu": "bus4/v_pu",
        r"ieee14/load\[PQ_3\]/p_mw": "ieee14/load[PQ_3]/p_mw",
    }
    for theirs, ours in named.items():
        assert np.array_equal(values(theirs), run.recording.column(ours)), theirs
    base_mva = run.plan.transmission.base_mva
    assert values("Pe SynGen 7") * base_mva == pytest.approx(
        run.recording.column("ieee14/generator[7]/p_mw"), rel=1e-15
    )
    assert data.nvars == len(run.names) + 1 == data.get_values(list(range(data.nvars))).shape[1]


def test_names_are_those_that_andes_gives_the_shipped_study() -> None:
    import andes as package

    from tdscen.results.formats.andes_file import _named

    plan = codec.decode(Plan, json.loads((ROOT / "generated" / "ieee14_ieee34" / "plan.json").read_text()))
    system = package.load(package.get_case("ieee14/ieee14_full.xlsx"), no_output=True, default_config=True)
    system.PFlow.run()
    system.TDS.init()
    plain = {*system.dae.x_name, *system.dae.y_name}
    formatted = {*system.dae.x_tex_name, *system.dae.y_tex_name}
    found = [_named(each) for each in plan.transmission.observe if each.device != "coi"]  # the case has no COI
    assert len(found) == 48
    assert {name for name, _ in found} <= plain
    assert {name for _, name in found} - formatted <= {f"$V$ Bus {n}" for n in range(1, 15)}


@pytest.mark.parametrize(
    ("device", "model", "key"),
    [("bus", "Bus", "Nord_alt"), ("bus", "Bus", "Bus1"), ("bus", "Bus", 4), ("generator", "GENROU", "GENROU1")],
)
def test_keys_become_names_as_in_andes(device: str, model: str, key: str | int) -> None:
    from andes.system.helpers import _append_model_name

    from tdscen.results.formats.andes_file import _named

    quantity = "v" if device == "bus" else "omega"
    name, _ = _named(Observation(device, key, quantity, "column"))
    assert name == f"{quantity} {_append_model_name(model, key)}"


def test_andes_plots_a_run(run: Run, tmp_path: Path) -> None:
    CliRunner().invoke(main, ["export", str(run.folder), "--to", "andes", "-o", str(tmp_path / "study_out.npz")])
    assert "omega GENROU 2" in andes("plot", "study_out", "--find", "omega", folder=tmp_path)
    andes("plot", "study_out", "0", "1", "8", "-s", "-n", "-d", folder=tmp_path)
    (figure,) = tmp_path.glob("*.png")
    assert figure.stat().st_size > 10_000
