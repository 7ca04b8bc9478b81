"""The folder where tdscen keeps what it would otherwise compute again."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "TDSCEN_CACHE"
"""Environment variable that names another cache folder."""


def cache_folder(*parts: str) -> Path:
    """A folder below the cache, made if need be. Raises `OSError` with one sentence where it cannot be written."""
    folder = cache_path().joinpath(*parts)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK | os.X_OK)
        reason = "no permission"
    except OSError as error:
        writable, reason = False, error.strerror or str(error)
    if not writable:
        raise OSError(f"the cache folder {folder} cannot be written ({reason}): set {VARIABLE} to one that can")
    return folder


def cache_path() -> Path:
    """Where the cache is, whether or not it exists."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_cache_path("tdscen"))
