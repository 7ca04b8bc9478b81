"""tdscen: scenario files for transmission-distribution co-simulation.

Names are imported when they are asked for: `import tdscen` alone costs nothing, and federates pay for nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "Progress",
    "ResultsError",
    "Run",
    "RunError",
    "Scenario",
    "ScenarioError",
    "ScenarioWarning",
    "SweepError",
    "__version__",
    "check",
    "compile",
    "load",
    "open_run",
    "resume",
    "run",
    "sweep",
]

if TYPE_CHECKING:
    from tdscen.api.compiling import compile
    from tdscen.api.errors import RunError, ScenarioError, ScenarioWarning, SweepError
    from tdscen.api.running import Progress, resume, run
    from tdscen.api.scenario import Scenario, check, load
    from tdscen.api.sweeping import sweep
    from tdscen.results import open_run
    from tdscen.results.errors import ResultsError
    from tdscen.results.run import Run

_HOMES = {
    "Progress": "tdscen.api.running",
    "ResultsError": "tdscen.results.errors",
    "Run": "tdscen.results.run",
    "RunError": "tdscen.api.errors",
    "Scenario": "tdscen.api.scenario",
    "ScenarioError": "tdscen.api.errors",
    "ScenarioWarning": "tdscen.api.errors",
    "SweepError": "tdscen.api.errors",
    "check": "tdscen.api.scenario",
    "compile": "tdscen.api.compiling",
    "load": "tdscen.api.scenario",
    "open_run": "tdscen.results",
    "resume": "tdscen.api.running",
    "run": "tdscen.api.running",
    "sweep": "tdscen.api.sweeping",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'tdscen' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext tdscen`: the cell magic `%%tds`."""
    from tdscen.notebook import register

    register(shell)
