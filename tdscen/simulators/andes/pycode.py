"""ANDES's generated code in a cache of our own: made once for each version, never by two processes at a time.

ANDES writes Python code for its models on first use (seconds) into the user's home folder. Here it goes to
tdscen's cache, in a process of its own, into a temporary folder that is renamed when it is complete. On the way what
several equations have in common is computed once (`sharing`).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tdscen.cache import cache_folder, cache_path
from tdscen.installed import version_of
from tdscen.scratch import scratch_folder
from tdscen.simulators.andes.sharing import shared
from tdscen.simulators.errors import SimulationError

_GENERATE = """
import sys, andes
andes.System(default_config=True, no_output=True, no_undill=True, pycode_path=sys.argv[1]).prepare(quick=True)
"""


FORM = 2
"""Changes with what is done to the code, so that a cache of another version of tdscen is not taken for this one's."""


def _name() -> str:
    return f"andes-{version_of('andes', 'andes')}-python{sys.version_info.major}.{sys.version_info.minor}-{FORM}"


def ready() -> bool:
    """Whether the code is there; does not import ANDES."""
    return (cache_path() / _name() / "pycode" / "__init__.py").is_file()


def prepare() -> Path:
    """The folder with the generated code, made first if need be (5 to 15 s). Raises `SimulationError`."""
    if ready():
        return cache_path() / _name() / "pycode"
    try:
        home = cache_folder(_name())
    except OSError as error:
        raise SimulationError(f"ANDES's generated code has no place: {error}") from None
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready():
            _generate(home)
    return home / "pycode"


def _generate(home: Path) -> None:
    with scratch_folder(home, "making-") as folder:
        made = folder / "pycode"
        # The working folder is the temporary one: ANDES must not find files or write any where the user is.
        done = subprocess.run(
            [sys.executable, "-c", _GENERATE, str(made)], cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode != 0 or not (made / "__init__.py").is_file():
            last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
            raise SimulationError(f"ANDES could not generate the code of its models: {last}")
        for module in made.glob("[!_]*.py"):
            module.write_text(shared(module.read_text(encoding="utf-8")), encoding="utf-8")
        shutil.rmtree(home / "pycode", ignore_errors=True)
        os.rename(made, home / "pycode")
