"""What a soak has in hand: of this process, of its runs' processes, and of the places where things are left."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import psutil

from soak.studies import MARK, Study

SHARED_MEMORY = Path("/dev/shm")

_KNOWN = re.compile(
    r"(runner|plan|manifest)\.json|broker\.py|(broker|ieee14|ieee34\w*)\.log|federates/\w+\.py|models/.*|runs/\d+/"
    r"(run\.json|plan\.json|results\.parquet|journal/\w+\.(json|f64|heard)|(logs|status)/\w+\.(log|json)|"
    r"voltages/\w+\.(json|f64)|scenario/\w+\.tds)|scenario/\w+\.tds|federates/__pycache__/.*"
)
"""Every file that belongs into a generated folder."""


@dataclass(frozen=True)
class Remains:
    """Counts at one moment. `rss_mb`, `descriptors`: of the long-lived process that starts all runs."""

    processes: int
    listening_ports: int
    temporary_files: int
    shared_memory: int
    foreign_files: int
    descriptors: int
    rss_mb: float


def count(study: Study) -> Remains:
    """Count everything; takes some tenths of a second."""
    mine = _processes(study)
    listening = sum(
        1 for process in mine for c in process.net_connections(kind="tcp") if c.status == psutil.CONN_LISTEN
    )
    me = psutil.Process()
    return Remains(
        len(mine),
        listening,
        sum(1 for _ in study.temporary.rglob("*")),
        len(os.listdir(SHARED_MEMORY)) if SHARED_MEMORY.is_dir() else 0,
        len(foreign(study)),
        me.num_fds(),
        me.memory_info().rss / 1e6,
    )


def foreign(study: Study) -> tuple[str, ...]:
    """Files beside and in the folder that runs share which do not belong there."""
    beside = [str(path) for path in study.folder.parent.iterdir() if path != study.folder]
    inside = [path.relative_to(study.folder).as_posix() for path in study.folder.rglob("*") if path.is_file()]
    return (*beside, *(path for path in inside if not _KNOWN.fullmatch(path)))


def _processes(study: Study) -> list[psutil.Process]:
    """All that the soak has started and that live, also without their parents."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(study.place) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found
