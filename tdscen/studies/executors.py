"""Where points are run: in this process one after the other, or by `dask.distributed` on several.

A point is a folder that everybody sees: workers of a cluster need the same file system and the same environment.
"""

from __future__ import annotations

import importlib.util
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import tdscen
from tdscen.studies.point import Done, cool, run_point

MISSING = "sweeps on several workers need dask.distributed: pip install 'tdscen[sweep]' (or use --workers 1)"
ONE_BY_ONE = "one point at a time: for several, pip install 'tdscen[sweep]' (dask.distributed)"
UNGUARDED = (
    "the workers did not start: they are new processes that import the script which asks for them, so it has to ask "
    'below `if __name__ == "__main__":` (or use one worker)'
)
PAGE = "127.0.0.1:0"
"""Where dask serves the state of a cluster on this machine: a free port, as several sweeps may go on at a time."""

AHEAD = 2
"""So many points a worker are compiled and handed out before the first of them is back."""


Told = Callable[[str], None]
"""Hears, in a sentence, what the points are waiting for."""


def untold(_: str) -> None:
    """Nobody hears it."""


class NoExecutor(Exception):  # noqa: N818 - the name says what happened
    """The points cannot be run there; the text is one sentence."""


def has_dask() -> bool:
    """Whether points can run side by side."""
    return importlib.util.find_spec("distributed") is not None


def run_here(folders: Iterable[Path], preload: Sequence[str]) -> Iterator[tuple[Path, Done]]:
    """One after the other in this process."""
    try:
        for folder in folders:
            yield folder, run_point(folder, preload)
    finally:
        cool()


def run_on_dask(
    folders: Iterable[Path], preload: Sequence[str], workers: int, scheduler: str | None, told: Told = untold
) -> Iterator[tuple[Path, Done]]:
    """Side by side, in the order in which they end. `scheduler`: the address of one; None: a cluster on this machine.

    A worker that dies is replaced, and its point given to another one. The workers of a scheduler may come and go, as
    a batch system starts and ends them. Raises `NoExecutor`.
    """
    try:
        from distributed import as_completed
    except ImportError:
        raise NoExecutor(MISSING) from None
    waiting = iter(folders)
    with _client(workers, scheduler) as client:
        running = as_completed()
        known: dict[str, Path] = {}

        if scheduler is not None and not client.nthreads():
            told(f"the scheduler at {scheduler} has no workers yet: points wait until it has")

        def hand_out() -> None:
            now = workers if scheduler is None else sum(client.nthreads().values())
            for folder in islice(waiting, max(0, AHEAD * max(1, now) - len(known))):
                future = client.submit(run_point, folder.resolve(), tuple(preload), pure=False)
                known[future.key] = folder
                running.add(future)

        hand_out()
        for future in running:
            yield known.pop(future.key), _done(future)
            hand_out()


def _done(future: Any) -> Done:
    error = future.exception()
    if error is None:
        done: Done = future.result()
        return done
    return Done(f"its worker failed: {type(error).__name__}: {' '.join(str(error).split())}", None, 0.0)


def _require_tdscen(client: Any, scheduler: str) -> None:
    """Raise `NoExecutor` where the scheduler cannot import what it hands on, or another version of it."""
    try:
        there = client.run_on_scheduler(own_version)
    except Exception:  # whatever importing raises there, or dask of it
        there = None
    if there != own_version():
        found = "has no tdscen" if there is None else f"has tdscen {there}"
        raise NoExecutor(
            f"the scheduler at {scheduler} {found}, here is tdscen {own_version()}: start it and its workers in this "
            f"environment ({sys.prefix})"
        )


def own_version() -> str:
    """The version of tdscen that this process has."""
    return tdscen.__version__


@contextmanager
def _client(workers: int, scheduler: str | None) -> Iterator[Any]:
    import logging

    from distributed import Client, LocalCluster

    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is said by rows and by exceptions
    if scheduler is not None:
        try:
            client = Client(scheduler, timeout=10)
        except (OSError, ValueError) as error:
            raise NoExecutor(f"there is no dask scheduler at {scheduler}: {error}") from None
        with client:
            _require_tdscen(client, scheduler)
            yield client
        return
    try:
        with _deaf_to_interrupts():
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address=PAGE,
                memory_limit=0,
                silence_logs=logging.CRITICAL,  # of the workers; or they tell of every point that Ctrl-C ended
            )
    except RuntimeError:
        raise NoExecutor(UNGUARDED) from None
    with cluster, Client(cluster) as client:
        yield client


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Ctrl-C is for this process: those that are started meanwhile inherit that they do not hear it.

    Only the main thread may say so; what another one starts hears it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
