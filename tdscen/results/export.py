"""A run's tables as CSV. Floats are written with the fewest digits that read back as the same number."""

from __future__ import annotations

from pathlib import Path

from tdscen.results.run import Run


def csv_text(run: Run) -> str:
    """The table of the interfaces (`Run.interfaces`)."""
    return run.interfaces.to_csv(index=False, lineterminator="\n")


def export_table(run: Run, path: Path) -> None:
    """Write everything recorded (`Run.table`) as CSV. The same as Parquet is in the run's folder already."""
    run.table.to_csv(path, index=False, lineterminator="\n")
