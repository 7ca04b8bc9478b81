"""What the monitors of feeder models have seen: `monitors/INTERFACE/MONITOR.csv` in the run's folder.

Written once, when a federate leaves. The form is that of OpenDSS's `Export Monitors`: hour, seconds, channels.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tdscen.runtime import folder


class Stream(Protocol):
    """As `simulators.adapters.MonitorStream`."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def columns(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def values(self) -> NDArray[np.float64]: ...  # noqa: D102


@runtime_checkable
class Monitored(Protocol):
    """As `simulators.adapters.WithMonitors`."""

    def monitors(self) -> Sequence[Stream]: ...  # noqa: D102


def write(run: Path, feeders: Sequence[object], interfaces: Sequence[str]) -> None:
    """Leave them in the run's folder; nothing for a model without monitors. Raises `OSError`."""
    for feeder, interface in zip(feeders, interfaces, strict=True):
        streams = feeder.monitors() if isinstance(feeder, Monitored) else ()
        for stream, name in zip(streams, file_names([stream.name for stream in streams]), strict=True):
            path = run / folder.MONITORS / interface / f"{name}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            folder.replace_text(path, _text(stream))


def file_names(names: Sequence[str]) -> list[str]:
    """For each monitor one that any file system takes and that stays in its folder, no two alike."""
    taken: set[str] = set()
    found = []
    for name in names:
        stem = re.sub(r"[^A-Za-z0-9_-]+", "_", name)[:100] or "monitor"
        choice, number = stem, 2
        while choice.casefold() in taken:
            choice, number = f"{stem}_{number}", number + 1
        taken.add(choice.casefold())
        found.append(choice)
    return found


def _text(stream: Stream) -> str:
    rows = [", ".join(column.replace(",", " ") for column in stream.columns)]
    rows += [
        ", ".join(f"{value:.9g}" if i != 1 else repr(value) for i, value in enumerate(row))
        for row in stream.values.tolist()
    ]
    return "\n".join(rows) + "\n"
