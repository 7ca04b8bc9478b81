"""What both kinds of federate have in common: joining a run, its clock, its journal, its end."""

from __future__ import annotations

import gc
import json
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tdscen import codec
from tdscen.plan import Plan
from tdscen.runtime import folder, lifeline, rendezvous, vectors
from tdscen.runtime.background import Background
from tdscen.runtime.ending import Ending, sentence
from tdscen.runtime.errors import NotStarted, RunError
from tdscen.runtime.heard import Heard
from tdscen.runtime.journal import Journal
from tdscen.runtime.link import Link
from tdscen.runtime.output import Output
from tdscen.runtime.presence import Presence
from tdscen.runtime.replay import Exchange, Listening, Replay
from tdscen.times import LEAST_OFFSET_S, SAME_S, exchange_offset_s

AGREED_PU = 1e-9
"""The sides agree on the start when no interface voltage moves more than this between two exchanges."""

MAX_EXCHANGES = 200
"""Each exchange gains a factor of about 15 where a solution exists; so many mean that there is none."""


class Federate:
    """A context manager around a federate's work; an exception inside ends the run with its text as the cause."""

    def __init__(self, name: str, script: str, *, publications: Sequence[str], subscriptions: Sequence[str]) -> None:
        """`script` is the path of the generated script, in `federates/` of the generated folder."""
        self.name = name
        self.folder = Path(script).resolve().parent.parent
        self._keys = (tuple(publications), tuple(subscriptions))
        self._repeating_s: float | None = 0.0
        self._entered = False
        self._replay: Replay | None = None
        self._sync_due_s = 0.0
        self._exchanges = 0

    def __enter__(self) -> Self:
        """Join the run of the broker that the same launcher has started."""
        lifeline.die_with_parent()
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Python's own handler does not run while HELICS waits
        try:
            self.plan = read_plan(self.folder)
            found = rendezvous.wait(self.folder)
            self.run = self.folder / folder.RUNS / found.run
            _same_plan(self.folder, self.run)
        except NotStarted as error:
            print(f"{self.name}: {error}", file=sys.stderr)
            raise SystemExit(error.status) from None
        self._output = Output(folder.log_file(self.run, self.name))
        self._presence = Presence(self.name, folder.status_file(self.run, self.name), lambda: self._link.waiting_s)
        self._ending = Ending(self.run, self._presence, self._output, self._end)
        broker = folder.status_file(self.run, folder.BROKER)
        lifeline.when_released(broker, self._ending.broker_gone)
        lifeline.when_silent(broker, self.plan.federation.timeout_s, self._ending.broker_silent)
        try:
            self._heard = heard = Heard(folder.heard_rows(self.run, self.name))
            self._journal = Journal(self.run, self.name, self._columns(), found.rows)
            # Connecting is waiting most of the time: the model is loaded meanwhile.
            publications, subscriptions = self._keys
            self._linking = Background(
                lambda: Listening(
                    Link(
                        self.name, found, self.plan.federation, publications=publications, subscriptions=subscriptions
                    ),
                    heard,
                )
            )
            if found.rows:
                self._replay = Replay(self.run, self.name, self._journal.columns, found.rows, len(publications))
        except Exception as error:  # whatever it is, the run gets to know it
            self._ending.fail(error)
        self._presence.enter("loading", waiting=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the run, or say why it cannot go on."""
        if error is None:
            try:
                self._leave()
            except Exception as late:  # as above
                error = late
        if error is not None:
            self._ending.fail(error)

    @property
    def times_s(self) -> NDArray[np.float64]:
        """The communication times in s: 0, step, 2 step, ... and those that events add."""
        return np.array(self.plan.times_s)

    @property
    def offset_s(self) -> float:
        """How much later than the recorded times this federate asks for its grants."""
        return 0.0

    def steps(self) -> Iterator[float]:
        """The communication times behind 0, exactly as the plan has them: each when HELICS has granted it.

        With iterative coupling `iterate` asks for it, and for moments behind it as long as exchanges go on.
        """
        for k, time_s in enumerate(self.times_s.tolist()[1:], start=1):
            if self._rows != k:
                raise RunError(f"the script of {self.name} recorded {self._rows} rows where {k} are due")
            if self._repeating_s is not None:
                raise RunError(f"the script of {self.name} did not repeat its step until the sides agreed")
            if self.plan.simulation.coupling == "iterative":
                self._presence.say(waiting=False, time_s=time_s)
                self._open_step(time_s)
            else:
                self._presence.say(waiting=True)
                self._request(time_s + self.offset_s)
                self._exchanges = 1
                self._presence.say(waiting=False, time_s=time_s, exchanges=self._presence.beat.exchanges + 1)
            yield time_s

    def release(self) -> None:
        """All values of this time are sent: the others may go on while this federate records it.

        Called once in a step of serial or parallel coupling, behind `send`; until the next step nothing is sent or
        received any more. Without it they wait until the script comes to its next step: HELICS grants a time only when
        nobody can send anything before it.
        """
        if self.plan.simulation.coupling == "iterative":
            raise RunError(f"the script of {self.name} releases the others in an iterative step, which it may repeat")
        self._link.ask(self._after_s())
        self._presence.released()

    def _after_s(self) -> float:
        """What is asked for next: the time of the next row, or the moment at which everybody leaves."""
        times_s, k = self.plan.times_s, self._rows + 1
        return times_s[k] + self.offset_s if k < len(times_s) else self._leaving_s

    @property
    def _leaving_s(self) -> float:
        """One step later, so that nobody leaves before everybody has read the last values."""
        return self.plan.times_s[-1] + self.plan.simulation.step_s

    def _request(self, time_s: float) -> None:
        """Wait for a time; what was done since `release` was done beside the others."""
        self._presence.returned()
        self._link.request(time_s)

    def note(self, sentences: Sequence[str]) -> None:
        """Keep what the simulators did on their own; it is written to the log and to run.json."""
        for text in sentences:
            self._output.log(f"note: {text}")
        self._presence.note(tuple(sentences))

    @cached_property
    def _link(self) -> Exchange:
        """The connection to HELICS, or what stands for it. Raises `RunError` where there is none to be had."""
        return self._linking.get() if self._replay is None else self._replay

    def _columns(self) -> tuple[str, ...]:
        """Names of what `_append` gets, in order."""
        raise NotImplementedError

    def _end(self) -> None:
        """Write down what is kept beside the journal; called once, when the federate has ended well or not."""

    def _append(self, values: NDArray[np.float64]) -> None:
        """Record the row of the current time."""
        began, time_s = time.perf_counter(), self._presence.beat.time_s or 0.0
        if self._replay is not None:
            self._replay.compare(time_s, values)
            if self._replay.over:
                self._go_live(self._replay)
            return
        self._heard.close_row(time_s)
        self._journal.append(time_s, values)
        every_s = self.plan.simulation.checkpoint_s
        if every_s is not None and time_s >= self._sync_due_s - SAME_S:
            self._sync_due_s = (time_s // every_s + 1) * every_s
            self._sync()
        self._presence.recording_s += time.perf_counter() - began

    def _sync(self) -> None:
        """The disk holds what is recorded, a row never without what was heard for it."""
        self._heard.sync()
        self._journal.sync()

    @property
    def _rows(self) -> int:
        """How many rows the script has recorded."""
        return self._journal.rows if self._replay is None else self._replay.rows

    def _go_live(self, replay: Replay) -> None:
        """The recorded part of a resumed run is over: go on with the others."""
        self._presence.replayed_s = self._presence.stage_s
        self._presence.say(waiting=True)
        live = self._linking.get()
        replay.go_live(live)
        self._link, self._replay = live, None
        self._presence.say(waiting=False)
        self._output.log(f"resumed {self._presence.when}; the replay is off by {replay.deviation:.3g} at most")

    def _begin(self) -> None:
        """The models are loaded: meet the others, once."""
        if self._presence.beat.state == "loading":
            self._presence.enter("equilibrium", waiting=True)
            self._link.begin()
            self._presence.say(waiting=False)

    def _enter(self) -> None:
        """The first values are sent: t = 0, once. The sides may not agree yet."""
        self._begin()
        if not self._entered:
            self._entered = True
            self._presence.say(waiting=True)
            self._link.enter()
            self._presence.say(waiting=False)

    def _open_step(self, time_s: float) -> None:
        """The first exchange of the step to `time_s` is due."""
        self._repeating_s = time_s
        self._exchanges = 0

    def _agree(self) -> None:
        """The exchanges at this time are over."""
        self._repeating_s = None
        if not self._presence.running:
            self._link.waiting_s = 0.0  # from here on it counts for the loop
            self._presence.enter("running", waiting=False, time_s=0.0)

    def _ask(self, offsets: int) -> None:
        """Wait until the exchanges of the time that is repeated have come so many offsets far."""
        if self._repeating_s is None:
            raise RunError(
                f"the script of {self.name} repeats a step that the sides have agreed on {self._presence.when}"
            )
        if self._starting:
            offsets += 2  # the first voltages come before t = 0, the first answers at t = 0
        self._presence.say(waiting=True)
        self._link.request(self._repeating_s + offsets * self._exchange_offset_s)
        self._presence.say(waiting=False, exchanges=self._presence.beat.exchanges + 1)

    @property
    def _starting(self) -> bool:
        """Whether the sides have not agreed on t = 0 yet."""
        return not self._presence.running

    @property
    def _limits(self) -> tuple[float, int]:
        """By how much voltages may move in pu where the sides agree, and after how many exchanges no more."""
        if self._starting:
            return AGREED_PU, MAX_EXCHANGES
        simulation = self.plan.simulation
        if simulation.tolerance_pu is None or simulation.max_exchanges is None:
            raise RunError("the plan states no tolerance of its iterative coupling: compile the scenario again")
        return simulation.tolerance_pu, simulation.max_exchanges

    @property
    def _exchange_offset_s(self) -> float:
        """What HELICS sees between the messages of one repeated time, so that all of them fit before the next."""
        return self._start_offset_s if self._starting else self._step_offset_s

    @cached_property
    def _start_offset_s(self) -> float:
        return self._offset_within(self.plan.times_s[1], MAX_EXCHANGES)

    @cached_property
    def _step_offset_s(self) -> float:
        return self._offset_within(float(np.diff(self.times_s).min()), self._limits[1])

    def _offset_within(self, room_s: float, exchanges: int) -> float:
        offset_s = exchange_offset_s(room_s, exchanges)
        if offset_s < LEAST_OFFSET_S:
            raise RunError(f"{exchanges} exchanges do not fit into a step of {room_s:g} s: choose fewer (`max`)")
        return offset_s

    def _plausible(self, values: vectors.Complexes, interfaces: Sequence[str], what: str) -> None:
        """Raises `RunError` for a value that must not be sent: what the simulator answered is no solution."""
        if wrong := vectors.implausible(values, interfaces, what):
            raise RunError(f"the simulator gives no {what} for {wrong[0]}: {wrong[1]}")

    def _leave(self) -> None:
        """All steps are done: disconnect and say so."""
        steps = self.plan.steps
        if self._rows != steps + 1:
            raise RunError(f"the script of {self.name} ended with {max(self._rows - 1, 0)} of {steps} steps recorded")
        self._presence.say(waiting=True)
        self._request(self._leaving_s)
        self._link.leave()
        try:
            self._end()
        except Exception as error:  # the disk, or an engine that cannot say what it has kept: the results are there
            self.note([f"what {self.name} keeps beside its journal could not be written: {sentence(error)}"])
        if self.plan.simulation.checkpoint_s is not None:
            self._sync()
        self._journal.close()
        self._heard.close()
        self._ending.finished()
        gc.freeze()  # else the interpreter looks through everything that is loaded once more (ANDES: 0.3 s) and ends


def read_plan(generated: Path) -> Plan:
    """The plan of a generated folder or of a run. Raises `NotStarted`."""
    path = generated / folder.PLAN
    try:
        return codec.decode(Plan, json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise NotStarted(f"{path} cannot be read ({error}): compile the scenario again") from None


def _same_plan(generated: Path, run: Path) -> None:
    """The broker's copy of the plan is what this process has read and runs a script of. Raises `NotStarted`."""
    if (generated / folder.PLAN).read_bytes() != (run / folder.PLAN).read_bytes():
        raise NotStarted(f"{generated} was compiled again in the instant in which the run was started: start it again")
