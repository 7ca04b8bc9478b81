"""The warm process of `warm`: imports, then forks on request. `python -m tdscen.runtime.warming SOCKET PRELOAD...`.

It has one thread of Python's and starts neither HELICS nor a simulator, so that a fork of it is whole. When the other
end of its socket closes, however that process ended, it kills what it has forked and ends.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import signal
import socket
import sys
import time
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

living: dict[int, int | None] = {}
"""Exit statuses of what was forked (None: it lives)."""


def serve(connection: socket.socket, preload: Sequence[str]) -> None:
    """Import, then answer requests, one JSON line each, until the other end is closed."""
    for name in preload:
        module, _, function = name.partition(":")
        imported = import_module(module)
        if function:
            getattr(imported, function)()
    gc.collect()
    gc.freeze()  # what is shared with the forks is not copied for counting
    while (received := _receive(connection)) is not None:
        connection.sendall(json.dumps(_answer(connection, *received)).encode() + b"\n")
    for pid in living:
        if _poll(pid) is None:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """A request and the open files that came with it; None when the other end is closed."""
    line, files = b"", list[int]()
    while not line.endswith(b"\n"):
        part, more, _, _ = socket.recv_fds(connection, 1 << 16, 1)
        if not part:
            return None
        line += part
        files += more
    return json.loads(line), files


def _answer(connection: socket.socket, request: dict[str, Any], files: list[int]) -> dict[str, Any]:
    match request["do"]:
        case "ready":
            os.dup2(1, 2)  # nobody reads on: what is said from now on would fill the pipe
            return {"threads": _threads()}
        case "start":
            try:
                return {"pid": _fork(connection, request, files[0])}
            except OSError as error:
                return {"error": f"{error.strerror or error}", "errno": error.errno}
        case "poll":
            return {"status": _poll(request["pid"])}
        case "signal":
            if _poll(request["pid"]) is None:
                os.kill(request["pid"], request["number"])
            return {}
    raise ValueError(f"{request['do']} is no request")


def _threads() -> int:
    """How many threads this process has as the system counts them; 0 where that cannot be read."""
    return len(os.listdir("/proc/self/task")) if sys.platform == "linux" else 0


def _poll(pid: int) -> int | None:
    if living[pid] is None:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            living[pid] = os.waitstatus_to_exitcode(status)
    return living[pid]


def _fork(connection: socket.socket, request: dict[str, Any], said: int) -> int:
    """`said`: the open file for what the process prints; it is closed here."""
    folder = -1
    try:
        folder = os.open(request["folder"], os.O_RDONLY | os.O_DIRECTORY)
        pid = os.fork()
        if pid == 0:
            _become(connection, request, said, folder)
    finally:
        os.close(said)
        if folder >= 0:
            os.close(folder)
    living[pid] = None
    return pid


def _become(connection: socket.socket, request: dict[str, Any], said: int, folder: int) -> NoReturn:
    """What a started process does; never returns."""
    status = 1
    try:
        connection.detach()
        os.fchdir(folder)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for descriptor, stream in ((nothing, 0), (said, 1), (said, 2)):
            os.dup2(descriptor, stream)
        os.closerange(3, 64)  # the socket above all: a process that held it would keep this one's end unseen
        sys.stdout.reconfigure(write_through=True)  # type: ignore[union-attr]
        os.environ.clear()
        os.environ.update(request["environment"])
        command: list[str] = request["command"]
        if command[:2] == ["python", "-u"] and len(command) == 3:
            status = _execute(command[2])
        else:
            os.execvpe(command[0], command, dict(os.environ))
    except BaseException:
        traceback.print_exc()
    finally:
        for each in (sys.stdout, sys.stderr):
            each.flush()
        os._exit(status)


def _execute(script: str) -> int:
    """Execute a script as `python script` does; its exit status."""
    sys.modules["tdscen.runtime.presence"].STARTED = time.perf_counter()  # type: ignore[attr-defined]
    sys.argv = [script]
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as leaving:
        if isinstance(leaving.code, str):
            print(leaving.code, file=sys.stderr)
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    import atexit

    atexit._run_exitfuncs()
    return 0


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
