"""What a DSS master reads, found from its text."""

from pathlib import Path

import pytest
from model_files import SHARED_FEEDERS

from tdscen.simulators import ModelNotFound
from tdscen.simulators.opendss.files import locate, read_model
from tdscen.simulators.opendss.script import parse


def tree(folder: Path, **files: str) -> Path:
    """Files by name, `__` for a folder and `_dss`, `_csv` for the suffix."""
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dss", ".dss").replace("_csv", ".csv")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, newline="")
    return folder


def test_paths_are_relative_to_the_file_they_stand_in(tmp_path: Path) -> None:
    tree(
        tmp_path,
        main_dss='Clear\r\nNew Circuit.x\r\nRedirect "sub/lines.dss"\r\ncompile (sub\\loads.dss)\r\nbuscoords xy.csv',
        sub__lines_dss="redirect more\\codes.dss ! with a comment",
        sub__more__codes_dss="New Loadshape.a npts=3 mult=(file=../../shape.csv, col=1)",
        sub__loads_dss="New Loadshape.b csvfile='../b.csv'\n~ pmult=[dblfile=p.csv]\n// Redirect gone\n! redirect gone",
        shape_csv="1",
        xy_csv="a,1,2",
        b_csv="1",
        sub__p_csv="1",
        unused_csv="",
    )
    source = locate("main.dss", tmp_path)
    assert source.main == "main.dss"
    assert source.files == (
        "b.csv", "main.dss", "shape.csv", "sub/lines.dss", "sub/loads.dss", "sub/more/codes.dss", "sub/p.csv", "xy.csv",
    )  # fmt: skip
    executed = read_model(tmp_path / "main.dss", tmp_path).executed
    assert sorted(path.relative_to(tmp_path).as_posix() for path in executed) == [
        "main.dss", "sub/lines.dss", "sub/loads.dss", "sub/more/codes.dss",
    ]  # fmt: skip


def test_files_beside_the_masters_folder_keep_their_places(tmp_path: Path) -> None:
    tree(tmp_path, feeder__main_dss="redirect ../codes/all.dss", codes__all_dss="New Linecode.x nphases=3")
    source = locate("main.dss", tmp_path / "feeder")
    assert (source.root, source.main, source.files) == (
        tmp_path,
        "feeder/main.dss",
        ("codes/all.dss", "feeder/main.dss"),
    )


def test_the_hash_is_that_of_names_and_contents_wherever_they_lie(tmp_path: Path) -> None:
    for place in ("here", "there"):
        tree(tmp_path / place, main_dss="redirect sub/b.dss", sub__b_dss="New Circuit.x")
    here, there = locate("main.dss", tmp_path / "here"), locate("main.dss", tmp_path / "there")
    assert here.sha256() == there.sha256()
    copied = here.copy_to(tmp_path / "copy")
    assert locate("main.dss", tmp_path / "copy").sha256() == copied.sha256() == here.sha256()
    (tmp_path / "there" / "sub" / "b.dss").write_text("New Circuit.y")
    assert there.sha256() != here.sha256()


@pytest.mark.parametrize(
    "line",
    [
        "export voltages x.csv",
        "Show Currents elem",
        "ex monitor m file=x.csv",
        "plot profile",
        "save circuit file=x.dss",
        'New Load.x bus1=a ! mult=(file="x.csv")',
        "/* redirect x.dss */",
    ],
)
def test_output_and_comments_are_no_references(line: str) -> None:
    assert parse(line).references == ()


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Redir [a b.dss]", "a b.dss"),
        ('COMPILE "a.dss"', "a.dss"),
        ("redirect file=a.dss", "a.dss"),
        ("New LoadShape.x npts=2 sngfile=a.sng", "a.sng"),
        ("~ mult=(file='a, b.csv')", "a, b.csv"),
        ("loadshape.x.mult=(file=a.csv)", "a.csv"),
        ("New Spectrum.x csvfile=a.csv // b", "a.csv"),
        ("LatLong a.csv", "a.csv"),
    ],
)
def test_every_spelling_of_a_reference_is_found(line: str, name: str) -> None:
    assert [reference.name for reference in parse(line).references] == [name]


@pytest.mark.parametrize(
    ("line", "executed"),
    [
        ("Show Voltages", "! Show Voltages"),
        ("Export voltages x.csv", "! Export voltages x.csv"),
        (" solve", " MakeBusList"),
        ("Solve ! now", "MakeBusList! now"),
        ("Solve mode=daily", "MakeBusList"),
        ("Solve mode=daily number=24 ! a day", "Set number=24 ! a day"),
        ("set mode=snap", "! set mode=snap"),
        ("Set ControlMode=off mode=yearly", "Set ControlMode=off "),
        ('Set datapath="C:\\a b", loadmult=0.9', "Set loadmult=0.9"),
        ("cd ..", "! cd .."),
        ("Select Line.a", "Select Line.a"),
        ("Set voltagebases=[115 4.16]", "Set voltagebases=[115 4.16]"),
    ],
)
def test_what_shows_solves_or_moves_is_not_executed(line: str, executed: str) -> None:
    assert parse(line).executed({}) == executed


def test_lines_keep_their_numbers() -> None:
    text = "New Circuit.x\nShow Voltages\r\n/*\nshow\n*/\rsolve"
    assert parse(text).executed({}) == "New Circuit.x\n! Show Voltages\n/*\nshow\n*/\nMakeBusList"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("\nRedirect lincodes.dss", r"^main\.dss line 2 refers to lincodes\.dss, .*did you mean LineCodes\.dss\?$"),
        (
            "New Loadshape.x csvfile=shpae.csv",
            r"line 1 refers to shpae\.csv, which is not there: did you mean shape\.csv",
        ),
        ("redirect sub/a.dss", r"^sub/a\.dss line 1 redirects to \.\./main\.dss, which leads back to this line$"),
        ("redirect main.dss", "leads back to this line"),
        ("redirect C:\\feeders\\none.dss", "by an absolute path"),
        ("redirect /etc/hosts", "by an absolute path"),
    ],
)
def test_what_cannot_be_followed_is_named_with_file_and_line(tmp_path: Path, text: str, sentence: str) -> None:
    tree(tmp_path, main_dss=text, LineCodes_dss="", shape_csv="", sub__a_dss="redirect ../main.dss")
    with pytest.raises(ModelNotFound, match=sentence):
        locate("main.dss", tmp_path)


def test_a_missing_master_names_its_neighbours(tmp_path: Path) -> None:
    tree(tmp_path, feeders__ieee34__ieee34_dss="")
    with pytest.raises(ModelNotFound, match=r"did you mean feeders/ieee34/ieee34\.dss\?"):
        locate("feeders/iee34/ieee34.dss", tmp_path)


@pytest.mark.skipif(not SHARED_FEEDERS.is_dir(), reason="the shared feeders are not there")
def test_the_closure_of_ieee123() -> None:
    source = locate("Run_IEEE123Bus.DSS", SHARED_FEEDERS / "ieee123")
    assert source.files == (
        "BusCoords.dat", "IEEE123Loads.DSS", "IEEE123Master.dss", "IEEE123Regulators.DSS", "IEEELineCodes.DSS",
        "Run_IEEE123Bus.DSS",
    )  # fmt: skip


def test_a_text_is_read_once_however_often_its_model_is_loaded_and_anew_when_it_changes(tmp_path: Path) -> None:
    master = tree(tmp_path, a_dss="redirect b.dss", b_dss="! once") / "a.dss"
    first = read_model(master, tmp_path)
    read = parse.cache_info().misses
    assert read_model(master, tmp_path) == first
    assert parse.cache_info().misses == read
    (tmp_path / "b.dss").write_text("redirect c.dss", encoding="utf-8")
    with pytest.raises(ModelNotFound, match=r"c\.dss"):
        read_model(master, tmp_path)
