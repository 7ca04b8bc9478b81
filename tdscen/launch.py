"""Starting and stopping the unmodified `helics run` on a generated folder."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

PATIENCE_S = 5.0
"""How long the runner may take to end after an interrupt before it is killed."""


class CannotStart(Exception):  # noqa: N818 - reads as the sentence it stands for
    """`helics run` is not there to be started."""


def start(folder: Path, output: int) -> subprocess.Popen[bytes]:
    """Start `helics run` on a generated folder, with this interpreter first on PATH.

    `output`: the file descriptor that gets what it says. Raises `CannotStart`.
    """
    scripts = Path(sys.executable).parent
    path = f"{scripts}{os.pathsep}{os.environ.get('PATH', '')}"
    helics = shutil.which("helics", path=path)
    if helics is None:
        raise CannotStart("the command `helics` is not installed beside this Python; `tdscen doctor` says more")
    command_line = [helics, "run", f"--path={folder / 'runner.json'}"]
    environment = {**os.environ, "PATH": path}
    return subprocess.Popen(command_line, env=environment, stdout=output, stderr=output, stdin=subprocess.DEVNULL)


def stop(runner: subprocess.Popen[bytes], run: Path | None) -> None:
    """End the run by its own broker, which writes down why; where none has begun, end the runner."""
    from tdscen.runtime.progress import interrupt

    if run is None or not interrupt(run):
        runner.send_signal(signal.SIGINT)
    try:
        runner.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        runner.kill()
        runner.wait()
