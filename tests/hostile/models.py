"""Hostile models: cases of ANDES, feeders of OpenDSS, and what their files lead to."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

from hostile.case import FEEDER, Case, feeder, study
from hostile.scenarios import sparse

MB = 2**20


def case(name: str, content: bytes | Callable[[Path], None]) -> Callable[[Path], None]:
    """The sound study with a case of its own."""

    def make(folder: Path) -> None:
        study(folder, case=name)
        if callable(content):
            content(folder / name)
        else:
            (folder / name).write_bytes(content)

    return make


def bomb(path: Path) -> None:
    """An Excel file of 1 MB whose only sheet unpacks to 1 GB."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file, file.open("xl/sheet1.xml", "w") as sheet:
        for _ in range(1024):
            sheet.write(b"\0" * MB)


def lying_bomb(path: Path) -> None:
    """The same, stating that it unpacks to 100 bytes."""
    bomb(path)
    size = (2**30).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (100).to_bytes(4, "little")))


def cut(path: Path) -> None:
    """An Excel case of ANDES of which half is missing."""
    from tdscen.simulators.andes.files import cases_folder

    folder = cases_folder()
    assert folder is not None
    content = (folder / "ieee14" / "ieee14_full.xlsx").read_bytes()
    path.write_bytes(content[: len(content) // 2])


def files(main: str, **others: str | bytes) -> Callable[[Path], None]:
    """The sound study with this feeder, and other files (`__` for a slash, `_dot_` for a dot)."""

    def make(folder: Path) -> None:
        study(folder, feeder=main)
        for name, content in others.items():
            path = folder / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())

    return make


def chain(length: int) -> Callable[[Path], None]:
    """A file that redirects to a file that redirects to ..."""

    def make(folder: Path) -> None:
        study(folder, feeder="redirect 0.dss\n")
        for i in range(length):
            (folder / f"{i}.dss").write_text(f"redirect {i + 1}.dss\n")
        (folder / f"{length}.dss").write_text(FEEDER)

    return make


def linked(target: str) -> Callable[[Path], None]:
    """A feeder with a file that is a symbolic link."""

    def make(folder: Path) -> None:
        study(folder, feeder=FEEDER + "new loadshape.s npts=2 interval=1 csvfile=x.csv\n")
        os.symlink(target, folder / "x.csv")

    return make


def model(name: str) -> Callable[[Path], None]:
    """The sound study with another file for its feeder."""
    return lambda folder: study(folder, model=name)


def sparse_feeder(folder: Path) -> None:
    study(folder)
    sparse(folder / "f.dss")


LIBRARY = "/lib/x86_64-linux-gnu/libz.so.1"
DEEP = b"[" * 20 * MB

CASES = (
    Case("case: not there", lambda folder: study(folder, case="none.xlsx"), "TDS401"),
    Case("case: empty", case("c.xlsx", b""), "TDS402"),
    Case("case: half of it", case("c.xlsx", cut), "TDS402"),
    Case("case: a picture called .xlsx", case("c.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(1000)), "TDS402"),
    Case("case: a zip bomb, 1 GB", case("c.xlsx", bomb), "unpacks to more than"),
    Case("case: a zip bomb that states 100 bytes", case("c.xlsx", lying_bomb), "TDS40", heavy=True),
    Case("case: JSON of 8 GB", case("c.json", sparse), "256 MB"),
    Case("case: JSON, 20 MB of nesting", case("c.json", DEEP), "TDS402", heavy=True, mb=1000),
    Case("case: JSON of another kind", case("c.json", json.dumps([1, 2, {"a": "b"}]).encode()), "TDS402"),
    Case("case: JSON that is cut", case("c.json", b'{"Bus": [{"idx": 1, "name":'), "TDS402"),
    Case(
        "case: JSON with a model that is code",
        case("c.json", json.dumps({"__import__('os').system('touch pwned')": [{"idx": 1}]}).encode()),
        "TDS40",
    ),
    Case(
        "case: JSON with values that are code",
        case(
            "c.json",
            json.dumps({"Bus": [{"idx": 1, "name": "x", "Vn": "__import__('os').system('touch pwned')"}]}).encode(),
        ),
        "TDS40",
    ),
    Case("case: a text called .raw", case("c.raw", b"hello\n" * 10), "TDS402"),
    Case("case: a .m with code", case("c.m", b"mpc.bus = [__import__('os').system('touch pwned')];\n"), "TDS402"),
    Case("case: a device", lambda folder: study(folder, case="/dev/zero"), "TDS401"),
    Case(
        "case: below the cases of ANDES by ..",
        lambda folder: study(folder, case="ieee14/../../../../../../../../etc/passwd"),
        "TDS40",
    ),
    Case("case: another kind of file", lambda folder: study(folder, case="study.tds"), "TDS40"),
    Case("feeder: not there", model("none.dss"), "TDS401"),
    Case("feeder: empty", files(""), "defines no circuit"),
    Case("feeder: a picture", files("", f_dot_dss=b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10), "TDS40"),
    Case("feeder: 8 GB", sparse_feeder, "256 MB"),
    Case("feeder: half a line", files(FEEDER[:60]), "TDS40"),
    Case("feeder: redirects in a circle", files("redirect a.dss", a_dot_dss="redirect f.dss"), "leads back"),
    Case("feeder: redirects to itself", files("redirect f.dss"), "leads back"),
    Case("feeder: 2000 redirects", chain(2000), "more than 50"),
    Case("feeder: reads /etc/passwd", feeder("redirect /etc/passwd\n"), "by an absolute path"),
    Case("feeder: reads ../../etc/passwd", feeder("redirect " + "../" * 20 + "etc/passwd\n"), "neither below"),
    Case("feeder: reads through a link", linked("/etc/passwd"), "neither below"),
    Case("feeder: reads a device through a link", linked("/dev/zero"), "TDS401"),
    Case(
        "feeder: reads a shape of ../../",
        feeder("new loadshape.s npts=2 interval=1 mult=(file=" + "../" * 20 + "etc/passwd)\n"),
        "neither below",
    ),
    Case("feeder: shortened name of a file", feeder("new loadshape.s npts=2 csv=/etc/passwd\n"), "write it in full"),
    Case("feeder: loads a library", feeder(f"new generator.g bus1=b usermodel={LIBRARY}\n"), "a program library"),
    Case(
        "feeder: loads a library by position",
        feeder(f"new generator.g bus1=b forceon=no {LIBRARY}\n"),
        "without a name",
    ),
    Case(
        "feeder: loads a library of a storage", feeder(f"new storage.s bus1=b dynadll={LIBRARY}\n"), "a program library"
    ),
    Case("feeder: starts a program", feeder("DOScmd touch ../pwned\n"), OK := "no problems", 0),
    Case("feeder: writes files", feeder("Save circuit dir=../pwned\nExport voltages ../pwned.csv\nDump\n"), OK, 0),
    Case("feeder: a command in quotes", feeder('"Export" voltages ../pwned.csv\n'), "without quotes"),
    Case("feeder: a command from a variable", feeder("var @e=Export\n@e voltages ../pwned.csv\n"), "without quotes"),
    Case("feeder: records everything", feeder("set recorder=yes log=yes demandinterval=yes\nsolve\n"), OK, 0),
    Case("feeder: ends the process", feeder("quit\n"), OK, 0),
    Case(
        "feeder: 10,000 elements",
        feeder("".join(f"New Load.n{i} bus1=b kv=69 kw=0.001\n" for i in range(10_000))),
        OK,
        0,
        heavy=True,
        mb=3000,
        seconds=120,
    ),
    Case(
        "feeder: a shape of 1e9 points",
        feeder("New Loadshape.s npts=1000000000 interval=1 mult=(1 2)\n"),
        "TDS40",
        heavy=True,
    ),
    Case(
        "feeder: a line of 1e9 phases",
        feeder("New Line.m bus1=a bus2=c phases=1000000000\n"),
        "TDS40",
        heavy=True,
        mb=9000,
    ),
    Case("feeder: NUL bytes", feeder("New Load.y\0 bus1=b\n"), "NUL"),
    Case("feeder: 1e999", feeder("New Load.y bus1=b kv=69 kw=1e999\n"), "TDS40"),
    Case("feeder: NaN", feeder("New Load.y bus1=b kv=69 kw=nan\n"), "TDS40"),
)
