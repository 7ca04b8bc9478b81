"""Batches of runs that begin in the same instant, some of them killed on their way, and the judgement on all."""

from __future__ import annotations

import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from threading import Barrier

from soak.remains import Remains, count, foreign
from soak.runs import COPY, Ended, end, start
from soak.studies import Study

REAL = ("tdscen run", COPY, "helics run", COPY, "Launch", COPY, "tdscen run", "helics run")
"""The launchers in turn. Half of a batch of eight and more runs in one folder."""

FAKES = tuple("Launch" if launcher == "tdscen run" else launcher for launcher in REAL)
"""Edited scripts would be looked at by `tdscen run` each time; `Launch` is the part of it that starts runs."""

MOST_MB = 30.0
"""So much the process that starts the runs may grow."""


@dataclass(frozen=True)
class Soaked:
    """`before` is counted after the first run, `after` at the end; `wrong`: every deviation, in words."""

    ended: tuple[Ended, ...]
    killed: int
    wall_s: float
    before: Remains
    after: Remains
    wrong: tuple[str, ...]


def soak(
    study: Study, runs: int, at_once: int, *, kill: bool, done: Callable[[int], None] = lambda runs: None
) -> Soaked:
    """`runs` runs after a first one alone, `at_once` at a time; with `kill` one more in each batch, which is killed."""
    began = time.monotonic()
    draw = random.Random(1)
    turn = _turns(REAL if study.scenario else FAKES)
    ended = [end(*_alone(study))]
    before, killed = count(study), 0
    with ThreadPoolExecutor(at_once + 1) as pool:
        while len(ended) <= runs:
            batch = list(islice(turn, min(at_once, runs + 1 - len(ended))))
            together = Barrier(len(batch) + kill)
            working = [pool.submit(_one, study, launcher, len(ended) + i, together) for i, launcher in enumerate(batch)]
            doomed = pool.submit(_killed, study, draw, together) if kill else None
            ended += [work.result() for work in working]
            if doomed is not None:
                doomed.result()
                killed += 1
            done(len(ended) - 1)
    if kill:
        ended.append(end(*_alone(study)))  # sweeps up behind the last that was killed
    after = count(study)
    wrong = (*_judged(ended), *_leaks(study, before, after))
    return Soaked(tuple(ended), killed, time.monotonic() - began, before, after, wrong)


def _turns(launchers: Sequence[str]) -> Iterator[str]:
    while True:
        yield from launchers


def _alone(study: Study) -> tuple[subprocess.Popen[str], str, Path]:
    return start(study, "Launch", study.folder), "Launch", study.folder


def _one(study: Study, launcher: str, number: int, together: Barrier) -> Ended:
    folder = study.copy(number) if launcher == COPY else study.folder
    together.wait()
    process = start(study, launcher, folder)
    return end(process, launcher, folder)


def _killed(study: Study, draw: random.Random, together: Barrier) -> None:
    """A launcher that is killed somewhere on its way; its processes have to end by themselves."""
    together.wait()
    process = start(study, draw.choice(("helics run", "Launch")), study.folder)
    time.sleep(draw.uniform(0.1, 4.0 if study.scenario else 1.0))
    process.kill()
    process.communicate()


def _judged(ended: Sequence[Ended]) -> Iterator[str]:
    for one in ended:
        if one.fault:
            yield f"{one.launcher} {one.run.name if one.run else '?'}: {one.fault}"
        elif one.results != ended[0].results:
            others = dict(ended[0].results)
            differ = [name for name, digest in one.results if others.get(name) != digest]
            yield f"{one.launcher} {one.run}: {', '.join(differ) or 'a file is missing'} differs from the first run's"
    shared = Counter(one.run for one in ended if one.run)
    yield from (f"{run} is the run of {times} launchers" for run, times in shared.items() if times > 1)


def _leaks(study: Study, before: Remains, after: Remains) -> Iterator[str]:
    for what in ("processes", "listening_ports", "temporary_files", "foreign_files"):
        if getattr(after, what) > 0:
            yield f"{getattr(after, what)} {what.replace('_', ' ')} left"
    yield from (f"{path} does not belong there" for path in foreign(study)[:10])
    if after.descriptors > before.descriptors:
        yield f"{after.descriptors - before.descriptors} descriptors more"
    if after.rss_mb > before.rss_mb + MOST_MB:
        yield f"{after.rss_mb - before.rss_mb:.0f} MB more"
