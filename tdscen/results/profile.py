"""Where the time of a run went, from what its federates measured."""

from __future__ import annotations

from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.table import Table

from tdscen.results.errors import ResultsError
from tdscen.results.run import Run


@dataclass(frozen=True, slots=True)
class FederateTime:
    """Wall time in s of one federate: joining and loading its models, agreeing on the start, then the step loop:
    solving, waiting for others (their work and HELICS), recording. Of a resumed run it is the time since it was taken
    up, with the replay of its first part in the start-up.
    """

    name: str
    start_up_s: float
    equilibrium_s: float
    solving_s: float
    waiting_s: float
    recording_s: float

    @property
    def loop_s(self) -> float:
        """The step loop."""
        return self.solving_s + self.waiting_s + self.recording_s


@dataclass(frozen=True, slots=True)
class RunTime:
    """The federates, T first, and the whole run with its broker and results, in s of wall time.

    `exchange_s`: what T waited in the step loop beyond the slowest feeder federate's work (serial coupling: what HELICS
    costs; parallel: zero where T is the slower side). What feeders do behind their `release`, they do beside T: it
    counts as far as it takes longer than T's own work.
    """

    federates: tuple[FederateTime, ...]
    wall_s: float
    exchange_s: float
    steps: int


def run_time(run: Run) -> RunTime:
    """Raises `ResultsError` for a run that has not ended well enough to have measured anything."""
    timings = (run.info.get("timings") or {}).get("federates") or {}
    names = (run.plan.transmission.name, *(federate.name for federate in run.plan.feeder_federates))
    missing = [name for name in names if "waiting_s" not in timings.get(name, {})]
    if missing:
        raise ResultsError(f"{missing[0]} did not come to its end, so there is no account of its time")
    federates = tuple(_federate(name, timings[name]) for name in names)
    own_s = federates[0].solving_s + federates[0].recording_s
    busy_s = {feeder.name: feeder.solving_s + feeder.recording_s for feeder in federates[1:]}
    slowest_s = max(max(busy - timings[name].get("beside_s", 0.0), busy - own_s) for name, busy in busy_s.items())
    return RunTime(
        federates,
        run.info["timings"]["wall_s"],
        max(0.0, federates[0].waiting_s - slowest_s),
        run.steps_done - (run.info["resumed"][-1]["row"] if run.info.get("resumed") else 0),
    )


def _federate(name: str, timings: dict[str, float]) -> FederateTime:
    recording_s = timings.get("recording_s", 0.0)
    return FederateTime(
        name,
        timings["connect_s"] + timings["load_s"] + timings.get("replay_s", 0.0),
        timings["equilibrium_s"],
        max(0.0, timings["loop_s"] - timings["waiting_s"] - recording_s),
        timings["waiting_s"],
        recording_s,
    )


def time_table(found: RunTime) -> Table:
    """The account as a table, in s, with each part of the step loop in percent of it."""
    each_us = 1e6 * found.exchange_s / max(found.steps, 1)
    caption = f"the run took {found.wall_s:.2f} s; exchange {found.exchange_s:.3g} s, {each_us:.0f} us a step"
    table = Table(
        box=SIMPLE_HEAD, title="Wall time in s", caption=caption, title_justify="left", caption_justify="left"
    )
    for heading in ("federate", "start-up", "equilibrium", "step loop", "solving", "waiting", "recording"):
        table.add_column(heading, justify="left" if heading == "federate" else "right")
    for federate in found.federates:
        loop_s = federate.loop_s
        parts = (federate.solving_s, federate.waiting_s, federate.recording_s)
        table.add_row(
            federate.name,
            f"{federate.start_up_s:.3f}",
            f"{federate.equilibrium_s:.3f}",
            f"{loop_s:.3f}",
            *(f"{part_s:.3f} ({100 * part_s / loop_s if loop_s else 0:.1f} %)" for part_s in parts),
        )
    return table
