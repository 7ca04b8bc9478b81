"""tdscen: scenario files for transmission-distribution co-simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = ["__version__", "open_run"]

if TYPE_CHECKING:
    from tdscen.results import open_run


def __getattr__(name: str) -> object:
    if name == "open_run":  # pandas is imported only by those who read results
        from tdscen.results import open_run

        return open_run
    raise AttributeError(f"module 'tdscen' has no attribute {name!r}")
