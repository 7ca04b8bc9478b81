"""The work of `broker.py`: HELICS's broker for one run, and somebody who notices when the run goes wrong.

`helics run` alone reports success when a federate is killed. It looks at its processes once a second; when it sees
one fail it kills those behind it in its list at once and those before it a second later. The broker stands first in
the list, so it has that second to write down the cause and to leave with a status that makes `helics run` fail too.
"""

from __future__ import annotations

import os
import secrets
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import NoReturn

from tdscen.plan import Plan
from tdscen.runtime import folder, lifeline, locks, opening, output, ports, record, rendezvous, resuming
from tdscen.runtime.binding import helics
from tdscen.runtime.errors import NotStarted
from tdscen.runtime.federate import read_plan
from tdscen.runtime.heartbeat import Heartbeat, HeartbeatFile
from tdscen.runtime.output import Output
from tdscen.runtime.rendezvous import Rendezvous
from tdscen.runtime.resuming import Resumption
from tdscen.runtime.status import ExitStatus
from tdscen.runtime.watch import Failure, Watch

LOOK_EVERY_S = 0.05

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that end a run: Ctrl-C, an order, a terminal that was closed."""

LAST_CHANCE_S = 0.8
"""How long the results of a failed run may take; after that its journals have to do."""


class Stopped(BaseException):
    """Raised by a signal in the main thread."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def supervise(script: str, federates: Sequence[str]) -> NoReturn:
    """Serve one run of the generated folder in which `script` lies; leaves with an `ExitStatus`."""
    began = time.perf_counter()
    launcher = os.getppid()
    for number in ENDING:
        signal.signal(number, _stop)
    lifeline.die_with_parent(signal.SIGTERM)
    generated = Path(script).resolve().parent
    try:
        service = Service(generated, federates)
    except (NotStarted, OSError) as error:
        print(f"the run could not start: {error}", file=sys.stderr, flush=True)
        os._exit(ExitStatus.NOT_STARTED)
    except Stopped:
        os._exit(ExitStatus.INTERRUPTED)
    try:
        failure = service.watch()
    except Stopped as stopped:
        failure = _interruption(stopped.number, launcher, service.watcher.reached_s)
    status = service.close(failure, time.perf_counter() - began)
    output.flush()
    os._exit(status)  # HELICS's own clean-up would wait for federates that are no more


class Service:
    """One run from its folder to its results."""

    def __init__(self, generated: Path, federates: Sequence[str]) -> None:
        """Make the run's folder, start HELICS's broker, tell the federates. Raises `NotStarted` or `OSError`."""
        self._reading = locks.Reading(generated)
        self.plan = read_plan(generated)
        resumed = _resumed(generated)
        self.run = resumed.run if resumed else _new_run(generated)
        try:
            self._begin(generated, federates, resumed)
        except BaseException:  # also a signal: nobody else would give it back
            folder.release(self.run)
            raise

    def _begin(self, generated: Path, federates: Sequence[str], resumed: Resumption | None) -> None:
        folder.reserve(self.run)
        folder.replace_text(self.run / folder.PLAN, (generated / folder.PLAN).read_text(encoding="utf-8"))
        folder.keep_scenario(generated, self.run)
        self.output = Output(folder.log_file(self.run, folder.BROKER))
        self.status = HeartbeatFile(folder.status_file(self.run, folder.BROKER))
        self.status.write(Heartbeat(folder.BROKER, os.getpid(), "running"))
        try:
            if resumed:
                resumed = resuming.prepare(generated, resumed.run)
            self.ports = ports.reserve(len(federates), self.plan.federation.port)
            key = secrets.token_hex(8)
            observers = rendezvous.observers()
            self.broker = _broker(self.plan, len(federates) + observers, self.ports.port, key)
        except NotStarted as error:
            self.output.say(f"the run could not start: {error}")
            self._open_record(resumed, self.plan.federation.port or 0)
            record.fail(self.run, str(error), None, None, error.status)
            raise
        self._open_record(resumed, self.ports.port)
        rows = resumed.rows if resumed else 0
        place = Rendezvous(self.run.name, self.ports.port, key, rows)
        self.invitation = rendezvous.announce(generated, place)
        where = f", resumed at t = {resumed.at_s:g} s" if resumed else ""
        self.output.say(f"run {self.run.name} of {self.plan.name} on port {self.ports.port}{where}")
        if observers:
            self.output.say(f"waits for {observers} more to join with {place.options(self.plan.federation.core)}")
        self.watcher = Watch(self.run, federates, self.plan.federation.timeout_s)

    def watch(self) -> Failure | None:
        """Wait for the end of the run; None when it is complete."""
        prepared = False
        while True:
            failure = self.watcher.look()
            if failure is not None or self.watcher.finished:
                return failure
            if not prepared and self.watcher.under_way:
                self._reading.end()
                # pandas and pyarrow take half a second to import; before, the federates need the processors more.
                threading.Thread(target=import_module, args=("tdscen.results.finishing",), daemon=True).start()
                prepared = True
            self.status.touch()
            time.sleep(LOOK_EVERY_S)

    def close(self, failure: Failure | None, wall_s: float) -> int:
        """Write down how the run ended, make its results, return the status to leave with."""
        _ignore_signals()
        self._reading.end()
        folder.release(self.run)
        if failure is not None:
            with self._writing():
                record.fail(self.run, failure.cause, failure.federate, failure.at_s, failure.status, failure.waiting)
            self.watcher.kill()
            self.output.say(f"run {self.run.name} failed: {failure.cause}{_who_waits(failure.waiting)}")
            threading.Timer(LAST_CHANCE_S, os._exit, (int(failure.status),)).start()
        self.invitation.unlink(missing_ok=True)
        with self._writing():
            self._complete_record(wall_s)
        finished, cause = self._finish()
        if failure is None and cause:
            self.output.say(f"run {self.run.name} failed: {cause}")
        status = finished if failure is None else int(failure.status)
        self.output.say(f"run {self.run.name}: exit status {status}")
        return status

    def _open_record(self, resumed: Resumption | None, port: int) -> None:
        if resumed is None:
            opening.open_record(self.run, self.plan, port)
        else:
            opening.reopen(self.run, self.plan, port, resumed.rows - 1, resumed.at_s)

    def _finish(self) -> tuple[int, str | None]:
        """Results and requirements; the status of the run, and why it has failed."""
        from tdscen.results import finish

        try:
            return int(finish(self.run)), record.read(self.run)["cause"]
        except Exception as error:  # what has been computed stands in the journals
            self.output.log(traceback.format_exc())
            cause = f"the results could not be written ({type(error).__name__}: {error})"
            with self._writing():
                info = record.read(self.run)
                if info["state"] != "failed":
                    failed = {"state": "failed", "cause": cause, "exit_status": int(ExitStatus.FEDERATE_FAILED)}
                    record.write(self.run, info | failed)
            return int(ExitStatus.FEDERATE_FAILED), cause

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """The end of a run goes on where a part of its record finds no room on the disk, and says so."""
        try:
            yield
        except (OSError, ValueError) as error:
            self.output.say(f"run {self.run.name}: its record cannot be written ({error})")

    def _complete_record(self, wall_s: float) -> None:
        beats = self.watcher.beats
        info = record.read(self.run)
        info["timings"] = {
            "wall_s": wall_s,
            "federates": {name: beat.timings for name, beat in beats.items() if beat.timings},
        }
        info["notes"] = {name: list(beat.notes) for name, beat in beats.items() if beat.notes}
        if info["state"] == "running":
            info |= {"state": "complete", "exit_status": int(ExitStatus.COMPLETE)}
        record.write(self.run, info)


def _resumed(generated: Path) -> Resumption | None:
    """The run that this one goes on with, if it was started to do that. Raises `NotStarted`."""
    name = os.environ.get(rendezvous.RESUME)
    return resuming.look(generated, generated / folder.RUNS / name) if name else None


def _new_run(generated: Path) -> Path:
    """A folder for a new run; the one before may have been killed without anybody left to say so."""
    before = folder.latest_run(generated)
    if before is not None:
        record.close_abandoned(before)
    return folder.next_run_folder(generated)


def _broker(plan: Plan, federates: int, port: int, key: str) -> helics.HelicsBroker:
    """HELICS's broker, in this process."""
    options = f"--federates={federates} --port={port} --brokerkey={key} --loglevel={plan.federation.log_level}"
    try:
        broker = helics.helicsCreateBroker(plan.federation.core, f"tdscen_{key}", options)
    except helics.HelicsException as error:
        raise NotStarted(f"HELICS starts no broker on port {port}: {error}") from None
    if not helics.helicsBrokerIsConnected(broker):
        raise NotStarted(f"HELICS starts no broker on port {port}")
    return broker


def _who_waits(waiting: Sequence[str]) -> str:
    """The end of the sentence about a failure: ` (ieee14 was waiting for it)`; of many federates the first ones."""
    if not waiting:
        return ""
    shown = ", ".join(waiting[:3]) + (f" and {len(waiting) - 3} more" if len(waiting) > 3 else "")
    return f" ({shown} {'was' if len(waiting) == 1 else 'were'} waiting for it)"


def _stop(number: int, frame: FrameType | None) -> None:
    _ignore_signals()  # a launcher with two threads announces its death twice
    raise Stopped(number)


def _ignore_signals() -> None:
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


def _interruption(number: int, launcher: int, at_s: float | None) -> Failure:
    # SIGINT must be written down within a millisecond: the runner, which gets it too, kills what it has started.
    if number == signal.SIGTERM and _has_ended(launcher):
        return Failure("the process that launched the run ended before the run did", None, at_s)
    name = signal.Signals(number).name
    return Failure(f"the run was interrupted ({name})", None, at_s, ExitStatus.INTERRUPTED)


def _has_ended(launcher: int) -> bool:
    """Whether the process that started this one is over; while its threads die one by one it seems to live."""
    give_up = time.monotonic() + LOOK_EVERY_S
    while os.getppid() == launcher and time.monotonic() < give_up:
        time.sleep(LOOK_EVERY_S / 50)
    return os.getppid() != launcher
