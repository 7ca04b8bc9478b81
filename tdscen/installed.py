"""What is installed, without importing it."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def version_of(package: str, module: str) -> str | None:
    """The version of an installed distribution, without importing it (None: it is not installed).

    Read off the name of its folder beside the module: `importlib.metadata` costs more than all the rest of a check
    whose models are remembered, and is asked only where there is no such folder (an editable installation).
    """
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        return None
    beside = Path(spec.origin).parents[1]
    names = {package.replace("-", "_").replace(".", "_"), package}
    found = [path.name for name in sorted(names) for path in beside.glob(f"{name}-*.dist-info")]
    if found:
        return found[0].removesuffix(".dist-info").rpartition("-")[2]
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return None
