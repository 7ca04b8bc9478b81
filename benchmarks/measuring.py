"""What all benchmarks share: the machine in words, medians, a table on the screen, figures as JSON."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), ""
    )
    return {"cpus": os.cpu_count(), "cpu": model or platform.processor(), "python": platform.python_version()}


def _lines(path: str) -> Sequence[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ()


def medians(measures: dict[str, Callable[[], float]], repeats: int) -> dict[str, float]:
    """The median of each measure, taken in turns so that a slow minute of the machine meets all of them."""
    times: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(repeats):
        for name, measure in measures.items():
            times[name].append(measure())
    return {name: statistics.median(values) for name, values in times.items()}


def report(title: str, rows: Sequence[dict[str, Any]], json_path: str | None) -> None:
    """Print a table of the rows and write them with the machine's description."""
    print(title)
    columns = list(rows[0])
    cells = [[_cell(row[column]) for column in columns] for row in rows]
    widths = [max(len(column), *(len(row[i]) for row in cells)) for i, column in enumerate(columns)]
    print("  ".join(column.rjust(width) for column, width in zip(columns, widths, strict=True)))
    for row in cells:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))
    if json_path:
        text = json.dumps({"title": title, "machine": machine(), "rows": list(rows)}, indent=2)
        Path(json_path).write_text(text + "\n", encoding="utf-8")


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
