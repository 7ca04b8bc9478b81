"""What a process that runs are forked from (`tdscen.runtime.warm`) does beforehand: imports, no case."""

from __future__ import annotations

from tdscen.simulators.andes import pycode
from tdscen.simulators.andes.importing import late_imports


def warm() -> None:
    """Import ANDES, its models and their generated code. An empty system is the way to the last two; it is dropped."""
    with late_imports():
        import andes
        import andes.io.json  # cases are kept in this form, see `converted`

        andes.System(default_config=True, no_output=True, autogen_stale=False, pycode_path=str(pycode.prepare()))
