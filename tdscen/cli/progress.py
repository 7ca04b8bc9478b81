"""The live view of a run: one line a federate."""

from __future__ import annotations

import time
from pathlib import Path

from rich.progress_bar import ProgressBar
from rich.table import Table

from tdscen import codec
from tdscen.plan import Plan
from tdscen.runtime.progress import progress


class Progress:
    """Draws what the federates of a run have reached."""

    def __init__(self, folder: Path) -> None:
        import json

        plan = codec.decode(Plan, json.loads((folder / "plan.json").read_text(encoding="utf-8")))
        self.stop_s = plan.simulation.stop_s
        self.started = time.monotonic()

    def render(self, run: Path) -> Table:
        """A table: federate, state, simulated time with a bar, exchanges, wall time."""
        table = Table.grid(padding=(0, 2))
        for federate in progress(run):
            reached = max(federate.time_s or 0.0, 0.0)
            table.add_row(
                federate.name,
                federate.state,
                ProgressBar(total=self.stop_s, completed=reached, width=30),
                f"{reached:g} of {self.stop_s:g} s",
                f"{federate.exchanges} exchanges",
                f"{time.monotonic() - self.started:.1f} s",
            )
        return table
