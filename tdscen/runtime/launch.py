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
from typing import Any, Self

from tdscen.runtime import folder, rendezvous, resuming
from tdscen.runtime.errors import NotStarted
from tdscen.runtime.progress import find_launched, interrupt, was_launched

PATIENCE_S = 5.0
"""How long federates may live after their broker, and a broker after it was told to stop, before they are killed."""


class Launch:
    """The processes of one run; a context manager that leaves none of them behind.

    Start it in a thread that outlives the run: on Linux the processes end with the thread that started them.
    """

    def __init__(self, generated: Path, resume: Path | None = None) -> None:
        """Read `runner.json`; `resume`: the run to go on with. Raises `NotStarted`."""
        self.generated = generated
        self._resume = resume
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
    def _broker(self) -> subprocess.Popen[bytes]:
        """The first process of the runner file."""
        return next(iter(self._processes.values()))

    def _start(self, federate: dict[str, Any], environment: dict[str, str]) -> None:
        with (self._said / federate["name"]).open("wb") as said:
            self._processes[federate["name"]] = subprocess.Popen(
                shlex.split(federate["exec"]),
                cwd=self.generated / federate.get("directory", "."),
                env={**environment, **federate.get("env", {})},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
