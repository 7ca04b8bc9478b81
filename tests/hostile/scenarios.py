"""Hostile scenario files, and the tables that they name."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from hostile.case import CASE, STUDY, Case, added, changed, scenario, study

SOUND = STUDY.format(case=CASE, model="f.dss")
OK = "no problems"
MB = 2**20


def table(content: bytes | Callable[[Path], None]) -> Callable[[Path], None]:
    """The sound study with a profile from `t.csv`."""

    def make(folder: Path) -> None:
        study(folder)
        text = SOUND.replace("scale = 1 }", 'scale = 1; load = csv("t.csv") }')
        (folder / "study.tds").write_text(text, encoding="utf-8")
        if callable(content):
            content(folder / "t.csv")
        else:
            (folder / "t.csv").write_bytes(content)

    return make


def rows(content: bytes) -> Callable[[Path], None]:
    """The sound study with its interfaces from `t.csv`."""

    def make(folder: Path) -> None:
        study(folder)
        text = SOUND.replace("transmission = t.bus[4]; ", 'from = "t.csv"; ')
        (folder / "study.tds").write_text(text, encoding="utf-8")
        (folder / "t.csv").write_bytes(content)

    return make


def sparse(path: Path) -> None:
    """A file of 8 GB that takes no room."""
    path.touch()
    os.truncate(path, 8 * 2**30)


def includes(depth: int) -> Callable[[Path], None]:
    """A file that includes a file that includes ..."""

    def make(folder: Path) -> None:
        study(folder, more='include "0.tds"\n')
        for i in range(depth):
            (folder / f"{i}.tds").write_text(f'include "{i + 1}.tds"\n')
        (folder / f"{depth}.tds").write_text("")

    return make


def linked(target: str) -> Callable[[Path], None]:
    """The scenario itself is a symbolic link."""

    def make(folder: Path) -> None:
        study(folder)
        (folder / "study.tds").unlink()
        os.symlink(target, folder / "study.tds")

    return make


def fifo(folder: Path) -> None:
    """The scenario includes a pipe into which nobody writes."""
    study(folder, more='include "pipe.tds"\n')
    os.mkfifo(folder / "pipe.tds")


ODD = "ä 'x\" $(touch pwned).tds"


def renamed(name: str) -> Callable[[Path], None]:
    """The sound study in a file of another name."""

    def make(folder: Path) -> None:
        study(folder)
        (folder / "study.tds").rename(folder / name)

    return make


def huge(folder: Path) -> None:
    study(folder)
    sparse(folder / "study.tds")


WIDE = ",".join(["time_s", "load", *(f"c{i}" for i in range(1_000_000))]).encode()
COMBINED = "".join(f"profile p{i} = p{i - 1} * p{i - 1}\n" for i in range(1, 60))

CASES = (
    Case("scenario: nesting, 10 MB", scenario("a = " + "(" * 10 * MB), "2 MB", heavy=True),
    Case("scenario: nesting, 2 MB", scenario("a = " + "(" * (2 * MB - 10)), "TDS103", heavy=True, mb=1000, seconds=90),
    Case("scenario: blocks in blocks, 1 MB", scenario("a { " * (MB // 4)), "TDS10", heavy=True, mb=1500),
    Case("scenario: 8 GB of nothing", huge, "2 MB"),
    Case("scenario: NUL bytes", scenario(SOUND.replace("hostile", "ho\0stile")), "NUL"),
    Case("scenario: UTF-16", scenario(SOUND.encode("utf-16")), "not UTF-8"),
    Case("scenario: a lone surrogate", scenario(SOUND.encode().replace(b"hostile", b"\xed\xa0\x80")), "not UTF-8"),
    Case("scenario: a device", linked("/dev/zero"), "no plain file"),
    Case("scenario: a link to itself", linked("study.tds"), "cannot be read"),
    Case("scenario: a folder", linked("."), "is a directory", status=2),
    Case("scenario: byte order mark and CRLF", scenario(b"\xef\xbb\xbf" + SOUND.replace("\n", "\r\n").encode()), OK, 0),
    Case("scenario: text that runs from right to left", changed("hostile", "\u202e\u2066abc"), "U+202E"),
    Case("scenario: terminal escapes", changed("hostile", "\x1b[2J\x1b]0;x\x07"), "U+001B"),
    Case(
        "scenario: a whole number of a million digits", changed("scale = 1", f"scale = {'9' * MB}"), "TDS3", heavy=True
    ),
    Case("scenario: 1e999", changed("scale = 1", "scale = 1e999"), "TDS3"),
    Case("scenario: a product that is infinite", changed("scale = 1", "scale = 1e300 * 1e300"), "TDS3"),
    Case("scenario: infinity less infinity", changed("1 s;", "1e300 s * 1e300;"), "TDS3"),
    Case("scenario: NaN", changed("scale = 1", "scale = nan"), "TDS309"),
    Case("scenario: 1e18 steps", changed("step = 1 s; stop = 2 s", "step = 1e-9 s; stop = 1e9 s"), "TDS4"),
    Case("scenario: steps of 1e-300 s", changed("step = 1 s", "step = 1e-300 s"), "TDS"),
    Case(
        "scenario: profile with a draw every 1e-12 s",
        changed("scale = 1", "scale = 1; load = normal(mean = 1, std = 1, every = 1e-12 s, seed = 1)"),
        "TDS4",
    ),
    Case(
        "scenario: a walk with a step every 1e-9 s in a sum",
        changed("scale = 1", "scale = 1; load = 1 + random_walk(std = 1, every = 1e-9 s, seed = 1)"),
        "TDS4",
    ),
    Case(
        "scenario: profile that doubles 60 times",
        changed("interface i", f"profile p0 = normal(mean = 1, std = 1, every = 1 s, seed = 1)\n{COMBINED}interface i"),
        "TDS",
    ),
    Case(
        "scenario: profile that doubles 60 times and is used",
        lambda folder: (
            changed("interface i", f"profile p0 = step(at = 1 s, to = 2)\n{COMBINED}interface i")(folder),
            (folder / "study.tds").write_text(
                (folder / "study.tds").read_text().replace("scale = 1", "scale = 1; load = p59")
            ),
        ),
        "TDS",
    ),
    Case(
        "scenario: a sweep of 1e12 points",
        added(
            "sweep s {"
            + "".join(f" a{k} = [{', '.join(map(str, range(1000)))}];" for k in range(4))
            + " }\n"
            + "".join(f"parameter a{k} = 1\n" for k in range(4))
        ),
        "TDS",
        heavy=True,
    ),
    Case("scenario: includes 2000 deep", includes(2000), "TDS10"),
    Case("scenario: includes a device", added('include "/dev/zero"\n'), "no plain file"),
    Case("scenario: includes a pipe", fifo, "no plain file"),
    Case("scenario: includes a file with no text", added('include "/proc/self/exe"\n'), "cannot be read"),
    Case("scenario: includes a name that is too long", added(f'include "{"x" * 5000}"\n'), "TDS106"),
    Case(
        "scenario: a title that is a path",
        changed('"hostile"', '"../../x"'),
        "compiled to generated/study",
        0,
        ("compile", "study.tds"),
    ),
    Case("scenario: a file called ...tds", renamed("...tds"), "name", 1, ("compile", "...tds")),
    Case("scenario: a name of two lines", renamed("a\nb.tds"), "compiled to", 0, ("compile", "a\nb.tds")),
    Case("scenario: quotes, spaces and accents in the path", renamed(ODD), "compiled to", 0, ("compile", ODD)),
    Case(
        "scenario: names that are Python",
        lambda folder: (
            (folder / "study.tds").write_text(
                SOUND.replace("distribution d ", "distribution import ")
                .replace("= d;", "= import;")
                .replace("interface i", "interface __class__")
            )
            and study_feeder(folder)
        ),
        OK,
        0,
    ),
    Case("table: 8 GB", table(sparse), "64 MB"),
    Case("table: a million columns", table(WIDE + b"\n0,1\n2,1\n"), OK, 0, heavy=True),
    Case("table: a cell of 2 MB", table(b"time_s,load\n0," + b"1" * 2 * MB + b"\n2,1\n"), "TDS430"),
    Case("table: a formula", table(b"time_s,load\n0,=cmd|' /C calc'!A0\n2,1\n"), "no number"),
    Case("table: NaN", table(b"time_s,load\n0,nan\n2,1\n"), "not finite"),
    Case("table: 1e999", table(b"time_s,load\n0,1e999\n2,1\n"), "not finite"),
    Case("table: NUL bytes", table(b"time_s,load\n0,\x001\n2,1\n"), "NUL"),
    Case("table: no end of a quoted cell", table(b'time_s,load\n0,"1\n2,1\n'), "TDS430"),
    Case("table: a picture", table(b"\x89PNG\r\n\x1a\n\xff\xff"), "not UTF-8"),
    Case("table: a device", added('profile p = csv("/dev/zero")\n'), "no plain file"),
    Case("rows: a bus of a million digits", rows(b"bus\n" + b"9" * MB + b"\n"), "TDS"),
    Case("rows: a cell of 2 MB", rows(b'bus,scale\n5,"' + b"(" * 2 * MB + b'"\n'), "TDS"),
    Case("rows: a bus that is a superscript", rows("bus\n\u00b2\n".encode()), "TDS"),
    Case("rows: a formula", rows(b"bus,scale\n5,=1+1\n"), "TDS"),
)


def study_feeder(folder: Path) -> None:
    """Only the feeder of the sound study."""
    text = (folder / "study.tds").read_text()
    study(folder)
    (folder / "study.tds").write_text(text)
