"""What makes two points the same computation: their plans, models, simulators, and our own code."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import replace
from pathlib import Path

from tdscen import codec
from tdscen.installed import version_of
from tdscen.plan import Plan
from tdscen.simulators.registry import simulator

_PACKAGE = Path(__file__).resolve().parents[1]
_COMPUTING = ("runtime", "simulators", "results", "emit", "studies/measures.py", "profiles.py", "plan.py", "times.py")
"""What the numbers of a run, and the measures of them, come from."""

_DRAWING = ("results/diagram", "results/figures", "results/formats", "results/report")
"""What only shows them."""

LIBRARIES = (("helics", "helics"), ("numpy", "numpy"))


def identity(plan: Plan) -> str:
    """A hash of 20 hexadecimal digits. Title, comments, names of parameters and the sweeps themselves are not in it.

    Models are in the plan by their hashes, so is every value; simulators and libraries are by their versions.
    """
    bare = replace(plan, name="", title="", source="", source_sha256="", parameters=(), sweeps=())
    digest = hashlib.sha256(codec.dumps(bare).encode())
    names = sorted({plan.transmission.simulator, *(distribution.simulator for distribution in plan.distributions)})
    packages = [(simulator(name).package, simulator(name).module) for name in names]
    for package, module in (*packages, *LIBRARIES):
        digest.update(f"{package} {version_of(package, module)}\0".encode())
    digest.update(_code().encode())
    return digest.hexdigest()[:20]


@functools.cache
def _code() -> str:
    digest = hashlib.sha256()
    drawing = [_PACKAGE / place for place in _DRAWING]
    for place in _COMPUTING:
        path = _PACKAGE / place
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            if not any(file.is_relative_to(folder) for folder in drawing):
                digest.update(file.read_bytes())
    return digest.hexdigest()
