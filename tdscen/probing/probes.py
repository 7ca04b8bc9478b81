"""Facts of a model: found, hashed, remembered, else probed in a process of its own."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tdscen.codec import decode, encode
from tdscen.facts import DistributionFacts, Facts, TransmissionFacts
from tdscen.installed import version_of
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
    """Look at several models; what is not remembered is probed two at a time. Answers in the order of the requests."""
    answers = [_look(request) for request in requests]
    asked = [place for place, answer in enumerate(answers) if isinstance(answer, _Question)]
    if asked:
        from concurrent.futures import ThreadPoolExecutor  # slow to import, and most answers are remembered

        with ThreadPoolExecutor(max_workers=2) as pool:
            for place, answer in zip(asked, pool.map(_ask, [answers[place] for place in asked]), strict=True):
                answers[place] = answer
    return tuple(answer for answer in answers if isinstance(answer, Probe))


def recall(request: ProbeRequest) -> Probe | None:
    """What can be said of a model without starting a simulator; None where it has to be probed first."""
    answer = _look(request)
    return answer if isinstance(answer, Probe) else None


def probe(name: str, text: str, folder: Path, extra: tuple[str, ...] = ()) -> Probe:
    """Look at the model `text` of the simulator called `name`. Raises `KeyError` for an unknown simulator."""
    return probe_all([ProbeRequest(name, text, folder, extra)])[0]


@dataclass(frozen=True, slots=True)
class _Question:
    """A model that was found and is not remembered, and the name under which the answer will be."""

    simulator: Simulator
    source: ModelSource
    sha256: str
    name: str


def _look(request: ProbeRequest) -> Probe | _Question:
    """What can be said without a simulator."""
    chosen = simulator(request.simulator)
    try:
        source = chosen.locate(request.text, request.folder, request.extra)
        sha256 = source.sha256()
    except ModelNotFound as error:
        return Probe(_missing_because(chosen), problem=str(error))
    except OSError as error:
        return Probe("missing", problem=f"{request.text} cannot be read: {error.strerror or error}")
    version = version_of(chosen.package, chosen.module)
    if version is None:
        problem = f"{chosen.title} is not installed (package {chosen.package})"
        return Probe("not_installed", problem=problem, source=source, sha256=sha256)
    name = store.key("probe", chosen.name, version, sha256, source.main, *source.extra)
    known = store.read(name)
    question = _Question(chosen, source, sha256, name)
    return question if known is None else _found(question, known)


def _ask(question: _Question | Probe) -> Probe:
    """The answer of the worker process, remembered."""
    assert isinstance(question, _Question)
    source, chosen = question.source, question.simulator
    try:
        request = {"probe": chosen.name, "source": encode(SourceRecord.of(source))}
        answer = ask(request, f"looking at {source.main} with {chosen.title}")
        store.write(question.name, answer)
    except (WorkerError, OSError) as error:
        return Probe("failed", problem=str(error), source=source, sha256=question.sha256)
    return _found(question, answer)


def _found(question: _Question, answer: Any) -> Probe:
    cls: type[Facts] = TransmissionFacts if question.simulator.side == "transmission" else DistributionFacts
    return Probe("found", decode(cls, answer), source=question.source, sha256=question.sha256)


def _missing_because(chosen: Simulator) -> Reason:
    """A built-in case that is not found because its simulator is not there is not the scenario's mistake."""
    return "missing" if importlib.util.find_spec(chosen.module) else "not_installed"
