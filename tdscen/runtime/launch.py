"""Starting a generated folder without `helics run`: the same processes from the same runner file.

`helics run` looks at its processes once a second; here the run is over when its broker is.
"""

from __future__ import annotations

import json
import os
import secrets
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from tdscen.runtime import folder, rendezvous, resuming
from tdscen.runtime.errors import NotStarted
from tdscen.runtime.progress import find_launched, interrupt, was_launched

PATIENCE_S = 5.0
"""How long federates may live after their broker, and a broker after it was told to stop, before they are killed."""


class Process(Protocol):
    """A process of a run, as `subprocess.Popen` has it."""

    def poll(self) -> int | None:
        """The exit status, None while it lives."""
        ...

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises `subprocess.TimeoutExpired`."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...

    def terminate(self) -> None:
        """Ask it to end."""
        ...


class Start(Protocol):
    """How a process begins: its command line, its folder, its environment, the file for what it prints."""

    def __call__(self, command: str, folder: Path, environment: dict[str, str], said: Path) -> Process:
        """Raises `OSError` where there is no such command or folder."""
        ...


def start_cold(command: str, folder: Path, environment: dict[str, str], said: Path) -> Process:
    """Start an interpreter of its own for a process of a run."""
    with said.open("wb") as output:
        return subprocess.Popen(
            shlex.split(command), cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )


class Launch:
    """The processes of one run; a context manager that leaves none of them behind.

    Start it in a thread that outlives the run: on Linux the processes end with the thread that started them.
    """

    def __init__(self, generated: Path, resume: Path | None = None, start: Start = start_cold) -> None:
        """Read `runner.json`. Raises `NotStarted`.

        `resume`: the run to go on with; `start`: how its processes begin.
        """
        self.generated = generated
        self._begin = start
        self._resume = resume
        self._id = secrets.token_hex(8)
        self._processes: dict[str, Process] = {}
        try:
            runner = json.loads((generated / folder.RUNNER).read_text(encoding="utf-8"))
            self._federates = tuple(runner["federates"])
        except (OSError, ValueError, KeyError) as error:
            raise NotStarted(
                f"{generated / folder.RUNNER} cannot be read ({error}): compile the scenario again"
            ) from None

    def __enter__(self) -> Self:
        """Start every process, the broker first. Raises `NotStarted` for a command that is not there."""
        self._said = Path(tempfile.mkdtemp(prefix="tdscen-"))
        scripts = Path(sys.executable).parent
        path = f"{scripts}{os.pathsep}{os.environ.get('PATH', '')}"
        environment = {**os.environ, "PATH": path, rendezvous.LAUNCH: self._id}
        environment |= {resuming.RESUME: self._resume.name} if self._resume else {}
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
        shutil.rmtree(self._said, ignore_errors=True)

    @property
    def run(self) -> Path | None:
        """The folder of the run, None as long as it has not begun."""
        if self._resume is not None:
            return self._resume if was_launched(self._resume, self._id) else None
        return find_launched(self.generated, self._id)

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
        texts = {name: (self._said / name).read_text(errors="replace") for name in self._processes}
        return "".join(f"{name}: {line}\n" for name, text in texts.items() for line in text.splitlines())

    @property
    def _broker(self) -> Process:
        """The first process of the runner file."""
        return next(iter(self._processes.values()))

    def _start(self, federate: dict[str, Any], environment: dict[str, str]) -> None:
        self._processes[federate["name"]] = self._begin(
            federate["exec"],
            self.generated / federate.get("directory", "."),
            {**environment, **federate.get("env", {})},
            self._said / federate["name"],
        )
