"""Every file of a generated folder, in memory: the same plan gives the same bytes everywhere."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from tdscen import __version__, codec
from tdscen.emit.scripts import broker_script, distribution_script, transmission_script
from tdscen.emit.support import unsupported
from tdscen.plan import Plan

MANIFEST = "manifest.json"
MANIFEST_FORMAT = 1

RUNS = "runs"
"""Folder in the generated folder that belongs to the runs."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file: its path below the generated folder (forward slashes) and its content."""

    path: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Hash of the content."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def is_script(self) -> bool:
        """Whether the user may want to keep changes to it."""
        return self.path.endswith(".py")


def emit(plan: Plan, further: Mapping[str, bytes]) -> tuple[Artifact, ...]:
    """All files of a plan, the manifest last. `further`: models and the scenario's text, by path below the folder.

    Raises `ValueError` for a plan (see `unsupported`) or a path that cannot be written out.
    """
    if missing := unsupported(plan):
        raise ValueError(missing[0])
    files = {
        "runner.json": _json(runner(plan)),
        "broker.py": broker_script(plan),
        f"federates/{plan.transmission.name}.py": transmission_script(plan),
        **{f"federates/{f.name}.py": distribution_script(plan, f) for f in plan.feeder_federates},
        "plan.json": codec.dumps(plan),
    }
    contents = {path: text.encode() for path, text in files.items()} | dict(further)
    artifacts = [Artifact(_checked(path), contents[path]) for path in sorted(contents)]
    return (*artifacts, Artifact(MANIFEST, _json(manifest(artifacts)).encode()))


def runner(plan: Plan) -> dict[str, Any]:
    """What `helics run` reads. The broker comes first, and it is ours: see `runtime.service`.

    PYTHONSAFEPATH keeps the scripts' own folder out of the module path: a federate may be called `andes` or `json`.
    Raises `ValueError` where two federates have one name.
    """
    names = ("broker", plan.transmission.name, *(f.name for f in plan.feeder_federates))
    twice = [name for name in names if [n.casefold() for n in names].count(name.casefold()) > 1]
    if twice:
        raise ValueError(f"two federates are called {twice[0]}; every run has one called broker already")
    scripts = {name: "broker.py" if name == "broker" else f"federates/{name}.py" for name in names}
    return {
        "name": plan.name,
        "broker": False,
        "federates": [
            {
                "name": name,
                "exec": f"python -u {shlex.quote(script)}",
                "directory": ".",
                "host": "localhost",
                "env": {"PYTHONSAFEPATH": "1"},
            }
            for name, script in scripts.items()
        ],
    }


def manifest(artifacts: list[Artifact]) -> dict[str, Any]:
    """What the compiler made, to recognise later what the user has changed."""
    return {
        "format": MANIFEST_FORMAT,
        "tdscen": __version__,
        "files": {artifact.path: artifact.sha256 for artifact in artifacts},
    }


def _checked(path: str) -> str:
    """A path that stays below the folder and away from the runs. Raises `ValueError`."""
    parts = PurePosixPath(path).parts
    plain = bool(parts) and str(PurePosixPath(path)) == path and not path.startswith("/")
    if not plain or ".." in parts or parts[0] == RUNS or any(c in path for c in "\\\0\r\n"):
        raise ValueError(f"{path!r} is no path for a generated file")
    return path


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
