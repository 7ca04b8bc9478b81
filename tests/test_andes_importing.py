"""ANDES loads and solves without the packages that only other work needs, and they are there when they are called."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SOLVE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from model_files import andes_case
from tdscen.simulators.andes.loading import find, load, set_up, solve_power_flow
from tdscen.simulators.andes.starting import initialise

name = sys.argv[2]
system = load(find(andes_case(name), Path("/nonexistent")))
set_up(system, name)
solve_power_flow(system, name)
initialise(system, name)
print([package for package in ("sympy", "scipy.sparse", "scipy.io", "matplotlib") if package in sys.modules])
"""


@pytest.mark.parametrize(
    ("case", "imported"),
    [("ieee14/ieee14_full.xlsx", "[]"), ("ieee14/ieee14_freqdiv.xlsx", "['scipy.sparse']")],
)
def test_what_a_run_does_not_need_is_not_imported(case: str, imported: str) -> None:
    """The second case has frequency dividers, whose matrices are scipy's."""
    command = [sys.executable, "-c", SOLVE, str(Path(__file__).parent), case]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1] == imported
