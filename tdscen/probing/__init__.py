"""Looking at models: facts and scales, computed in a process of their own and remembered.

Nothing here imports a simulator; the worker process does.
"""

from tdscen.probing.probes import Probe, ProbeRequest, probe, probe_all, recall
from tdscen.probing.scales import ScaledInterface, ScaleInterface, ScaleRequest, ScaleResult, resolve_scales

__all__ = [
    "Probe",
    "ProbeRequest",
    "ScaleInterface",
    "ScaleRequest",
    "ScaleResult",
    "ScaledInterface",
    "probe",
    "probe_all",
    "recall",
    "resolve_scales",
]
