"""The study of a soak: a cut of the shipped scenario, in one folder for many runs and in copies for one run each."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from federations import TESTS, faked
from model_files import ROOT
from plans import demo_plan

SHIPPED = ROOT / "scenarios" / "ieee14_ieee34.tds"
TDSCEN = (sys.executable, "-c", "from tdscen.cli import main; main()")

MARK = "TDSCEN_SOAK"
"""Environment variable by which the processes of a soak are recognised, whoever is their parent."""


@dataclass(frozen=True)
class Study:
    """`folder`: the generated folder that runs share; `scenario` None where fakes stand for the simulators."""

    place: Path
    folder: Path
    scenario: Path | None

    @property
    def temporary(self) -> Path:
        """The temporary folder of every process of the soak."""
        return self.place / "tmp"

    @property
    def environment(self) -> dict[str, str]:
        """For every process of the soak."""
        scripts = Path(sys.executable).parent
        return {
            **os.environ,
            "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join([str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "TMPDIR": str(self.temporary),
            MARK: str(self.place),
            "FAKE_SLEEP_S": "0",
        }

    def copy(self, number: int) -> Path:
        """A copy of the folder as it was compiled."""
        folder = self.place / f"copy{number:04d}"
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("runs", "*.log"))
        return folder


def prepared(place: Path, stop_s: int, *, fakes: bool) -> Study:
    """Compile the study below `place`, an empty folder."""
    (place / "tmp").mkdir(parents=True)
    folder = place / "generated" / "study"
    if fakes:
        faked(folder, demo_plan())
        return Study(place, folder, None)
    shutil.copytree(ROOT / "scenarios" / "feeders" / "ieee34", place / "feeders" / "ieee34")
    scenario = place / "study.tds"
    scenario.write_text(SHIPPED.read_text().replace("stop = 15 s", f"stop = {stop_s} s"))
    study = Study(place, folder, scenario)
    compiling = [*TDSCEN, "compile", str(scenario), "-o", str(folder)]
    subprocess.run(compiling, env=study.environment, check=True, stdout=subprocess.DEVNULL)
    return study
