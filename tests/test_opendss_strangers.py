"""DSS texts of strangers: whatever OpenDSS would do for them outside of the circuit does not happen.

Each line is first given to OpenDSS as it is, where what it does is seen, and then through our reading of it.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from dss import DSS, DSSException

from tdscen.simulators import ModelNotFound
from tdscen.simulators.errors import SimulationError
from tdscen.simulators.opendss.commands import COMMANDS, OPTIONS, meaning, option
from tdscen.simulators.opendss.engine import open_engine
from tdscen.simulators.opendss.files import locate
from tdscen.simulators.opendss.script import parse
from tdscen.simulators.opendss.strangers import LIBRARIES, Subject

CIRCUIT = """Clear
New Circuit.f basekv=12.47 bus1=a
New Line.l bus1=a bus2=b
New Load.x bus1=b kv=12.47 kw=10
New EnergyMeter.m element=line.l
Set voltagebases=[12.47]
CalcVoltageBases
Solve
"""
WRITING = [
    "Export voltages {out}/x.csv",
    '"Export" voltages {out}/x.csv',
    "'Export' voltages {out}/x.csv",
    "(Export) voltages {out}/x.csv",
    "[Export] voltages {out}/x.csv",
    "{{Export}} voltages {out}/x.csv",
    "Export,voltages,{out}/x.csv",
    "eXpO voltages {out}/x.csv",
    "var @e=Export\n@e voltages {out}/x.csv",
    "set data={out}\nExport voltages",
    "set bus=b {out}\nset recorder=yes",
    "Distribute kw=100 file={out}/x.dss",
    "Save circuit dir={out}/x",
    "CalcIncMatrix\nExport IncMatrix {out}/x.csv",
    "set datapath={out}\nset recorder=yes\nsolve\nset recorder=no",
    "set datapath={out}\nset log=yes recorder=yes",
    "set datapath={out} demandinterval=yes mode=daily number=3\nsolve\nclosedi",
    "solve datap={out} demandint=yes mode=daily number=3\nclosedi",
    "set datapath={out}\nDump line.* debug",
    "set datapath={out}\nShow voltages",
]
READING = [
    "new loadshape.s npts=2 interval=1 csvfile={out}/secret.csv",
    "new loadshape.s npts=2 interval=1 csvf={out}/secret.csv",
    "new loadshape.s npts=2 interval=1 c={out}/secret.csv",
    "new loadshape.s npts=2 interval=1\n~ csv={out}/secret.csv",
    "new loadshape.s npts=2 interval=1\nloadshape.s.csv={out}/secret.csv",
    "new loadshape.s npts=2 interval=1 stddev=0 {out}/secret.csv",
    "new loadshape.s npts=2 interval=1 mult=(file={out}/secret.csv)",
    'new loadshape.s npts=2 interval=1 mult=("file"={out}/secret.csv)',
    'new loadshape.s npts=2 interval=1 "csvfile"={out}/secret.csv',
    "var @v=(file={out}/secret.csv)\nnew loadshape.s npts=2 interval=1 mult=@v",
    "new loadshape.s npts=2 interval=1 mult=( 1 ! ) csvfile={out}/secret.csv",
    "redirect {out}/secret.dss",
    "compile {out}/secret.dss",
    "redirect link.dss",
]
LOADING = [
    "new generator.g bus1=b usermodel={library}",
    "new generator.g bus1=b userm={library}",
    "new generator.g bus1=b shaftmodel={library}",
    "new generator.g bus1=b\n~ user={library}",
    "new generator.g bus1=b\ngenerator.g.usermodel={library}",
    "new generator.g bus1=b forceon=no {library}",
    'new generator.g bus1=b "usermodel"={library}',
    "new pvsystem.g bus1=b usermodel={library}",
    "new storage.g bus1=b dynadll={library}",
    "new generator.g bus1=b\nbatchedit generator..* usermodel={library}",
    "new generator.g bus1=b\nselect generator.g\nmore usermodel={library}",
    "new generator.g bus1=b\nset class=generator\nusermodel={library}",
]


def obeyed(text: str, folder: Path) -> str:
    """What OpenDSS answers to a text as it is, in a process of its own (some of these end it)."""
    (folder / "bare.dss").write_text(CIRCUIT + text, encoding="utf-8")
    program = (
        "import sys, dss; e = dss.DSS.NewContext(); e.AllowForms = e.AllowEditor = e.AllowChangeDir = False\n"
        "e.Text.Command = f'redirect \"{sys.argv[1]}\"'\n"
        "e.Text.Command = '? loadshape.s.mult'; print('MULT', e.Text.Result)"
    )
    command = [sys.executable, "-c", program, str(folder / "bare.dss")]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def through_us(text: str, folder: Path) -> str:
    """What becomes of a text in our hands: `refused`, an error of OpenDSS's, or the shape that it made."""
    (folder / "main.dss").write_text(CIRCUIT + text, encoding="utf-8")
    try:
        source = locate("main.dss", folder)
    except ModelNotFound as error:
        return f"refused: {error}"
    engine = open_engine(source)
    if "s" not in engine.ActiveCircuit.LoadShapes.AllNames:
        return "no shape"
    engine.Text.Command = "? loadshape.s.mult"
    return str(engine.Text.Result)


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a model; `tmp_path/out` lies outside of it."""
    for name in ("in/model", "out", "away"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "out" / "secret.csv").write_text("7\n8\n")
    (tmp_path / "out" / "secret.dss").write_text("new loadshape.s npts=2 interval=1 mult=(7 8)\n")
    os.symlink(tmp_path / "out" / "secret.dss", tmp_path / "in" / "model" / "link.dss")
    monkeypatch.chdir(tmp_path / "away")
    return tmp_path / "in" / "model"


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")} - {
        "in/model/main.dss",
        "in/model/bare.dss",
    }


@pytest.mark.parametrize("line", WRITING)
def test_a_model_writes_nothing(line: str, model: Path) -> None:
    text, before = line.format(out=model.parents[1] / "out"), files(model.parents[1])
    with contextlib.suppress(SimulationError):  # what is left of the text need not be a circuit
        through_us(text, model)
    assert files(model.parents[1]) == before


@pytest.mark.parametrize("line", READING)
def test_a_model_reads_nothing_outside(line: str, model: Path) -> None:
    assert "7" not in through_us(line.format(out=model.parents[1] / "out"), model).removeprefix("refused")[:12]


@pytest.mark.parametrize("line", LOADING)
def test_a_model_loads_no_program(line: str, model: Path) -> None:
    library = model.parents[1] / "out" / "none.so"
    assert through_us(line.format(library=library), model).startswith("refused: main.dss line ")


def test_a_comment_within_brackets_ends_the_line() -> None:
    """OpenDSS reads on behind it."""
    assert parse("new generator.g bus1=(b ! ) usermodel=x.so").executed({}) == "new generator.g bus1=(b "


@pytest.mark.slow
@pytest.mark.parametrize("line", [*WRITING, *READING, *LOADING])
def test_the_engine_itself_obeys(line: str, model: Path) -> None:
    """These are attacks: OpenDSS by itself writes, reads or loads what it is told to (or has heard of it)."""
    before = files(model.parents[1])
    said = obeyed(line.format(out=model.parents[1] / "out", library=model.parents[1] / "out" / "none.so"), model)
    if line not in HARMLESS:
        assert files(model.parents[1]) != before or "7" in said.rpartition("MULT")[2] or "User" in said, said


HARMLESS: set[str] = set()
"""Lines that this engine does not obey either; another might."""


def test_shortened_commands_are_those_of_opendss() -> None:
    """OpenDSS takes the first command of its list that begins with what is written."""
    executive = DSS.NewContext().Executive
    assert tuple(str(executive.Command(i)).lower() for i in range(1, executive.NumCommands + 1)) == COMMANDS
    assert tuple(str(executive.Option(i)).lower() for i in range(1, executive.NumOptions + 1)) == OPTIONS
    assert [meaning(word) for word in ("r", "redi", "exp", "ev", "COM", "xyz")] == [
        "plain", "redirect", "output", "unknown", "compile", "unknown",
    ]  # fmt: skip
    assert option("data") == "datapath"


def test_every_class_that_names_libraries_or_files_is_known() -> None:
    engine = DSS.NewContext()
    engine.Text.Command = "new circuit.x"
    for kind in engine.Classes:
        with contextlib.suppress(DSSException):  # some want a partner first; they are there all the same
            engine.Text.Command = f"new {kind}.one"
        names = {str(name).lower() for name in engine.ActiveCircuit.ActiveDSSElement.AllPropertyNames}
        about = Subject(str(kind).lower())
        assert about.is_known
        assert about.may_load == bool(names & set(LIBRARIES))
        assert about.may_read == any(name.endswith("file") for name in names)


def test_ordinary_lines_are_not_refused() -> None:
    text = CIRCUIT + "New Generator.g bus1=b kw=5 kvar=1 model=1\n~ pf=0.9, phases=3\nNew Line.m a b\n"
    text += "New Loadshape.d 3 1 mult=(1 2 3)\nNew Storage.s bus1=b kv=12.47 kwrated=10 %stored=50 dispmode=follow\n"
    text += "Generator.g.kw=6 kvar=2\nBatchEdit Load..* vminpu=0.8\nset maxiter=50, tolerance = 0.001\nsolve mode=daily"
    assert parse(text).refusals == ()
