"""What was computed from models, by the hash of everything that went in: one JSON file an answer."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from tdscen.simulators.cache import cache_folder, cache_path

FORMAT = 1
"""Part of every key: a change of the facts or of how they are computed makes all answers new."""


def key(*parts: str) -> str:
    """The name of an answer: a hash over everything that it depends on, and over `FORMAT`."""
    digest = hashlib.sha256()
    for part in (str(FORMAT), *parts):
        digest.update(f"{len(part)}\0{part}".encode())
    return digest.hexdigest()


def installed(package: str) -> str | None:
    """The version of an installed distribution, without importing it (None: it is not installed)."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def read(name: str) -> Any | None:
    """The answer of that name, or None where there is none (or one that was cut short)."""
    try:
        return json.loads((cache_path() / "answers" / f"{name}.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return None


def write(name: str, answer: Any) -> None:
    """Keep an answer; a reader sees all of it or nothing. Raises `OSError` where the cache cannot be written."""
    folder = cache_folder("answers")
    with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".part", delete=False, encoding="utf-8") as file:
        json.dump(answer, file, sort_keys=True)
    os.replace(file.name, folder / f"{name}.json")
