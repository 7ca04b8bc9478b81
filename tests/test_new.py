"""`tdscen new`: what it writes is sound and laid out, what it counts is what ANDES counts, nothing is overwritten."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from plans import ROOT

from tdscen.cli import main
from tdscen.compiler import check_file
from tdscen.facts import TransmissionFacts
from tdscen.probing import probe
from tdscen.simulators.andes import shipped
from tdscen.simulators.andes.files import cases_folder
from tdscen.simulators.registry import shipped as shipped_models
from tdscen.starter import Wanted, contents
from tdscen.starter_text import StartError, StartTransmission, scenario_text
from tdscen.syntax.formatter import format_text

OWN = ROOT / "scenarios" / "feeders" / "ieee34" / "ieee34.dss"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def new(*words: str) -> Result:
    return CliRunner().invoke(main, ["new", *words])


def test_a_whole_study_that_is_sound(here: Path) -> None:
    done = new("studies/first")
    assert done.output.splitlines() == [
        "made studies/first/first.tds",
        "made studies/first/feeders/ieee34/ieee34.dss",
        "next: tdscen run studies/first/first.tds",
    ]
    scenario = here / "studies" / "first" / "first.tds"
    text = scenario.read_text()
    assert format_text(text).text == text
    assert "whole load of the bus, 47.8 MW" in text
    assert (scenario.parent / "feeders/ieee34/ieee34.dss").read_bytes() == OWN.read_bytes()
    checked = check_file(scenario)
    assert not checked.diagnostics
    assert checked.plan is not None
    (interface,) = checked.plan.interfaces
    assert (interface.name, interface.bus, interface.load_p_mw) == ("bus4", 4, 47.8)
    assert sorted(os.listdir(here / "studies")) == ["first"]


@pytest.mark.slow
def test_it_runs_at_once_on_a_machine_that_has_run_nothing_yet(here: Path) -> None:
    """Nothing is remembered, and ANDES's code is not generated."""
    fresh = os.environ | {"HOME": str(here), "TDSCEN_CACHE": str(here / "cache")}
    program = Path(sys.executable).parent / "tdscen"
    for command in (["new", "first"], ["run", "first/first.tds"]):
        done = subprocess.run([program, *command], capture_output=True, text=True, check=False, env=fresh)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "complete, 15 of 15 steps" in done.stdout


def test_another_case_bus_and_feeder(here: Path) -> None:
    """A feeder stays where it is; a case without dynamics is studied without; the largest load is the default."""
    (here / "models").mkdir()
    shutil.copy(OWN, here / "models" / "my feeder.dss")
    assert new("study", "--case", "matpower/case14.m", "--feeder", "models/my feeder.dss").exit_code == 0
    text = (here / "study" / "study.tds").read_text()
    assert '"../models/my feeder.dss"' in text
    assert "dynamics  = off" in text
    assert "case14.bus[3]" in text  # 94.2 MW, the largest of the case
    assert sorted(os.listdir(here / "study")) == ["study.tds"]
    assert not [d for d in check_file(here / "study" / "study.tds").diagnostics if d.severity == "error"]
    assert new("other", "--case", "matpower/case14.m", "--bus", "14").exit_code == 0
    assert "14.9 MW" in (here / "other" / "other.tds").read_text()


def test_a_feeder_is_found_through_linked_folders(here: Path) -> None:
    (here / "disk" / "deep").mkdir(parents=True)
    (here / "studies").symlink_to(here / "disk" / "deep")
    (here / "models").mkdir()
    shutil.copy(OWN, here / "models" / "own.dss")
    assert new("studies/one", "--feeder", "models/own.dss").exit_code == 0
    assert '"../../../models/own.dss"' in (here / "studies" / "one" / "one.tds").read_text()
    assert (here / "disk/deep/one/../../../models/own.dss").is_file()


@pytest.mark.slow
def test_a_case_of_the_user_s_own_with_a_further_file(here: Path) -> None:
    cases = cases_folder()
    assert cases is not None
    for name in ("ieee14.raw", "ieee14.dyr"):
        shutil.copy(cases / "ieee14" / name, here / f"my{name}")
    done = new("deep/study", "--case", "myieee14.raw", "--addfile", "myieee14.dyr", "--bus", "9")
    assert done.exit_code == 0, done.output
    text = (here / "deep" / "study" / "study.tds").read_text()
    assert '"../../myieee14.raw"' in text
    assert '["../../myieee14.dyr"]' in text
    assert "dynamics" not in text
    assert not [d for d in check_file(here / "deep/study/study.tds").diagnostics if d.severity == "error"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["study.tds"], "without .tds, not 'study.tds'; did you mean study?"),
        (["-x y"], "a study's name is made of letters"),
        (["a b"], "a study's name is made of letters"),
        (["x", "--case", "ieee14/ieee14_ful.xlsx"], "did you mean ieee14/ieee14_full.xlsx?"),
        (["x", "--bus", "40"], "ieee14/ieee14_full.xlsx has no bus 40: did you mean 4?"),
        (["x", "--bus", "7"], "bus 7 of ieee14/ieee14_full.xlsx has no load that a feeder could take the place of"),
        (["x", "--feeder", "fedeer.dss"], "there is no file fedeer.dss: did you mean feeder.dss?"),
    ],
)
def test_what_is_not_there_is_said_and_nothing_is_written(here: Path, words: list[str], sentence: str) -> None:
    (here / "feeder.dss").write_text("clear\n")
    done = new("--", *words) if words[0].startswith("-") else new(*words)
    assert done.exit_code == 1
    assert sentence in done.output
    assert os.listdir(here) == ["feeder.dss"]


def test_nothing_is_overwritten(here: Path) -> None:
    (here / "study").mkdir()
    (here / "file").write_text("mine")
    (here / "link").symlink_to("nowhere")
    for name in ("study", "file", "link"):
        done = new(name)
        assert (done.exit_code, "is there already, and nothing is overwritten" in done.output) == (1, True)
    assert (os.listdir(here / "study"), (here / "file").read_text()) == ([], "mine")


def test_a_folder_that_cannot_be_made(here: Path) -> None:
    (here / "file").write_text("mine")
    done = new("file/study")
    assert done.exit_code == 1
    assert "file/study cannot be made" in done.output


def test_it_is_called_with_a_name(here: Path) -> None:
    assert new().exit_code == 2
    assert new("x", "--addfile", "a.dyr").exit_code == 2


def test_a_name_that_no_text_can_hold(here: Path) -> None:
    shutil.copy(OWN, here / 'a"b.dss')
    with pytest.raises(StartError, match="cannot stand in a scenario"):
        contents(here / "x", Wanted(feeder=here / 'a"b.dss'))


def test_buses_with_names(here: Path) -> None:
    named = StartTransmission("a.xlsx", ("b.dyr", "c.dyr"), "NORTH 1", None, dynamic=True)
    text = scenario_text("x", named, "d.dss")
    assert 'transmission = a.bus["NORTH 1"]' in text
    assert "interface bus_NORTH_1 {" in text
    assert 'addfiles  = ["b.dyr", "c.dyr"]' in text
    assert "whole load of the bus\n" in text


def test_labels_are_names_and_differ(here: Path) -> None:
    for name in ("ieee14_full.dss", "123-bus.dss"):
        shutil.copy(OWN, here / name)
    text = contents(here / "x", Wanted(feeder=Path("ieee14_full.dss")))["x.tds"]
    assert "distribution ieee14_full_2 {" in text
    assert "distribution feeder_123_bus {" in contents(here / "x", Wanted(feeder=Path("123-bus.dss")))["x.tds"]


def test_the_list_of_cases() -> None:
    done = new("--cases")
    lines = {line.split()[0]: line.split()[1:] for line in done.output.splitlines()}
    assert lines["case"] == ["buses", "loads", "generators", "dynamics"]
    assert lines["ieee14/ieee14_full.xlsx"] == ["14", "11", "5", "yes"]
    assert lines["matpower/case118.m"] == ["118", "99", "54", "no"]
    assert lines["npcc/npcc.raw"][3:] == ["with", "npcc/npcc_full.dyr"]
    assert "pqts.xlsx" not in done.output  # a time series, no case


@pytest.mark.parametrize("name", ["ieee14/ieee14_full.xlsx", "ieee14/ieee14.raw"])
def test_what_is_counted_is_what_andes_reads(name: str) -> None:
    judged_by_andes(name)


@pytest.mark.slow
@pytest.mark.parametrize("model", shipped_models("transmission"), ids=lambda model: model.name)
def test_every_case_is_counted_as_andes_reads_it(model: shipped.ShippedModel) -> None:
    judged_by_andes(model.name)


def judged_by_andes(name: str) -> None:
    counted = next(model for model in shipped.cases() if model.name == name)
    facts = probe("andes", name, Path.cwd()).facts
    assert isinstance(facts, TransmissionFacts)
    if not facts.buses:
        pytest.skip(f"ANDES does not load it: {facts.problem}")
    assert (counted.buses, counted.loads, counted.dynamic) == (len(facts.buses), len(facts.loads), facts.dynamic)
    if not facts.dynamic:  # else several dynamic generators may share a static one
        assert counted.generators == len(facts.generators)
