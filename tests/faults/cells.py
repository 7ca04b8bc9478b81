"""The table: which process fails when and how, and what has to come of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

TRANSMISSION, FEEDERS = "ieee14", ("one", "other")
BROKER, LAUNCHER = "broker", "launcher"

FAILED, NOT_STARTED, INTERRUPTED = 3, 5, 130

TIMEOUT_S = 2.0
"""`federation.timeout` of these runs."""

LOUD = ("exception", "divergence", "exit 0", "exit 1")
"""Those whose federate can say its last word itself."""

QUIET = ("vanishes", "kill")
HANGING = ("stop", "no answer")
WRONG = ("not a number", "absurd", "disk full")
"""Those that show in what the federate does next."""


@dataclass(frozen=True)
class Cell:
    """`sentence` (a regular expression) has to stand in run.json as the cause, `status` as the broker's exit status.

    `federate`: whom run.json blames. `started` False: there may be no run at all to write it down in.
    """

    process: str
    when: str
    how: str
    sentence: str
    status: int
    federate: str | None
    coupling: str = "serial"

    @property
    def name(self) -> str:
        return f"{self.process}/{self.when}/{self.how}"


def cells() -> Iterator[Cell]:
    """All of them."""
    for process in (TRANSMISSION, *FEEDERS):
        yield from _of_a_federate(process)
    for how in ("kill", "stop", "interrupt", "terminate", "hang up"):
        yield from _of_the_broker(how)
    for when in ("before join", "loading", "middle"):
        for how in ("kill", "interrupt", "terminate", "hang up"):
            yield _of_the_launcher(when, how)


def short() -> Iterator[Cell]:
    """A handful for the default test run."""
    wanted = {
        "one/before join/exit 0",
        "other/loading/disk full",
        "ieee14/start/not a number",
        "one/first step/exit 0",
        "one/iteration/no answer",
        "other/middle/absurd",
        "ieee14/last step/vanishes",
        "launcher/middle/hang up",
    }
    return (cell for cell in cells() if cell.name in wanted)


_AT = {
    "loading": "before t = 0",
    "start": "before t = 0",
    "first step": "at t = 1 s",
    "middle": "at t = 3 s",
    "last step": "at t = 5 s",
    "iteration": "at t = 3 s",
}


def _of_a_federate(process: str) -> Iterator[Cell]:
    for how in ("exception", "exit 0", "exit 1", "kill", "vanishes"):
        yield Cell(process, "before join", how, f"^{process} ended before it joined the run", NOT_STARTED, process)
    for when, at in _AT.items():
        coupling = "iterative" if when == "iteration" else "serial"
        wrong = WRONG if when != "loading" else ("disk full",)
        for how in (*LOUD, *QUIET, *HANGING, *wrong):
            yield Cell(process, when, how, _sentence(process, when, how, at), FAILED, process, coupling)


def _sentence(process: str, when: str, how: str, at: str) -> str:
    what = "voltage" if process == TRANSMISSION else "power"
    match how:
        case "exception":
            return f"^{process} failed {at}: ValueError: a slip in the script$"
        case "divergence":
            return f"^{process} failed {at}: the model does not converge$"
        case "exit 0" | "exit 1":
            return rf"^{process} failed {at}: its script called sys.exit\({how[-1]}\)$"
        case "kill" | "vanishes":
            return rf"^{process} was killed \(no last words\) {at}$"
        case "stop" | "no answer":
            return rf"^{process} has not answered for \d+ s {at} \(federation.timeout\)$"
        case "not a number":
            return f"^{process} failed {at}: the simulator gives no {what} for .*: .*nan.* is not a number"
        case "absurd":
            return f"^{process} failed {at}: the simulator gives no {what} for .* is more than any interface has"
        case "disk full":
            return rf"^{process} failed at t = \d s: .*(too large|is the disk full)"
    raise AssertionError(how)


def _of_the_broker(how: str) -> Iterator[Cell]:
    for when in ("loading", "middle"):
        match how:
            case "kill":
                yield Cell(BROKER, when, how, r"broker.* killed \(no last words\)", FAILED, BROKER)
            case "stop":
                yield Cell(
                    BROKER, when, how, r"^the broker of the run has shown no sign of life for \d+ s", FAILED, BROKER
                )
            case _:
                signal = {"interrupt": "SIGINT", "terminate": "SIGTERM", "hang up": "SIGHUP"}[how]
                sentence = rf"^the run was interrupted \({signal}\)$"
                yield Cell(BROKER, when, how, sentence, INTERRUPTED, None)


def _of_the_launcher(when: str, how: str) -> Cell:
    return Cell(LAUNCHER, when, how, "the process that launched the run ended|interrupted|killed", FAILED, None)
