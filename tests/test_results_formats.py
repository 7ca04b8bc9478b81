"""Exported runs read back by the programs that they are meant for: the same numbers to the last bit."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner
from run_folders import cut, make_journals, make_plan, write_run
from scipy.io import loadmat

from tdscen import open_run
from tdscen.cli import main
from tdscen.results.errors import ResultsError
from tdscen.results.formats import SUFFIXES, write, xlsx_file
from tdscen.results.formats.csv_file import harmless
from tdscen.results.formats.schema import identifiers
from tdscen.results.run import Run

HOSTILE = "=cmd|'/c calc'!A1"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Two interfaces; a name that is a formula; numbers that are hard to write and that are none."""
    plan = make_plan(interfaces=2)
    journals = make_journals(plan)
    rows = plan.steps + 1
    awkward = np.full(rows, 0.1 + 0.2)
    awkward[:6] = (math.nan, 5e-324, -0.0, 1 / 3, 1.7976931348623157e308, math.nextafter(1.0, 2.0))
    journals["ieee14"] |= {HOSTILE: awkward}
    return open_run(write_run(tmp_path / "0001", plan, journals))


def exported(run: Run, form: str) -> Path:
    path = run.folder.parent / f"study.{SUFFIXES[form]}"
    write(run, form, path)
    return path


def same_bits(found: object, expected: np.ndarray) -> bool:
    values = np.asarray(found)
    assert values.dtype == np.float64
    ours, theirs = np.isnan(expected), np.isnan(values)
    return bool((ours == theirs).all()) and values[~ours].tobytes() == expected[~ours].tobytes()


@pytest.mark.filterwarnings("ignore:The .float_precision. argument")  # pandas 3.1 reads so without being asked
def test_csv_in_pandas(run: Run) -> None:
    table = pd.read_csv(exported(run, "csv"), float_precision="round_trip")
    assert list(table) == ["time_s", *(harmless(name) for name in run.names)]
    assert same_bits(table.to_numpy(), run.table.to_numpy())


def test_csv_in_polars(run: Run) -> None:
    polars = pytest.importorskip("polars")
    table = polars.read_csv(exported(run, "csv"), infer_schema_length=None)
    for name in run.names:
        assert same_bits(table[harmless(name)].cast(polars.Float64).fill_null(math.nan).to_numpy(), column(run, name))


def test_csv_has_no_formula_and_its_sidecar_says_the_units(run: Run) -> None:
    path = run.folder.parent / "study.csv"
    done = CliRunner().invoke(main, ["export", str(run.folder), "--to", "csv", "-o", str(path), "--sidecar"])
    assert (done.exit_code, done.stdout.strip()) == (0, path.as_posix())
    header = path.read_text(encoding="utf-8").splitlines()[0].split(",")
    assert not [name for name in header if name[0] in "=+-@"]
    sidecar = json.loads(Path(f"{path}.json").read_text(encoding="utf-8"))
    assert [entry["name"] for entry in sidecar["columns"]] == header
    assert {e["name"]: e["unit"] for e in sidecar["columns"]}["bus4/drawn_p_mw"] == "MW"
    assert sidecar["run"]["scenario.sha256"] == "0" * 64


def test_xlsx_in_pandas(run: Run) -> None:
    sheets = pd.read_excel(exported(run, "xlsx"), sheet_name=None)
    assert list(sheets) == ["interfaces", "everything", "units", "run"]
    # pandas makes the integer 0 of -0.0, so the sign of that zero is not asked for
    assert same_bits(sheets["everything"].to_numpy(np.float64), run.table.to_numpy() + 0.0)
    assert sheets["interfaces"]["interface"].tolist() == run.interfaces["interface"].tolist()
    assert same_bits(sheets["interfaces"]["v_pu"].to_numpy(), run.interfaces["v_pu"].to_numpy())
    assert sheets["units"].set_index("quantity")["unit"]["bus5/q_mvar"] == "MVAr"
    assert sheets["run"].set_index("what")["value"]["state"] == "complete"


def test_no_cell_of_a_workbook_is_a_formula(run: Run) -> None:
    book = openpyxl.load_workbook(exported(run, "xlsx"))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}
    assert any(cell.value == HOSTILE for cell in cells)


def test_a_run_larger_than_a_sheet_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_file, "ROWS", 10)
    with pytest.raises(ResultsError, match="more than an Excel sheet holds"):
        exported(run, "xlsx")
    assert [path.name for path in run.folder.parent.iterdir()] == ["0001"]


def test_netcdf_in_xarray(run: Run) -> None:
    xarray = pytest.importorskip("xarray")
    with xarray.open_dataset(exported(run, "netcdf")) as data:
        assert same_bits(data.time.values, run.recording.time_s)
        assert data.interface.values.tolist() == ["bus4", "bus5"]
        assert same_bits(data.v_pu.sel(interface="bus5").values, column(run, "bus5/v_pu"))
        assert (data.drawn_q_mvar.units, data.drawn_q_mvar.dims) == ("MVAr", ("time", "interface"))
        assert same_bits(data.ieee14_bus_4_v_pu.values, column(run, "ieee14/bus[4]/v_pu"))
        odd = next(data[name] for name in data if data[name].attrs["quantity"] == HOSTILE)
        assert same_bits(odd.values, column(run, HOSTILE))
        assert data.attrs["run_scenario.sha256"] == "0" * 64
        recorded = {data[name].attrs["quantity"] for name in data if data[name].dims == ("time",)}
        both = {data[name].attrs["quantity"] for name in data if data[name].dims == ("time", "interface")}
        assert recorded | {f"bus{i}/{short}" for i in (4, 5) for short in both} == set(run.names)


def test_mat_in_scipy(run: Run) -> None:
    content = loadmat(exported(run, "mat"), simplify_cells=True)
    assert same_bits(content["time_s"], run.recording.time_s)
    assert content["units"]["interface"]["bus4"]["drawn_p_mw"] == "MW"
    for name, place, _ in content["columns"]:
        found = content
        for part in place.split("."):
            assert part.isidentifier()
            found = found[part]
        assert same_bits(found, column(run, name))
    assert {row[0] for row in content["columns"]} == set(run.names)
    assert dict(content["run"].tolist())["scenario.sha256"] == "0" * 64


def test_an_interrupted_run_is_written_as_far_as_it_came(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "0001", make_plan(), state="failed", cause="ieee34 died")
    cut(folder, "ieee34", 7, 3)
    done = CliRunner().invoke(main, ["export", str(folder), "--to", "netcdf"])
    assert done.exit_code == 0
    assert "incomplete: it reached t = 6 s of 15 s; ieee34 died" in done.stderr
    assert (folder / "results.nc").is_file()


@pytest.mark.parametrize("form", SUFFIXES)
def test_a_run_that_recorded_nothing(form: str, tmp_path: Path) -> None:
    folder = write_run(tmp_path / "0001", make_plan(), {}, state="failed", cause="ieee34 died")
    done = CliRunner().invoke(main, ["export", str(folder), "--to", form])
    assert done.exit_code == 0, done.output
    assert "recorded nothing" in done.stderr


def test_where_nothing_can_be_written_one_sentence_says_so(run: Run) -> None:
    out = run.folder / "nowhere" / "x.csv"
    done = CliRunner().invoke(main, ["export", str(run.folder), "--to", "csv", "-o", str(out)])
    assert done.exit_code == 1
    assert "cannot be written" in done.stderr


def test_identifiers_are_short_valid_and_no_two_alike() -> None:
    names = ["a/b", "a[b]", "A_B", "4x", "_", "x" * 80, "x" * 81]
    found = identifiers(names)
    assert len({choice.lower() for choice in found.values()}) == len(names)
    assert all(choice.isidentifier() and len(choice) <= 63 and choice[0].isalpha() for choice in found.values())


def test_interfaces_named_like_the_coordinates(tmp_path: Path) -> None:
    plan = make_plan()
    renamed = replace(plan, interfaces=(replace(plan.interfaces[0], name="time"),))
    opened = open_run(write_run(tmp_path / "0001", renamed, make_journals(renamed)))
    xarray = pytest.importorskip("xarray")
    with xarray.open_dataset(exported(opened, "netcdf")) as data:
        assert same_bits(data.v_pu.sel(interface="time").values, column(opened, "time/v_pu"))


def column(run: Run, name: str) -> np.ndarray:
    return np.ascontiguousarray(run.recording.column(name))
