"""Starting the processes of many runs from one that has everything imported already (`warming`), by forking it.

A process of a run spends most of its start on imports. Forked from a warm process it begins in milliseconds, as a
process of its own that executes the same script with the same folder, environment and output; HELICS and the simulators
are begun after the fork. Only the interpreter's command line (`python -u`) is not looked at again.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from tdscen.runtime import lifeline
from tdscen.runtime.errors import NotStarted
from tdscen.runtime.launch import Launch

LOOK_EVERY_S = 0.01

PRELOADED = (
    "tdscen.runtime.service",
    "tdscen.runtime.transmission",
    "tdscen.runtime.distribution",
    "tdscen.results.finishing",
)
"""What every run imports; the simulators' part is told to `Warm`."""


class Warm:
    """A warm process and the runs' processes that it has forked. It ends, and ends them, with the process that made it.

    A context manager; one run at a time or several, from any thread.
    """

    def __init__(self, preload: Sequence[str]) -> None:
        """`preload`: modules to import, or `module:function` to call, before the first fork. Raises `NotStarted`."""
        ours, its = socket.socketpair()
        command = [sys.executable, "-u", "-m", "tdscen.runtime.warming", str(its.fileno()), *PRELOADED, *preload]
        # A session of its own: Ctrl-C reaches the one who started the runs, who ends them in order.
        self._server = subprocess.Popen(
            command,
            env={**os.environ, "PYTHONSAFEPATH": "1"},
            pass_fds=[its.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        its.close()
        self._socket = ours
        self._answers = ours.makefile("rb")
        self._one_at_a_time = threading.Lock()
        try:
            self.threads = int(self._ask({"do": "ready"})["threads"])
        except NotStarted:
            said = self._server.communicate()[1].decode(errors="replace").strip().splitlines() or ["no message"]
            self.close()
            raise NotStarted(f"the process that runs are forked from cannot start: {said[-1]}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The warm process itself."""
        return self._server.pid

    @property
    def alive(self) -> bool:
        """Whether it can fork."""
        return self._server.poll() is None

    def close(self) -> None:
        """End the warm process and everything that it has forked."""
        self._answers.close()
        self._socket.close()
        try:
            self._server.wait(5.0)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        if self._server.stderr is not None:
            self._server.stderr.close()

    def start(self, command: str, folder: Path, environment: dict[str, str], said: int) -> WarmProcess:
        """Begin a process of a run: its command line, folder, environment, the open file for what it prints.

        Raises `OSError` for a folder that is not there.
        """
        request = {"do": "start", "command": shlex.split(command), "folder": str(folder)}
        answer = self._ask({**request, "environment": environment}, [said])
        if "error" in answer:
            raise OSError(answer["errno"], answer["error"])
        return WarmProcess(self, int(answer["pid"]))

    def status(self, pid: int) -> int | None:
        """The exit status of a forked process (negative: its signal), None while it lives."""
        answer: int | None = self._ask({"do": "poll", "pid": pid})["status"]
        return answer

    def signal(self, pid: int, number: int) -> None:
        """Send a signal to a forked process, unless it has ended."""
        self._ask({"do": "signal", "pid": pid, "number": number})

    def _ask(self, request: dict[str, Any], files: Sequence[int] = ()) -> dict[str, Any]:
        with self._one_at_a_time:
            try:
                line = json.dumps(request).encode() + b"\n"
                self._socket.sendall(line[socket.send_fds(self._socket, [line], files) :])
                line = self._answers.readline()
            except (OSError, ValueError):
                line = b""
        if not line:
            raise NotStarted("the process that runs are forked from has ended")
        answer: dict[str, Any] = json.loads(line)
        return answer


class WarmProcess:
    """A forked process, with those methods of `subprocess.Popen` that a launch needs."""

    def __init__(self, warm: Warm, pid: int) -> None:
        self.pid = pid
        self._warm = warm
        self._status: int | None = None

    def poll(self) -> int | None:
        """The exit status, None while it lives."""
        if self._status is None:
            try:
                self._status = self._warm.status(self.pid)
            except NotStarted:  # nothing that was forked outlives the warm process
                self._status = -signal.SIGKILL
        return self._status

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises `subprocess.TimeoutExpired` after `timeout` seconds."""
        give_up = time.monotonic() + timeout if timeout is not None else None
        while (status := self.poll()) is None:
            if give_up is not None and timeout is not None and time.monotonic() > give_up:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(LOOK_EVERY_S)
        return status

    def kill(self) -> None:
        """End it at once."""
        self._send(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self._send(signal.SIGTERM)

    def _send(self, number: int) -> None:
        if self.poll() is None:
            try:
                self._warm.signal(self.pid, number)
            except NotStarted:
                return


class WarmLaunch(Launch):
    """A launch whose processes are forked from a warm one."""

    def __init__(self, generated: Path, warm: Warm) -> None:
        """Raises `NotStarted`, as `Launch`."""
        super().__init__(generated)
        self._warm = warm

    def _start(self, federate: dict[str, Any], environment: dict[str, str]) -> None:
        parent = {lifeline.LAUNCHER: str(self._warm.pid)}
        said = self._said[federate["name"]] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `__exit__`
        process = self._warm.start(
            federate["exec"],
            self.generated / federate.get("directory", "."),
            {**environment, **parent, **federate.get("env", {})},
            said.fileno(),
        )
        self._processes[federate["name"]] = cast("subprocess.Popen[bytes]", process)
