"""What a hostile input is: how it is made, and what is to be said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

STUDY = """\
scenario "hostile"
transmission t {{ simulator = andes; case = "{case}" }}
distribution d {{ simulator = opendss; model = "{model}" }}
interface i {{ transmission = t.bus[4]; distribution = d; scale = 1 }}
simulation {{ step = 1 s; stop = 2 s }}
"""
CASE = "ieee14/ieee14_full.xlsx"
FEEDER = """\
Clear
New Circuit.f basekv=69 pu=1.0 bus1=a
New Line.l bus1=a bus2=b length=1 r1=0.1 x1=0.2 r0=0.1 x0=0.2 c1=0 c0=0
New Load.x bus1=b kv=69 kw=1000 pf=0.95
Set voltagebases=[69]
CalcVoltageBases
"""


@dataclass(frozen=True)
class Case:
    """`make` writes `study.tds` and what belongs to it into an empty folder, in which `command` is then called.

    `says`: a part of what is said, in one error where `status` is 1. `heavy`: not in the default run of the tests.
    """

    name: str
    make: Callable[[Path], None]
    says: str
    status: int = 1
    command: tuple[str, ...] = ("check", "study.tds")
    heavy: bool = False
    seconds: float = 30.0
    mb: int = 400


def study(folder: Path, *, case: str = CASE, model: str = "f.dss", feeder: str = FEEDER, more: str = "") -> None:
    """A small sound study with the feeder `f.dss`; a case spoils one thing of it."""
    text = STUDY.format(case=case, model=model) + more
    (folder / "study.tds").write_text(text, encoding="utf-8")
    (folder / "f.dss").write_text(feeder, encoding="utf-8")


def scenario(text: str | bytes) -> Callable[[Path], None]:
    """A scenario of this text alone."""

    def make(folder: Path) -> None:
        study(folder)
        (folder / "study.tds").write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))

    return make


def changed(old: str, new: str) -> Callable[[Path], None]:
    """The sound study with one text of it replaced."""

    def make(folder: Path) -> None:
        study(folder)
        text = (folder / "study.tds").read_text(encoding="utf-8")
        assert old in text
        (folder / "study.tds").write_text(text.replace(old, new, 1), encoding="utf-8")

    return make


def added(text: str) -> Callable[[Path], None]:
    """The sound study with more text behind it."""
    return lambda folder: study(folder, more=text)


def feeder(text: str) -> Callable[[Path], None]:
    """The sound study with more lines in its feeder model."""
    return lambda folder: study(folder, feeder=FEEDER + text)
