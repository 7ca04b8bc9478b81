"""The federation as Mermaid text, for Markdown pages that draw it (GitHub, GitLab, Material for MkDocs)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tdscen.results.diagram.federation import Federation, Worker

_PLAIN = re.compile(r"[^\w .,:+×∠θ…/()-]", re.ASCII)


def mermaid(federation: Federation) -> str:
    """A flowchart: buses in the transmission system on the left, feeders in their federates on the right."""
    return "\n".join(_lines(federation)) + "\n"


def _lines(federation: Federation) -> Iterator[str]:
    yield "flowchart LR"
    rows = [(f"{w}_{r}", row) for w, worker in enumerate(federation.workers) for r, row in enumerate(worker.rows)]
    t = federation
    yield f'  subgraph transmission["{_words(f"{t.transmission} ({t.simulator})")}"]'
    yield from (f'    bus{at}["{_words(row.bus)}<br/>{_words(row.load)}"]' for at, row in rows)
    yield "  end"
    for w, worker in enumerate(federation.workers):
        yield f'  subgraph worker{w}["{_words(f"{worker.name} ({worker.simulators})")}"]'
        for r, row in enumerate(worker.rows):
            notes = ", ".join(each for each in (row.scale, row.resources) if each)
            yield f'    feeder{w}_{r}["{_words(row.feeder)}<br/>{_words(notes)}"]'
        yield "  end"
    yield from (f'  bus{at} -. "{_words(row.interface)}" .- feeder{at}' for at, row in rows)
    for w, worker in enumerate(federation.workers):
        yield from _signals(w, worker)
    yield from (f"  %% {_words(note)}" for note in (f"{t.transmission} is {t.case}", *federation.notes))


def _signals(w: int, worker: Worker) -> Iterator[str]:
    hears, says = worker.voltage, worker.power
    yield f'  transmission == "{_words(hears.topic)}<br/>{_words(hears.words)}" ==> worker{w}'
    yield f'  worker{w} == "{_words(says.topic)}<br/>{_words(says.words)}" ==> transmission'


def _words(text: str) -> str:
    """The text inside quotes, where nothing of it is markup: all but plain characters as `#number;`."""
    return _PLAIN.sub(lambda found: "".join(f"#{ord(character)};" for character in found[0]), text)
