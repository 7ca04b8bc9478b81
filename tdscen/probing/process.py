"""Asking the worker process, which imports the simulators that this one does not."""

from __future__ import annotations

import json
import sys
from typing import Any

from tdscen.cache import cache_folder
from tdscen.probing.confine import MEMORY_GB

TIMEOUT_S = 300.0
"""A worker that takes longer is ended: the largest cases that were tried take 20 s."""


class WorkerError(Exception):
    """The worker crashed or hung; the text is one sentence."""


def ask(request: dict[str, Any], what: str, timeout_s: float | None = None) -> Any:
    """The worker's answer (JSON values) to a request; `what` names the work in a failure's sentence.

    The worker's current folder is a temporary one below the cache, gone afterwards, so that whatever a model writes
    lands nowhere. Raises `WorkerError`, and `OSError` where the cache cannot be written.
    """
    import subprocess  # slow to import, and most answers are remembered

    from tdscen.scratch import scratch_folder

    timeout_s = TIMEOUT_S if timeout_s is None else timeout_s
    with scratch_folder(cache_folder("work")) as folder:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "tdscen.probing.worker"],
                input=json.dumps(request),
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise WorkerError(f"{what} took more than {timeout_s:g} s and was ended") from None
    if done.returncode < 0:
        raise WorkerError(f"{what} ended by signal {-done.returncode}")
    if done.returncode != 0:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        if "MemoryError" in last:
            raise WorkerError(f"{what} needs more memory than it may have ({MEMORY_GB} GB)")
        raise WorkerError(f"{what} failed: {last}")
    return json.loads(done.stdout)
