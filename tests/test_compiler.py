"""The pipeline: what has no sample in the corpus, remembered facts, and the same bytes everywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tdscen import codec
from tdscen.compiler import check_file, compile_file
from tdscen.emit import write
from tdscen.facts import StaticLoad, TransmissionFacts
from tdscen.language.models import Models
from tdscen.language.shares import Part, parts
from tdscen.plan import Plan

ROOT = Path(__file__).resolve().parents[1]
SCENARIO = ROOT / "scenarios" / "ieee14_ieee34.tds"
FIVE = ROOT / "tests" / "corpus" / "invalid" / "five_mistakes.tds"


def tdscen(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command line, as a user calls it."""
    return subprocess.run(
        [Path(sys.executable).parent / "tdscen", *map(str, arguments)],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def folder_bytes(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.parametrize(
    ("content", "says"), [(b"\xff\xfe\x00", "not UTF-8"), (b"a = 1\0\n", "NUL"), (None, "No such file")]
)
def test_a_file_that_is_no_text_is_one_error(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "x.tds"
    if content is not None:
        path.write_bytes(content)
    (problem,) = check_file(path).diagnostics
    assert problem.code == "TDS106"
    assert says in problem.message


def test_a_feeder_takes_the_place_of_all_loads_of_its_bus() -> None:
    checked = check_file(SCENARIO)
    probe = checked.models.probes["ieee14"]
    assert isinstance(probe.facts, TransmissionFacts)
    assert parts(checked.study, checked.models) == {}
    twin = StaticLoad(idx="PQ_99", bus=4, p_mw=1.5, q_mvar=0.5, online=True)
    facts = codec.decode(
        TransmissionFacts, codec.encode(probe.facts) | {"loads": codec.encode((*probe.facts.loads, twin))}
    )
    probes = {**checked.models.probes, "ieee14": type(probe)(probe.reason, facts, None, probe.source, probe.sha256)}
    assert parts(checked.study, Models(probes)) == {"bus4": Part(49.3, 10.5)}


def test_a_missing_simulator_is_a_warning_and_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == "dss" else find(name, *a))
    checked = check_file(SCENARIO)
    assert [(d.code, d.severity) for d in checked.diagnostics] == [("TDS412", "warning")]
    assert checked.plan is None


def test_a_remark_on_a_model_is_a_warning(tmp_path: Path) -> None:
    feeder = (ROOT / "tests/corpus/invalid/models/small.dss").read_text()
    lonely = "New Line.lonely Bus1=nowhere Bus2=farther Phases=3 R1=0.1 X1=0.1 Length=1\nSet VoltageBases"
    (tmp_path / "small.dss").write_text(feeder.replace("Set VoltageBases", lonely, 1))
    text = SCENARIO.read_text().replace("feeders/ieee34/ieee34.dss", "small.dss")
    (tmp_path / "study.tds").write_text(text)
    found = check_file(tmp_path / "study.tds").diagnostics
    assert {(d.code, d.severity) for d in found} == {("TDS410", "warning")}
    assert "nowhere" in found[0].message


def test_a_second_check_starts_no_simulator() -> None:
    assert check_file(SCENARIO).sound
    script = (
        "import sys, subprocess\n"
        "def refuse(*a, **k): raise AssertionError('a process was started')\n"
        "subprocess.Popen = refuse; subprocess.run = refuse\n"
        "from pathlib import Path\n"
        "from tdscen.compiler import check_file\n"
        f"checked = check_file(Path({str(SCENARIO)!r}))\n"
        "assert checked.plan is not None and not checked.diagnostics\n"
        "print(sorted({'andes', 'dss', 'opendssdirect', 'helics', 'pandas'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_five_mistakes_are_all_reported_with_their_places() -> None:
    done = tdscen("check", "--format", "json", FIVE)
    assert done.returncode == 1
    found = [(d["code"], d["line"], d["column"]) for d in json.loads(done.stdout)]
    assert found == [
        ("TDS302", 6, 3),
        ("TDS306", 13, 54),
        ("TDS204", 16, 18),
        ("TDS201", 17, 18),
        ("TDS101", 23, 8),
    ]


def test_the_shipped_scenarios_pass(tmp_path: Path) -> None:
    done = tdscen("check", *sorted((ROOT / "scenarios").glob("*.tds")))
    assert (done.returncode, done.stderr) == (0, "")


def test_nothing_is_written_where_anything_is_wrong(tmp_path: Path) -> None:
    done = tdscen("compile", FIVE, "-o", tmp_path / "out")
    assert done.returncode == 1
    assert not (tmp_path / "out").exists()
    assert "Traceback" not in done.stderr


def test_the_plan_is_printed_and_read_back() -> None:
    done = tdscen("plan", SCENARIO)
    assert done.returncode == 0
    plan = codec.decode(Plan, json.loads(done.stdout))
    assert plan == check_file(SCENARIO).plan
    (interface,) = plan.interfaces
    assert (interface.bus, interface.load, interface.load_p_mw) == (4, "PQ_3", 47.8)
    assert plan.simulation.steps == 15


def test_the_committed_output_is_what_the_compiler_makes(tmp_path: Path) -> None:
    for scenario in sorted((ROOT / "scenarios").glob("*.tds")):
        committed = ROOT / "generated" / scenario.stem
        for artifact in compile_file(scenario).artifacts:
            assert (committed / artifact.path).read_bytes() == artifact.content, artifact.path


def test_the_same_bytes_from_elsewhere_under_two_hash_seeds(tmp_path: Path) -> None:
    """A wheel, unpacked elsewhere, in another working directory, the output at another depth."""
    wheel = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", tmp_path, ROOT],
        capture_output=True,
        text=True,
        check=False,
    )
    assert wheel.returncode == 0, wheel.stderr
    (built,) = tmp_path.glob("tdscen-*.whl")
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", site, built]
    subprocess.run(install, check=True, capture_output=True)
    expected = {a.path: a.content for a in compile_file(SCENARIO).artifacts}
    for seed in ("0", "12345"):
        out = tmp_path / "some" / "where" / seed
        script = f"import tdscen, sys; assert {str(site)!r} in tdscen.__file__; from tdscen.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", script, "compile", str(SCENARIO), "-o", str(out)],
            env={**os.environ, "PYTHONPATH": str(site), "PYTHONHASHSEED": seed},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert folder_bytes(out) == expected
    made = subprocess.run(
        [sys.executable, "-c", script, "new", "first"],
        env={**os.environ, "PYTHONPATH": str(site)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "first" / "feeders" / "ieee34" / "ieee34.dss").is_file()


def test_generated_files_hold_no_paths_and_no_times() -> None:
    import re

    for artifact in compile_file(SCENARIO).artifacts:
        text = artifact.content.decode()
        assert str(ROOT) not in text
        assert str(Path.home()) not in text
        if not artifact.path.startswith("models/"):  # a model is the user's own text
            assert not re.search(r"\b20\d\d-\d\d-\d\d\b", text), artifact.path


def test_a_changed_script_is_kept_and_force_replaces_it(tmp_path: Path) -> None:
    artifacts = compile_file(SCENARIO).artifacts
    write(artifacts, tmp_path / "g")
    script = tmp_path / "g" / "federates" / "ieee34.py"
    script.write_text(script.read_text() + "# mine\n")
    done = tdscen("compile", SCENARIO, "-o", tmp_path / "g")
    assert done.returncode == 0
    assert "kept your changed federates/ieee34.py" in done.stdout
    assert script.read_text().endswith("# mine\n")
    assert tdscen("compile", SCENARIO, "-o", tmp_path / "g", "--force").returncode == 0
    assert not script.read_text().endswith("# mine\n")


def test_text_of_a_scenario_never_becomes_code(tmp_path: Path) -> None:
    hostile = 'scenario """ + __import__("os").system("touch hacked") + """'.replace('"""', "'''").replace('"', "'")
    text = SCENARIO.read_text().replace(
        'scenario "IEEE 14-bus with the IEEE 34-node feeder at bus 4"',
        f'scenario "\\"\\"\\" {{{{ 7 * 7 }}}} {{% raw %}} {hostile} \u2028 import os"'.replace('\\"', "'"),
    )
    (tmp_path / "feeders").symlink_to(ROOT / "scenarios" / "feeders")
    (tmp_path / "study.tds").write_text(text)
    for artifact in compile_file(tmp_path / "study.tds").artifacts:
        if artifact.path.endswith(".py"):
            import ast

            tree = ast.parse(artifact.content)
            calls = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
            assert not calls & {"__import__", "eval", "exec", "open"}
            assert b"49" not in artifact.content.split(b"\n", 4)[2]


def test_explain_lays_the_long_form_out() -> None:
    done = tdscen("explain", "tds406", COLUMNS="80")
    assert done.returncode == 0
    assert done.stdout.startswith("TDS406: the load is not the one that is expected\n\n")
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    assert "\n    interface feeder {\n" in done.stdout
    assert "```" not in done.stdout
    assert tdscen("explain", "TDS999").returncode == 1
    assert tdscen("explain").stdout.count("TDS") >= 48
