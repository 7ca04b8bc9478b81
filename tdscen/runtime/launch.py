"""Starting a generated folder without `helics run`: the same processes from the same runner file.

`helics run` looks at its processes once a second; here the run is over when its broker is.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from tdscen.runtime import folder, lifeline, locks, rendezvous
from tdscen.runtime.errors import NotStarted
from tdscen.runtime.progress import find_launched, interrupt, was_launched

PATIENCE_S = 2.0
"""How long federates may live after their broker, and a broker after it was told to stop, before they are killed."""


class Launch:
    """The processes of one run; a context manager that leaves none of them behind.

    Start it in a thread that outlives the run: on Linux the processes end with the thread that started them.
    """

    def __init__(
        self, generated: Path, resume: Path | None = None, manifest: str | None = None, *, observers: int = 0
    ) -> None:
        """Read `runner.json`; `resume`: the run to go on with. Raises `NotStarted`.

        `manifest`: SHA-256 of the folder's manifest as it was compiled. A folder that has become another study since
        is not started. `observers`: so many federates of others have to join before the run starts.
        """
        self.generated = generated
        self._manifest = manifest
        self._run: Path | None = None
        self._said: dict[str, IO[bytes]] = {}
        self._resume = resume
        self._observers = observers
        self._id = secrets.token_hex(8)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        try:
            runner = json.loads((generated / folder.RUNNER).read_text(encoding="utf-8"))
            self._federates = tuple(runner["federates"])
        except (OSError, ValueError, KeyError) as error:
            raise NotStarted(
                f"{generated / folder.RUNNER} cannot be read ({error}): compile the scenario again"
            ) from None

    def __enter__(self) -> Self:
        """Start every process, the broker first. Raises `NotStarted` for a command that is not there."""
        self._reading = locks.Reading(self.generated)
        if self._manifest not in (None, _hash(self.generated / folder.MANIFEST)):
            self._reading.end()
            raise NotStarted(
                f"{self.generated} was compiled to another study at the same time: give each its own folder (-o)"
            )
        self._others = frozenset(run.name for run in folder.run_folders(self.generated))
        scripts = Path(sys.executable).parent
        path = f"{scripts}{os.pathsep}{os.environ.get('PATH', '')}"
        environment = {**os.environ, "PATH": path, rendezvous.LAUNCH: self._id, lifeline.LAUNCHER: str(os.getpid())}
        environment |= {rendezvous.OBSERVERS: str(self._observers)} if self._observers else {}
        environment |= {rendezvous.RESUME: self._resume.name} if self._resume else {}
        try:
            for federate in self._federates:
                self._start(federate, environment)
        except OSError as error:
            self.__exit__(None, None, None)
            raise NotStarted(f"{federate['exec']} cannot be started: {error.strerror or error}") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End what still lives."""
        for process in self._processes.values():
            if process.poll() is None:
                process.kill()
        for process in self._processes.values():
            process.wait()
        for said in self._said.values():
            said.close()
        self._reading.end()

    @property
    def run(self) -> Path | None:
        """The folder of the run, None as long as it has not begun."""
        if self._run is None:
            if self._resume is None:
                self._run = find_launched(self.generated, self._id, self._others)
            elif was_launched(self._resume, self._id):
                self._run = self._resume
            if self._run is not None:
                self._reading.end()  # from here on the run's broker holds the lock as long as it has to be held
        return self._run

    def invitation(self) -> str | None:
        """What an observer's command line needs to join this run; None until its broker is there."""
        found = rendezvous.of_launch(self.generated, self._id)
        if found is None:
            return None
        plan = json.loads((self.generated / folder.PLAN).read_text(encoding="utf-8"))
        return found.options(plan["federation"]["core"])

    def poll(self) -> int | None:
        """The broker's exit status, None while the run goes on."""
        return self._broker.poll()

    def finish(self) -> int:
        """Wait for the end of the run, then for its federates; the broker's exit status."""
        status = self._broker.wait()
        give_up = time.monotonic() + PATIENCE_S
        for process in self._processes.values():
            try:
                process.wait(max(0.0, give_up - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
        return status

    def stop(self) -> None:
        """End the run by its own broker, which writes down why; kill it where that takes too long."""
        run, broker = self.run, self._broker
        if run is None or not interrupt(run):
            broker.terminate()
        try:
            broker.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            broker.kill()

    def said(self) -> str:
        """What the processes printed, one after the other."""
        texts = {name: os.pread(said.fileno(), 1 << 24, 0) for name, said in self._said.items()}
        return "".join(
            f"{name}: {line}\n" for name, text in texts.items() for line in text.decode(errors="replace").splitlines()
        )

    @property
    def _broker(self) -> subprocess.Popen[bytes]:
        """The first process of the runner file."""
        return next(iter(self._processes.values()))

    def _start(self, federate: dict[str, Any], environment: dict[str, str]) -> None:
        # A file without a name: nothing is left of it, however this process ends.
        said = self._said[federate["name"]] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `__exit__`
        self._processes[federate["name"]] = subprocess.Popen(
            shlex.split(federate["exec"]),
            cwd=self.generated / federate.get("directory", "."),
            env={**environment, **federate.get("env", {})},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )


def _hash(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
