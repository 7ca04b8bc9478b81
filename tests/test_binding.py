"""Importing HELICS with what cffi made of its headers before."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

LOOK = """
import sys
from tdscen.runtime.binding import ffi, helics
from tdscen.runtime import vectors
info = helics.helicsCreateFederateInfo()
helics.helicsFederateInfoSetCoreTypeFromString(info, "inproc")
print(type(ffi).__module__, ffi is helics.capi.ffi, helics.helicsGetVersion().split()[0], "cffi" in sys.modules)
"""


def look(cache: Path, before: str = "") -> str:
    """What a new process says of its binding."""
    environment = {**os.environ, "TDSCEN_CACHE": str(cache)}
    done = subprocess.run(
        [sys.executable, "-c", before + LOOK], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_headers_are_parsed_once(tmp_path: Path) -> None:
    assert look(tmp_path).split()[:2] == ["cffi.api", "True"]
    (kept,) = (tmp_path / "bindings").glob("*.py")
    second = look(tmp_path).split()
    assert second[:2] == ["_cffi_backend", "True"]
    assert second[2][0].isdigit()
    assert second[3] == "False"  # the parser is not even imported
    assert [path.name for path in (tmp_path / "bindings").glob("*.py")] == [kept.name]


@pytest.mark.parametrize("damage", ["", "import cffi_that_is_not_there", "ffi ="])
def test_half_a_file_is_made_again(tmp_path: Path, damage: str) -> None:
    look(tmp_path)
    (kept,) = (tmp_path / "bindings").glob("*.py")
    kept.write_text(damage)
    assert look(tmp_path).startswith("cffi.api")
    assert look(tmp_path).startswith("_cffi_backend")


def test_who_has_imported_helics_or_cffi_before_keeps_them(tmp_path: Path) -> None:
    look(tmp_path)
    assert look(tmp_path, "import helics\n").startswith("cffi.api True")
    assert look(tmp_path, "import cffi\n").endswith("True")


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert look(tmp_path / "file" / "cache").startswith("cffi.api")
