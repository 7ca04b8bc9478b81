"""Run a command and say what it cost: `python -I launch.py SECONDS COMMAND...`, JSON on stdout.

A process of its own, because the peak memory of a child begins with that of the process that forks it.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time

MOST_BYTES = 6 * 2**30


def main() -> None:
    """Run, wait, report."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    began = time.monotonic()
    child = subprocess.Popen(
        sys.argv[2:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    late = threading.Timer(float(sys.argv[1]), lambda: os.killpg(child.pid, signal.SIGKILL))
    late.start()
    assert child.stdout is not None
    said = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    late.cancel()
    report = {
        "status": os.waitstatus_to_exitcode(status),
        "said": said.decode("utf-8", errors="replace"),
        "seconds": time.monotonic() - began,
        "mb": used.ru_maxrss / 1024,
    }
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
