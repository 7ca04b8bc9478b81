"""What all benchmarks share: the machine in words, medians, tables on the screen, figures as JSON for `page.py`."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # measured processes start as a user's do: modules compiled before

AS_INSTALLED = "import sys; sys.modules['interegular'] = None; "
"""With interegular, which only our strict grammar test needs, Lark proves every lexer free of collisions at start."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with the same keys, which are its headings."""

    title: str
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that was asked for, beside the one that was reached. `most` or `least` is the bound."""

    what: str
    reached: float
    most: float | None = None
    least: float | None = None
    unit: str = ""

    @property
    def holds(self) -> bool:
        """Whether the figure is on the right side of its bound."""
        return (self.most is None or self.reached <= self.most) and (self.least is None or self.reached >= self.least)

    def __str__(self) -> str:
        bound = f"at most {self.most:g}" if self.most is not None else f"at least {self.least:g}"
        return (
            f"{'yes' if self.holds else 'NO '}  {self.what}: {self.reached:.4g}{self.unit} (asked: {bound}{self.unit})"
        )


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


def medians(measures: Mapping[str, Callable[[], float]], repeats: int) -> dict[str, float]:
    """The median of each measure, taken in turns so that a slow minute of the machine meets all of them."""
    times: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(repeats):
        for name, measure in measures.items():
            times[name].append(measure())
    return {name: statistics.median(values) for name, values in times.items()}


def tdscen(*arguments: str) -> list[str]:
    """The command line of `tdscen`, as an installed one would start."""
    return [sys.executable, "-c", AS_INSTALLED + "from tdscen.cli import main; main()", *arguments]


def wall_s(command: Sequence[str], folder: Path | None = None) -> float:
    """Wall time of a process that must succeed."""
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    spent = time.perf_counter() - began
    assert done.returncode == 0, done.stdout + done.stderr
    return spent


def report(tables: Sequence[Table], goals: Sequence[Goal], json_path: str | None, notes: Sequence[str] = ()) -> None:
    """Print tables, what was asked for and notes; write them with the machine's description."""
    for table in tables:
        _print(table)
    for goal in goals:
        print(goal)
    for note in notes:
        print(f"note: {note}")
    if json_path:
        found = {
            "machine": machine(),
            "tables": [asdict(table) for table in tables],
            "goals": [asdict(goal) | {"holds": goal.holds} for goal in goals],
            "notes": list(notes),
        }
        Path(json_path).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _print(table: Table) -> None:
    print(table.title)
    columns = list(table.rows[0])
    cells = [[cell(row[column]) for column in columns] for row in table.rows]
    widths = [max(len(column), *(len(row[i]) for row in cells)) for i, column in enumerate(columns)]
    print("  ".join(column.rjust(width) for column, width in zip(columns, widths, strict=True)))
    for row in cells:
        print("  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)))
    print()


def cell(value: Any) -> str:
    """A figure as text, four digits of it."""
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if abs(value) >= 10_000 else f"{value:.4g}"
