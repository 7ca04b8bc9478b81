"""Facts of a model: found, hashed, remembered, else probed in a process of its own."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tdscen.codec import decode, encode
from tdscen.facts import DistributionFacts, Facts, TransmissionFacts
from tdscen.probing import store
from tdscen.probing.process import WorkerError, ask
from tdscen.probing.requests import SourceRecord
from tdscen.simulators import ModelNotFound, ModelSource, Simulator, simulator

Reason = Literal["found", "missing", "not_installed", "failed"]


@dataclass(frozen=True, slots=True)
class ProbeRequest:
    """A model to look at: simulator, text of `case` or `model`, folder of the scenario, further files."""

    simulator: str
    text: str
    folder: Path
    extra: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Probe:
    """What came of looking at a model.

    `reason` `found`: `facts` are there (their own `problem` says whether the model is sound). Else `problem` says in
    one sentence why not: the model is `missing`, its simulator is `not_installed`, or the probe `failed` (crashed or
    took too long). `source` and `sha256` are there whenever the model's files are.
    """

    reason: Reason
    facts: Facts | None = None
    problem: str | None = None
    source: ModelSource | None = None
    sha256: str | None = None


def probe_all(requests: Sequence[ProbeRequest]) -> tuple[Probe, ...]:
    """Probe several models, two at a time; answers in the order of the requests."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        return tuple(pool.map(lambda r: probe(r.simulator, r.text, r.folder, r.extra), requests))


def probe(name: str, text: str, folder: Path, extra: tuple[str, ...] = ()) -> Probe:
    """Look at the model `text` of the simulator called `name`. Raises `KeyError` for an unknown simulator."""
    chosen = simulator(name)
    try:
        source = chosen.locate(text, folder, extra)
        sha256 = source.sha256()
    except ModelNotFound as error:
        return Probe(_missing_because(chosen), problem=str(error))
    except OSError as error:
        return Probe("missing", problem=f"{text} cannot be read: {error.strerror or error}")
    try:
        return _facts(chosen, source, sha256)
    except (WorkerError, OSError) as error:
        return Probe("failed", problem=str(error), source=source, sha256=sha256)


def _missing_because(chosen: Simulator) -> Reason:
    """A built-in case that is not found because its simulator is not there is not the scenario's mistake."""
    return "missing" if importlib.util.find_spec(chosen.module) else "not_installed"


def _facts(chosen: Simulator, source: ModelSource, sha256: str) -> Probe:
    version = store.installed(chosen.package)
    if version is None or importlib.util.find_spec(chosen.module) is None:
        problem = f"{chosen.title} is not installed (package {chosen.package})"
        return Probe("not_installed", problem=problem, source=source, sha256=sha256)
    name = store.key("probe", chosen.name, version, sha256, source.main, *source.extra)
    known = store.read(name)
    if known is None:
        request = {"probe": chosen.name, "source": encode(SourceRecord.of(source))}
        known = ask(request, f"looking at {source.main} with {chosen.title}")
        store.write(name, known)
    if chosen.side == "transmission":
        return Probe("found", decode(TransmissionFacts, known), source=source, sha256=sha256)
    return Probe("found", decode(DistributionFacts, known), source=source, sha256=sha256)
