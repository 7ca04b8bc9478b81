"""The canonical layout of a scenario file.

Only white space moves, with three exceptions that mean nothing: a `;` becomes a new line, a broken list or call gets a
comma after its last item (an unbroken one loses it), and an odd line end or byte order mark goes. Numbers keep their
digits. Laid out a second time the text stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tdscen.diagnostics import Diagnostic
from tdscen.source import Source
from tdscen.syntax.bodies import Bodies
from tdscen.syntax.nodes import Document
from tdscen.syntax.parser import Parsed, parse
from tdscen.syntax.remarks import Remarks
from tdscen.syntax.words import words


class FormatterError(RuntimeError):
    """The formatter has a fault: what it made does not say what the file says."""


@dataclass(frozen=True, slots=True)
class Formatted:
    """A source laid out; `text` is None where it does not parse, for the reasons in `diagnostics`."""

    source: Source
    text: str | None
    diagnostics: tuple[Diagnostic, ...] = ()


def format_text(text: str, name: str = "text", tree: Callable[[Source], Parsed] = parse) -> Formatted:
    """Lay out the text of a file called `name`.

    A text with a syntax error is refused whole. The result has the words of the text. Where it has not, it is read
    again, which raises `FormatterError` where it gives another tree or other comments: a fault of this program, never
    of the text. `tree` reads a source; an editor gives one that remembers what it has read.
    """
    source = Source.from_text(name, text)
    document, diagnostics = tree(source)
    if diagnostics:
        return Formatted(source, None, diagnostics)
    lines = Bodies(Remarks(source.text, document.comments)).lines(document.items, 0, len(source.text))
    result = "".join(f"{line}\n" for line in lines)
    if result != source.text and words(source.text) != words(result):
        _compare(document, tree(Source.from_text(name, result)), name)
    return Formatted(source, result)


def _compare(document: Document, result: Parsed, name: str) -> None:
    again, problems = result
    kept = [comment.text for comment in again.comments] == [comment.text for comment in document.comments]
    if problems or again != document or not kept:
        raise FormatterError(f"laying out {name} would change what it says; it is left as it is: report this fault")
