"""The files that a study is read from: the scenario, its includes, its tables, the command line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tdscen.files import TABLE_MB, read_plain
from tdscen.source import Source, Span
from tdscen.syntax.reading import decode


@dataclass(frozen=True, slots=True)
class Text:
    """A source and the folder in which its paths begin."""

    source: Source
    folder: Path


class Texts:
    """All files of one study; a span's `file` is a place in this list. Files are only ever added."""

    def __init__(self, texts: tuple[Text, ...] = ()) -> None:
        self._texts = list(texts)
        self.files: list[Path] = []
        """Every file that was read, or looked for, beside the scenario itself."""

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources by index."""
        return tuple(text.source for text in self._texts)

    def folder(self, span: Span) -> Path:
        """Where a path written at `span` begins."""
        return self._texts[span.file].folder

    def read(self, path: Path, most_mb: int = TABLE_MB) -> str:
        """The text of a file beside the scenario. Raises `OSError`, or `ValueError` saying why it is no text."""
        self.files.append(path)
        return decode(read_plain(path, most_mb))

    def add(self, name: str, content: str, folder: Path) -> Source:
        """Another file; returns its source, with the next index."""
        source = Source.from_text(name, content, len(self._texts))
        self._texts.append(Text(source, folder))
        return source
