"""Plan entries for models on this machine, as the compiler would write them."""

from __future__ import annotations

import os
from pathlib import Path

from tdscen.plan import ModelFile
from tdscen.simulators import simulator

ROOT = Path(__file__).resolve().parents[1]
FEEDERS = ROOT / "scenarios" / "feeders"
SHARED_FEEDERS = Path(os.environ.get("TDSCEN_SHARED", ROOT.parent / "shared")) / "feeders"


def andes_case(name: str, *extra: str) -> ModelFile:
    """A case that ANDES ships."""
    source = simulator("andes").locate(name, Path("/nonexistent"), extra)
    return ModelFile(source.main, "builtin", source.sha256(), source.extra)


def feeder(master: Path) -> tuple[ModelFile, Path]:
    """A feeder and the folder that it is loaded from."""
    source = simulator("opendss").locate(master.name, master.parent)
    return ModelFile(source.main, "bundled", source.sha256()), source.root


IEEE34 = FEEDERS / "ieee34" / "ieee34.dss"
