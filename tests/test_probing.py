"""Probes: found, staged, remembered; what is said when there is nothing to find."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest
from model_files import FEEDERS

from tdscen import probing
from tdscen.facts import DistributionFacts, TransmissionFacts
from tdscen.probing import ProbeRequest, process
from tdscen.probing.probes import Probe
from tdscen.simulators import simulator

FEEDER = """Clear
New Circuit.test basekv=12.47 pu=1.02 phases=3 bus1=a
Redirect sub/lines.dss
New Load.x bus1=b kv=12.47 kw=500 pf=0.95
Set voltagebases=[12.47]
CalcVoltageBases
Solve
Show voltages
Export voltages out.csv
Help
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TDSCEN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "study" / "sub").mkdir(parents=True)
    (tmp_path / "study" / "feeder.dss").write_text(FEEDER)
    (tmp_path / "study" / "sub" / "lines.dss").write_text("New Line.l1 bus1=a bus2=b length=2 units=km\n")
    return tmp_path / "study"


def forbid_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> NoReturn:
        pytest.fail("a worker was started")

    monkeypatch.setattr(subprocess, "run", fail)


def snapshot(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_a_probe_is_remembered_and_leaves_no_trace(cache: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    before = snapshot(folder)
    first = probing.probe("opendss", "feeder.dss", folder)
    assert first.reason == "found"
    assert isinstance(first.facts, DistributionFacts)
    assert first.facts.head_p_kw == pytest.approx(500, rel=1e-2)
    assert first.source is not None
    assert first.source.files == ("feeder.dss", "sub/lines.dss")
    assert first.sha256 == first.source.sha256()
    assert snapshot(folder) == before
    assert sorted(path.name for path in cache.iterdir()) == ["answers", "work"]
    assert list((cache / "work").iterdir()) == []
    assert [path.suffix for path in (cache / "answers").iterdir()] == [".json"]

    forbid_the_worker(monkeypatch)
    assert probing.probe("opendss", "feeder.dss", folder) == first


def test_a_remembered_probe_imports_no_simulator(cache: Path, folder: Path) -> None:
    assert probing.probe("opendss", "feeder.dss", folder).reason == "found"
    code = (
        "import sys; from pathlib import Path; from tdscen.probing import probe; "
        f"print(probe('opendss', 'feeder.dss', Path({str(folder)!r})).reason, "
        "[m for m in ('andes', 'dss', 'numpy', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "found []"


def test_any_change_of_any_file_is_probed_anew(cache: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = probing.probe("opendss", "feeder.dss", folder)
    (folder / "sub" / "lines.dss").write_text("New Line.l1 bus1=a bus2=b length=20 units=km\n")
    second = probing.probe("opendss", "feeder.dss", folder)
    assert isinstance(first.facts, DistributionFacts)
    assert isinstance(second.facts, DistributionFacts)
    assert second.sha256 != first.sha256
    assert second.facts.losses_p_kw > 2 * first.facts.losses_p_kw
    monkeypatch.setattr("tdscen.probing.probes.version_of", lambda package, module: "another version")
    forbid = []
    monkeypatch.setattr("tdscen.probing.probes.ask", lambda *a, **k: forbid.append(a) or process.ask(*a, **k))
    assert probing.probe("opendss", "feeder.dss", folder).facts == second.facts
    assert len(forbid) == 1


def test_several_models_at_once(folder: Path) -> None:
    requests = [
        ProbeRequest("andes", "ieee14/ieee14_full.xlsx", folder),
        ProbeRequest("opendss", "feeder.dss", folder),
        ProbeRequest("opendss", "ieee34/ieee34.dss", FEEDERS),
        ProbeRequest("andes", "npcc/npcc.raw", folder, ("npcc/npcc_full.dyr",)),
    ]
    case, small, ieee34, npcc = probing.probe_all(requests)
    assert isinstance(case.facts, TransmissionFacts)
    assert isinstance(small.facts, DistributionFacts)
    assert isinstance(ieee34.facts, DistributionFacts)
    assert isinstance(npcc.facts, TransmissionFacts)
    assert [len(one.facts.buses) for one in (case, small, ieee34, npcc) if one.facts] == [14, 2, 55, 140]
    assert npcc.facts.dynamic
    assert npcc.source is not None
    assert npcc.source.extra == ("npcc/npcc_full.dyr",)


def test_a_model_that_is_not_there(cache: Path, folder: Path) -> None:
    missing = probing.probe("opendss", "feedr.dss", folder)
    assert (missing.reason, missing.facts, missing.source) == ("missing", None, None)
    assert missing.problem == "there is no feeder model feedr.dss beside the scenario: did you mean feeder.dss?"
    (folder / "sub" / "lines.dss").unlink()
    part = probing.probe("opendss", "feeder.dss", folder)
    assert part.problem == "feeder.dss line 3 refers to sub/lines.dss, which is not there"
    assert not cache.exists()


def test_a_simulator_that_is_not_installed(cache: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tdscen.probing.probes.version_of", lambda package, module: None)
    found = probing.probe("opendss", "feeder.dss", folder)
    assert (found.reason, found.problem) == ("not_installed", "OpenDSS is not installed (package dss-python)")
    assert found.sha256 is not None
    monkeypatch.setattr("tdscen.simulators.andes.files.cases_folder", lambda: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    case = probing.probe("andes", "ieee14/ieee14_full.xlsx", folder)
    assert case.reason == "not_installed"
    assert case.problem is not None
    assert "ANDES is not installed" in case.problem


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("import time; time.sleep(60)", "looking at feeder.dss with OpenDSS took more than 0.5 s and was ended"),
        ("import os; os.kill(os.getpid(), 11)", "looking at feeder.dss with OpenDSS ended by signal 11"),
        ("raise RuntimeError('the reason')", "looking at feeder.dss with OpenDSS failed: RuntimeError: the reason"),
    ],
)
def test_a_probe_that_hangs_or_crashes(
    cache: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, body: str, sentence: str
) -> None:
    run = subprocess.run

    def replaced(command: list[str], **settings: Any) -> Any:
        assert command[1:] == ["-m", "tdscen.probing.worker"]
        return run([sys.executable, "-c", body], **settings)

    monkeypatch.setattr(subprocess, "run", replaced)
    monkeypatch.setattr(process, "TIMEOUT_S", 0.5 if "sleep" in body else 30)
    assert probing.probe("opendss", "feeder.dss", folder) == Probe(
        "failed",
        problem=sentence,
        source=simulator("opendss").locate("feeder.dss", folder),
        sha256=simulator("opendss").locate("feeder.dss", folder).sha256(),
    )
    assert not (cache / "answers").exists()


def test_a_cache_that_cannot_be_written_is_said(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TDSCEN_CACHE", str(tmp_path / "file"))
    found = probing.probe("opendss", "feeder.dss", folder)
    assert found.reason == "failed"
    assert found.problem is not None
    assert "set TDSCEN_CACHE" in found.problem


def test_an_answer_cut_short_is_asked_for_again(cache: Path, folder: Path) -> None:
    first = probing.probe("opendss", "feeder.dss", folder)
    (answer,) = (cache / "answers").iterdir()
    text = answer.read_text()
    answer.write_text(text[: len(text) // 2])
    assert probing.probe("opendss", "feeder.dss", folder) == first
    assert json.loads(answer.read_text()) == json.loads(text)


def test_a_model_with_a_problem_is_found(cache: Path, folder: Path) -> None:
    (folder / "feeder.dss").write_text(FEEDER.replace("kw=500", "kw=500 kvra=3"))
    found = probing.probe("opendss", "feeder.dss", folder)
    assert found.reason == "found"
    assert found.facts is not None
    assert found.facts.problem is not None
    assert "feeder.dss line 4" in found.facts.problem
