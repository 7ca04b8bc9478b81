"""What an open document means: its tree and study with what is remembered of its models. Starts no simulator."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tdscen.diagnostics import Diagnostic, sort
from tdscen.editor.pieces import Pieces
from tdscen.language.analyse import analyse_all
from tdscen.language.checks import check
from tdscen.language.includes import gather
from tdscen.language.models import Models, requests
from tdscen.language.study import Study
from tdscen.language.texts import Text, Texts
from tdscen.probing import Probe, ProbeRequest, recall
from tdscen.source import Source, Span
from tdscen.syntax import nodes as n

LOOK_AGAIN_S = 10.0
"""Seconds after which a model's files are compared with what is remembered of them."""

_ABSENT = ("TDS205", "TDS209")
"""What a file that others include may lack: blocks, and uses of what it defines."""


@dataclass
class Memory:
    """What is remembered of models between two analyses. Only `learn` brings in what a simulator had to say."""

    _known: dict[ProbeRequest, tuple[float, Probe]] = field(default_factory=dict)

    def look(self, asked: Mapping[str, ProbeRequest]) -> tuple[Models, tuple[ProbeRequest, ...]]:
        """Facts by block name, and the models that are still to be probed."""
        probes, missing = {}, []
        for label, request in asked.items():
            probe = self._probe(request)
            if probe is None:
                missing.append(request)
            else:
                probes[label] = probe
        return Models(probes), tuple(missing)

    def _probe(self, request: ProbeRequest) -> Probe | None:
        until, probe = self._known.get(request, (0.0, None))
        if time.monotonic() < until:
            return probe
        found = recall(request)
        if found is None:
            self._known.pop(request, None)
        elif probe is None or probe.sha256 != found.sha256 or probe.reason != found.reason:
            self._known[request] = (time.monotonic() + LOOK_AGAIN_S, found)
        else:  # the same facts stay the same object, by which they are indexed
            self._known[request] = (time.monotonic() + LOOK_AGAIN_S, probe)
        return self._known[request][1] if found is not None else None

    def learn(self, request: ProbeRequest, probe: Probe) -> None:
        """Take what a probe found; one that failed is not asked again before `forget`."""
        lasting = float("inf") if probe.reason == "failed" else time.monotonic() + LOOK_AGAIN_S
        self._known[request] = (lasting, probe)

    def forget(self) -> None:
        """Files may have changed: look at them again, also those that could not be probed."""
        failed = [request for request, (_, probe) in self._known.items() if probe.reason == "failed"]
        self._known = {r: (0.0, probe) for r, (_, probe) in self._known.items() if r not in failed}


class OpenTexts(Texts):
    """Files of a study, those that are open in the editor as they stand there."""

    def __init__(self, texts: tuple[Text, ...], opened: Mapping[Path, str]) -> None:
        super().__init__(texts)
        self._opened = opened

    def read(self, path: Path, most_mb: int = 8) -> str:
        """The text in the editor, else that of the file."""
        content = self._opened.get(path.resolve())
        if content is None:
            return super().read(path, most_mb)
        self.files.append(path)
        return content


@dataclass(frozen=True, eq=False)
class Analysis:
    """One version of a document, read. `own` is its own tree, `document` that with its includes in their places.

    Sources are named by absolute paths; the document itself is source 0.
    """

    source: Source
    own: n.Document
    document: n.Document
    texts: Texts
    study: Study
    models: Models
    missing: tuple[ProbeRequest, ...]
    problems: tuple[Diagnostic, ...]

    @property
    def sources(self) -> tuple[Source, ...]:
        """The document, its includes, its tables."""
        return self.texts.sources

    @cached_property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What `tdscen check` says of the text, but what takes a simulator (scales that are resolved) or a sweep."""
        found = sort((*self.problems, *check(self.study, self.models)))
        return tuple(d for d in found if d.code not in _ABSENT) if self.is_part else found

    @property
    def is_part(self) -> bool:
        """Whether this is a file for others to include: it has no title."""
        titles = (i for i in self.document.items if isinstance(i, n.Heading) and i.keyword.text == "scenario")
        return next(titles, None) is None

    def items(self) -> tuple[n.Item, ...]:
        """The items of the document itself."""
        return self.own.items

    def at(self, offset: int) -> tuple[n.Item, ...]:
        """The items around an offset, outermost first."""
        return tuple(_around(self.items(), offset))

    def written(self, span: Span) -> str:
        """The text of a span."""
        return self.sources[span.file].text[span.start : span.end]


def analyse_text(
    path: Path, text: str, memory: Memory, pieces: Pieces, opened: Mapping[Path, str] | None = None
) -> Analysis:
    """Read a text that will be the file `path`; `opened` are other texts of the editor, by resolved path."""
    source = Source.from_text(path.as_posix(), text)
    texts = OpenTexts((Text(source, path.parent),), opened or {})
    gathered = gather(source, path.parent, texts, pieces.parse)
    study, problems = analyse_all(gathered.document, texts)
    models, missing = memory.look(requests(study, texts))
    own = pieces.parse(source).document
    return Analysis(source, own, gathered.document, texts, study, models, missing, (*gathered.problems, *problems))


def _around(items: Iterable[n.Item], offset: int) -> Iterator[n.Item]:
    for item in items:
        if item.span.start <= offset <= item.span.end:
            yield item
            if isinstance(item, n.Block):
                yield from _around(item.items, offset)
            return
