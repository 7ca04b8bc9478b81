"""Masters as people keep them: each trap through probe and adapter, against the same circuit written plainly."""

from __future__ import annotations

import cmath
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from dss import DSS
from model_files import SHARED_FEEDERS, feeder

from tdscen.facts import DistributionFacts
from tdscen.simulators import ModelNotFound
from tdscen.simulators.opendss.files import locate, read_model
from tdscen.simulators.opendss.probe import probe
from tdscen.simulators.opendss.runtime import OpenDssFeeder

shared = pytest.mark.skipif(not SHARED_FEEDERS.is_dir(), reason="the shared feeders are not there")

V_PU = cmath.rect(0.99, -0.1)

CIRCUIT = "Clear\nNew Circuit.plain basekv=12.47 pu=1.01 bus1=a\n"
CODE = "New Linecode.cable nphases=3 r1=0.2 x1=0.3 r0=0.6 x0=0.9 c1=0 c0=0 units=km\n"
LINE = "New Line.l1 bus1=a bus2=b length=3 units=km linecode=cable\n"
REGULATOR = (
    "New Transformer.r phases=3 windings=2 buses=(b c) kvs=(12.47 12.47) kvas=(5000 5000) xhl=1\n"
    "New RegControl.r transformer=r winding=2 vreg=124 band=2 ptratio=60\n"
)
SHAPE = "New Loadshape.day npts=3 interval=1 mult=(0.2 0.9 0.4)\n"
LOADS = (
    "New Load.x bus1=c kv=12.47 kw=1500 pf=0.95 daily=day yearly=day vminpu=0.8\n"
    "New Load.y bus1=c.1 phases=1 kv=7.2 kw=300 kvar=90 vminpu=0.8\n"
)
BASES = "Set voltagebases=[12.47]\nCalcVoltageBases\n"
BODY = CODE + LINE + REGULATOR + SHAPE + LOADS + BASES
PLAIN = CIRCUIT + BODY
METERED = "New EnergyMeter.m element=Line.l1 terminal=1 peakcurrent=(70 70 70)\n"


@dataclass(frozen=True)
class Trap:
    """A master `main.dss` and its files; what the remarks on it begin with (`"main.dss line 3 ..."`)."""

    files: dict[str, str | bytes]
    remarks: tuple[str, ...] = ()
    plain: str = PLAIN
    folders: tuple[str, ...] = field(default=())


def after(text: str, *remarks: str) -> Trap:
    """The plain circuit with lines behind it."""
    return Trap({"main.dss": PLAIN + text}, remarks)


DAILY = "main.dss line {} sets mode=daily: a study solves snapshots, in which the model's load shapes do not act"
YEARLY = DAILY.replace("daily", "yearly")
CASE = "main.dss line {} refers to {}: {} is read, whose name differs in upper and lower case"
ABSOLUTE = "main.dss line {} names {} by an absolute path: {} is read instead"
OFF = "main.dss line {} sets controlmode=off: regulators and capacitors settle at the start all the same"

TRAPS: dict[str, Trap] = {
    "solves": after("Solve\nsolve\nSo\n"),
    "solves a day": after("Solve mode=daily number=24 stepsize=1h\n", DAILY.format(12)),
    "set yearly": after("Set mode=yearly number=8760\nSolve\n", YEARLY.format(12)),
    "back to snapshot": after("Set mode=daily\nSolve number=3\nset mode=snap\nSolve\n"),
    "controls off": after("set ControlMode=OFF\nSolve\n", OFF.format(12)),
    "controls of time": after("set controlmode=time maxcontroliter=1\n"),
    "dynamics": after("Solve\nSet mode=dynamics number=10 h=0.001\nSolve\n", "main.dss line 13 sets mode=dynamics"),
    "harmonics": after("Solve\nSolve mode=harmonics\n", "main.dss line 13 sets mode=harmonics"),
    "faults": after("Solve mode=faultstudy\nShow faults\n", "main.dss line 12 sets mode=faultstudy"),
    "shows and exports": after(
        "Solve\nShow Voltages LN Nodes\nsh cur elem\nExport Voltages v.csv\nexp meters\nPlot Circuit Power\nVisualize "
        "powers element=Line.l1\nSave circuit dir=saved\nDump\nHelp\nAbout\nFileEdit main.dss\nDoscmd touch x\nQuit\n"
    ),
    "monitors and meters": after(
        "New Monitor.m element=Line.l1 terminal=1 mode=0\nNew EnergyMeter.e element=Line.l1 terminal=1\nSolve\n"
        "Sample\nExport monitors m\nShow meters\nSet DemandInterval=true\nCloseDI\n"
    ),
    "carriage returns": Trap({"main.dss": PLAIN.replace("\n", "\r\n")}),
    "carriage returns alone": Trap({"main.dss": PLAIN.replace("\n", "\r")}),
    "byte order mark": Trap({"main.dss": b"\xef\xbb\xbf" + ("Show voltages\n" + PLAIN).encode()}),
    "utf-16": Trap({"main.dss": PLAIN.encode("utf-16")}),
    "latin-1": Trap(
        {"main.dss": ("! Stra\xdfe, 5 \xb5s\n" + PLAIN + "New Load.stra\xdfe bus1=c kw=0\n").encode("latin-1")}
    ),
    "block comments": after("/* Solve mode=daily\nredirect nowhere.dss\n*/\n/* one line */\n"),
    "comments": after(
        "! redirect nowhere.dss\n// Compile nowhere.dss\nSolve ! mode=daily\nSet number=1 // mode=yearly\n"
    ),
    "upper case": Trap({"main.dss": PLAIN.upper()}),
    "parameters on further lines": Trap(
        {"main.dss": PLAIN.replace(" kw=1500", "\n~ kw=1500").replace(" pf=", "\nmore pf=")}
    ),
    "batch edit": Trap(
        {"main.dss": PLAIN.replace("kw=1500", "kw=1") + "BatchEdit Load..* vminpu=0.8\nLoad.x.kW=1500\n"}
    ),
    "an include in a folder that includes beside itself": Trap(
        {
            "main.dss": CIRCUIT + "Redirect sub/all.dss\n" + LINE + REGULATOR + SHAPE + "redirect loads.dss\n" + BASES,
            "sub/all.dss": "redirect codes.dss\n",
            "sub/codes.dss": CODE,
            "loads.dss": LOADS,
        }
    ),
    "backslashes and quotes": Trap(
        {
            "main.dss": CIRCUIT
            + 'Redirect "sub dir\\codes.dss"\n'
            + LINE
            + REGULATOR
            + SHAPE
            + "redirect [loads.dss]\n"
            + BASES,
            "sub dir/codes.dss": CODE,
            "loads.dss": LOADS,
        }
    ),
    "compile moves to its folder": Trap(
        {"main.dss": "Compile (grid\\master.dss)\nRedirect loads.dss\n" + BASES, "grid/loads.dss": LOADS}
        | {"grid/master.dss": CIRCUIT + CODE + LINE + REGULATOR + SHAPE, "loads.dss": "an older copy\n"}
    ),
    "change of folder": Trap(
        {
            "main.dss": CIRCUIT + CODE + "cd sub\nredirect lines.dss\nCD ..\nredirect loads.dss\n" + BASES,
            "loads.dss": LOADS,
        }
        | {"sub/lines.dss": LINE + REGULATOR + SHAPE}
    ),
    "data path": Trap(
        {"main.dss": CIRCUIT + CODE + "Set datapath=sub\nredirect lines.dss\n" + LOADS + BASES}
        | {"sub/lines.dss": LINE + REGULATOR + SHAPE}
    ),
    "data path elsewhere": Trap(
        {"main.dss": "Set DataPath=(C:\\OpenDSS\\out)\n" + PLAIN + 'set datapath="/tmp/there"\n'}
    ),
    "names in another case": Trap(
        {"main.dss": CIRCUIT + "redirect CODES.dss\n" + LINE + REGULATOR + SHAPE + "Redirect Sub/loads.DSS\n" + BASES}
        | {"Codes.DSS": CODE, "sub/Loads.dss": LOADS},
        (CASE.format(3, "CODES.dss", "Codes.DSS"), CASE.format(8, "Sub/loads.DSS", "sub/Loads.dss")),
    ),
    "absolute paths of another machine": Trap(
        {"main.dss": "Compile (C:\\Users\\Ann\\feeder\\master.dss)\nRedirect D:/feeder/parts/loads.dss\n" + BASES}
        | {"master.dss": CIRCUIT + CODE + LINE + REGULATOR + SHAPE, "parts/loads.dss": LOADS},
        (
            ABSOLUTE.format(1, r"C:\\Users\\Ann\\feeder\\master.dss".replace("\\\\", "\\"), "master.dss"),
            ABSOLUTE.format(2, "D:/feeder/parts/loads.dss", "parts/loads.dss"),
        ),
    ),
    "an absolute path to a name somewhere below": Trap(
        {"main.dss": CIRCUIT + "redirect /home/ann/LineCodes.dss\n" + LINE + REGULATOR + SHAPE + LOADS + BASES}
        | {"deep/er/linecodes.dss": CODE},
        (ABSOLUTE.format(3, "/home/ann/LineCodes.dss", "deep/er/linecodes.dss"),),
    ),
    "shapes in files": Trap(
        {
            "main.dss": PLAIN.replace("mult=(0.2 0.9 0.4)", "mult=(file=data\\Day.csv, col=1)")
            + "New Loadshape.s npts=3 interval=1 csvfile=data/day.csv\n"
            + "New LoadShape.t npts=2 mult=[file='data/a b.txt']\n",
            "data/day.csv": "0.2\n0.9\n0.4\n",
            "data/a b.txt": "1\n2\n",
        },
        (CASE.format(7, "data\\Day.csv", "data/day.csv"),),
    ),
    "coordinates": Trap({"main.dss": PLAIN + "BusCoords XY.csv\nSolve\n", "XY.csv": "a, 0, 0\nb, 1, 0\n"}),
    "loads allocated to a meter": Trap(
        {"main.dss": PLAIN.replace("kw=1500", "xfkva=2000") + "Solve\n" + METERED + "AllocateLoads\nSolve\n"},
        plain=PLAIN.replace("kw=1500", "xfkva=2000") + METERED + "AllocateLoads\n",
    ),
    "a circuit that is reduced": Trap(
        {"main.dss": PLAIN + METERED + "Solve\nReduce\nSolve\n"}, plain=PLAIN + METERED + "MakeBusList\nReduce\n"
    ),
    "phases that follow each other backwards": Trap(
        {"main.dss": PLAIN.replace("pu=1.01", "pu=1.01 sequence=neg")},
        ("the feeder's source turns backwards (a, c, b)",),
    ),
    "a source that is edited": Trap(
        {"main.dss": "Clear\nNew Circuit.plain\nEdit Vsource.SOURCE bus1=a basekv=12.47 pu=1.01\n" + BODY}
    ),
    "a source of another name": Trap(
        {"main.dss": CIRCUIT + "Disable Vsource.source\nNew Vsource.Grid basekv=12.47 pu=1.01 bus1=a\n" + BODY}
    ),
}


def written(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder / "main.dss"


def power(master: Path) -> tuple[complex, complex]:
    """At the head: as settled with V_PU, and at another multiplier."""
    model, folder = feeder(master)
    adapter = OpenDssFeeder(model, folder, controls="instant")
    first = adapter.settle(V_PU, 1.0)
    return first, adapter.settle(V_PU, 0.7)


def facts(master: Path) -> DistributionFacts:
    return probe(locate(master.name, master.parent))


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS.keys())
def test_a_master_is_the_circuit_that_it_says(trap: Trap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its solution is that of the circuit written plainly; nothing is written, and the working folder stays."""
    (tmp_path / "away").mkdir()
    monkeypatch.chdir(tmp_path / "away")
    master = written(tmp_path / "model", trap.files)
    plain = written(tmp_path / "plain", {"main.dss": trap.plain})
    before = sorted(path for path in tmp_path.rglob("*"))
    found, expected = facts(master), facts(plain)
    assert found.problem is None
    assert (found.head_p_kw, found.head_q_kvar) == pytest.approx((expected.head_p_kw, expected.head_q_kvar), abs=1e-6)
    assert (found.v_min_pu, found.v_max_pu) == pytest.approx((expected.v_min_pu, expected.v_max_pu), abs=1e-9)
    assert found.regulators == expected.regulators
    assert power(master) == pytest.approx(power(plain), abs=1e-6)
    assert len(found.warnings) == len(trap.remarks), found.warnings
    assert all(said.startswith(begin) for said, begin in zip(found.warnings, trap.remarks, strict=True)), found.warnings
    assert Path.cwd() == tmp_path / "away"
    assert sorted(path for path in tmp_path.rglob("*")) == before


def test_the_model_in_the_generated_folder_is_the_model(tmp_path: Path) -> None:
    """The copy holds the files that are read and no other; names are resolved there as they were at home."""
    for number, trap in enumerate(TRAPS.values()):
        master = written(tmp_path / f"m{number}", trap.files)
        source = locate("main.dss", master.parent)
        copy = source.copy_to(tmp_path / f"c{number}")
        again = locate(source.main, copy.root)
        assert (again.files, again.sha256()) == (source.files, source.sha256())
        assert read_model(copy.root / copy.main, copy.root).remarks == read_model(master, source.root).remarks


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        (
            {"main.dss": "redirect Codes.dss\n", "codes.dss": "", "CODES.DSS": ""},
            r"main\.dss line 1 refers to Codes\.dss, and it is not clear to which file: CODES\.DSS or codes\.dss",
        ),
        (
            {"main.dss": "Compile C:\\x\\codes.dss\n", "a/codes.dss": "", "b/codes.dss": ""},
            r"it is not clear to which file: a/codes\.dss or b/codes\.dss",
        ),
        (
            {"main.dss": "Compile C:\\x\\codes.dss\n"},
            "by an absolute path, and there is no such file below the master's",
        ),
        ({"main.dss": "cd sub\nredirect x.dss\n", "sub/y.dss": ""}, r"line 2 refers to x\.dss, which is not there"),
    ],
)
def test_what_cannot_be_found_is_one_sentence(files: dict[str, str | bytes], sentence: str, tmp_path: Path) -> None:
    written(tmp_path, files)
    with pytest.raises(ModelNotFound, match=sentence) as caught:
        locate("main.dss", tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("Disable Vsource.source\n", "has no voltage source in service"),
        (
            "Disable Vsource.source\nNew Vsource.one bus1=a\nNew Vsource.two bus1=b\n",
            "it is not clear which of one, two is its head: leave one source in service",
        ),
    ],
)
def test_a_head_that_is_none_is_one_sentence(source: str, sentence: str, tmp_path: Path) -> None:
    found = facts(written(tmp_path, {"main.dss": PLAIN + source}))
    assert found.problem is not None
    assert sentence in found.problem
    assert "\n" not in found.problem


def test_a_source_between_two_phases_is_refused(tmp_path: Path) -> None:
    text = (
        "Clear\nNew Circuit.x phases=1 basekv=12.47 bus1=a.1 bus2=a.2\nNew Load.l phases=1 bus1=a.1.2 kv=12.47 kw=9\n"
    )
    problem = facts(written(tmp_path, {"main.dss": text})).problem
    assert problem is not None
    assert "the voltage source of main.dss is not connected to ground (bus2=a.2)" in problem


# heads that are not a three-phase wye


def test_a_single_phase_head(tmp_path: Path) -> None:
    text = (
        "Clear\nNew Circuit.x phases=1 basekv=7.2 bus1=a.2\nNew Line.l phases=1 bus1=a.2 bus2=b.2 r1=0.5 x1=0.5\n"
        "New Load.l phases=1 bus1=b.2 kv=7.2 kw=100 kvar=20\nSet voltagebases=[12.47]\nCalcVoltageBases\nSolve\n"
    )
    master = written(tmp_path, {"main.dss": text})
    found = facts(master)
    assert found.warnings == ("the feeder's source has 1 phase, not three",)
    model, folder = feeder(master)
    adapter = OpenDssFeeder(model, folder, controls="frozen")
    total = adapter.settle(V_PU, 1.0)
    assert total.real == pytest.approx(100.1, abs=0.1)
    assert adapter.phase_power_kva.tolist() == pytest.approx([0, total, 0])


def test_a_two_phase_head(tmp_path: Path) -> None:
    """OpenDSS's two phases are 180 degrees apart, each of half the rated voltage to ground."""
    text = (
        "Clear\nNew Circuit.x phases=2 basekv=14.4 bus1=a.1.2\nNew Load.l phases=1 bus1=a.1 kv=7.2 kw=100\n"
        "New Load.m phases=1 bus1=a.2 kv=7.2 kw=60\nNew Line.l phases=2 bus1=a.1.2 bus2=b.1.2\n"
        "Set voltagebases=[12.47]\nCalcVoltageBases\n"
    )
    master = written(tmp_path, {"main.dss": text})
    found = facts(master)
    assert found.source is not None
    assert found.head is not None
    assert found.source.kv == pytest.approx(7.2 * 3**0.5, abs=1e-6)
    assert found.head.v_pu == pytest.approx(1.0, abs=1e-3)
    model, folder = feeder(master)
    adapter = OpenDssFeeder(model, folder, controls="frozen")
    assert adapter.settle(1.0 + 0j, 1.0).real == pytest.approx(160, abs=0.1)
    assert adapter.phase_power_kva.real.tolist() == pytest.approx([100, 60, 0], abs=0.1)


def test_a_delta_head_carries_no_zero_sequence(tmp_path: Path) -> None:
    loads = "".join(
        f"New Load.d{a}{b} phases=1 conn=delta bus1=a.{a}.{b} kv=12.47 kw={kw}\n"
        for a, b, kw in ((1, 2, 100), (2, 3, 300), (3, 1, 50))
    )
    master = written(tmp_path, {"main.dss": CIRCUIT + loads + BASES})
    model, folder = feeder(master)
    adapter = OpenDssFeeder(model, folder, controls="frozen")
    assert adapter.settle(1.0 + 0j, 1.0).real == pytest.approx(450, abs=0.01)
    assert abs(adapter.phase_current_a.sum()) < 1e-9
    assert abs(adapter.phase_current_a).max() > 10


# the masters that come with the IEEE 123 node feeder

RUNS = {
    "Run_IEEE123Bus.DSS": (),
    "P174_Run_VoltageProfile.DSS": ("the feeder sets a load multiplier of 0.4",),
    "P174_Run_SolarRamp.DSS": (
        "P174_Run_SolarRamp.DSS line 21 refers to solarramp.csv: SolarRamp.csv is read",
        "P174_Run_SolarRamp.DSS line 33 sets mode=dutycycle: a study solves snapshots",
    ),
    "RevRegTest.dss": ("RevRegTest.dss line 34 sets mode=daily: a study solves snapshots",),
}
"""What is said of each; they solve, plot, export and run days and ramps."""


@shared
@pytest.mark.parametrize("name", RUNS)
def test_run_masters_of_ieee123(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against OpenDSS itself: the lines that solve, show, plot and export taken out of a copy, then one snapshot."""
    (tmp_path / "away").mkdir()
    monkeypatch.chdir(tmp_path / "away")
    before = sorted(os.listdir(SHARED_FEEDERS / "ieee123"))
    found = facts(SHARED_FEEDERS / "ieee123" / name)
    assert found.problem is None
    assert len(found.warnings) == len(RUNS[name]), found.warnings
    assert all(said.startswith(begin) for said, begin in zip(found.warnings, RUNS[name], strict=True)), found.warnings
    assert sorted(os.listdir(SHARED_FEEDERS / "ieee123")) == before
    assert os.listdir(tmp_path / "away") == []
    assert complex(found.head_p_kw, found.head_q_kvar) == pytest.approx(by_opendss(name, tmp_path / "copy"), rel=1e-5)


def by_opendss(name: str, copy: Path) -> complex:
    """Head power in kW + j kvar, read off the source."""
    shutil.copytree(SHARED_FEEDERS / "ieee123", copy)
    text = (copy / name).read_text(encoding="latin-1").replace("solarramp.csv", "SolarRamp.csv")
    left_out = ("show", "plot", "export", "solve", "help")
    lines = [line for line in text.splitlines() if not line.strip().lower().startswith(left_out)]
    (copy / name).write_text("\n".join(lines), encoding="latin-1")
    engine = DSS.NewContext()
    engine.AllowForms = engine.AllowEditor = engine.AllowChangeDir = False
    for command in ("clear", "set DefaultBaseFrequency=60", f'redirect "{copy / name}"', "set mode=snapshot"):
        engine.Text.Command = command
    engine.Text.Command = "set controlmode=static tolerance=1e-9 maxiterations=100 maxcontroliter=100"
    engine.Text.Command = "solve"
    return -complex(*engine.ActiveCircuit.TotalPower)


@shared
def test_a_master_that_names_files_of_another_installation_is_refused() -> None:
    with pytest.raises(
        ModelNotFound, match=r"Run_YearlySim\.dss line 14 refers to .*LoadShape1\.DSS, which is not there"
    ):
        locate("Run_YearlySim.dss", SHARED_FEEDERS / "ieee123")
