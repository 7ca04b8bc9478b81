"""What was computed from models, by the hash of everything that went in: one JSON file an answer."""

from __future__ import annotations

import functools
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from tdscen.cache import cache_folder, cache_path

_PACKAGE = Path(__file__).resolve().parents[1]


def key(*parts: str) -> str:
    """The name of an answer: a hash over everything that it depends on, and over the code that computes it."""
    digest = hashlib.sha256()
    for part in (_code(), *parts):
        digest.update(f"{len(part)}\0{part}".encode())
    return digest.hexdigest()


@functools.cache
def _code() -> str:
    """Hash of what turns models into answers: a new version of tdscen asks anew only where that has changed."""
    digest = hashlib.sha256()
    folders = ("simulators", "probing")
    files = [_PACKAGE / "facts.py", *(path for folder in folders for path in (_PACKAGE / folder).rglob("*.py"))]
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def read(name: str) -> Any | None:
    """The answer of that name, or None where there is none (or one that was cut short)."""
    try:
        return json.loads((cache_path() / "answers" / f"{name}.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return None


def write(name: str, answer: Any) -> None:
    """Keep an answer; a reader sees all of it or nothing. Raises `OSError` where the cache cannot be written."""
    import tempfile  # slow to import, and most answers are read

    folder = cache_folder("answers")
    with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".part", delete=False, encoding="utf-8") as file:
        json.dump(answer, file, sort_keys=True)
    os.replace(file.name, folder / f"{name}.json")
