"""What generated scripts call: `TransmissionFederate`, `DistributionFederate` and `supervise`.

The names are imported when they are asked for, so that readers of run folders (`folder`, `status`, `progress`) do
not load HELICS.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tdscen.runtime.distribution import DistributionFederate, Feeder
    from tdscen.runtime.service import supervise
    from tdscen.runtime.transmission import TransmissionFederate

__all__ = ["DistributionFederate", "Feeder", "TransmissionFederate", "supervise"]

_HOMES = {
    "DistributionFederate": "tdscen.runtime.distribution",
    "Feeder": "tdscen.runtime.distribution",
    "TransmissionFederate": "tdscen.runtime.transmission",
    "supervise": "tdscen.runtime.service",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'tdscen.runtime' has no attribute {name!r}")
