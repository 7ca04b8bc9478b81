"""A scenario with everything that it includes, as one document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tdscen.diagnostics import Diagnostic, Label
from tdscen.files import MB, SCENARIO_MB
from tdscen.language.texts import Text, Texts
from tdscen.source import Source, Span
from tdscen.syntax import nodes as n
from tdscen.syntax import parse
from tdscen.syntax.parser import Parsed

DEEPEST = 30
MOST = 1000
"""Files that a study may be read from: each costs at least a parse."""

MOST_TOGETHER_MB = 4


@dataclass
class Gathered:
    """The items of all files, each file's in the place where it is included, and the problems met."""

    texts: Texts
    document: n.Document = field(default_factory=lambda: n.Document(()))
    problems: list[Diagnostic] = field(default_factory=list)


def gather(
    source: Source, folder: Path, texts: Texts | None = None, tree: Callable[[Source], Parsed] = parse
) -> Gathered:
    """Read a scenario and its includes. A file that is included twice is read once; a circle is an error.

    An editor gives `texts` that know what is not saved yet, and a `tree` that remembers what it has read.
    """
    gathered = Gathered(Texts((Text(source, folder),)) if texts is None else texts)
    main = (folder / Path(source.name).name).resolve()
    reading = _Reading(gathered, {main}, tree)
    items = reading.file(source, folder, ((main, source.name),))
    gathered.document = n.Document(tuple(items), (), reading.recovered, frozenset(reading.lost))
    return gathered


class _Reading:
    def __init__(self, gathered: Gathered, seen: set[Path], tree: Callable[[Source], Parsed]) -> None:
        self.gathered, self.seen, self.tree = gathered, seen, tree
        self.lost: set[str] = set()
        self.recovered = False
        self.size = 0

    def file(self, source: Source, folder: Path, chain: tuple[tuple[Path, str], ...]) -> list[n.Item]:
        """The items of a file; `chain` are the files that led to it."""
        document, problems = self.tree(source)
        self.gathered.problems += problems
        self.lost |= document.lost
        self.recovered = self.recovered or document.recovered
        items: list[n.Item] = []
        for item in document.items:
            if isinstance(item, n.Heading) and item.keyword.text == "include":
                items += self._include(item, folder, chain)
            else:
                items.append(item)
        return items

    def _include(self, item: n.Heading, folder: Path, chain: tuple[tuple[Path, str], ...]) -> list[n.Item]:
        path, span = folder / item.text.value, item.text.span
        try:
            resolved = path.resolve()
        except (OSError, RuntimeError, ValueError):  # a circle of links, a name that is too long
            return self._problem("TDS106", f"{item.text.value} cannot be read: it leads nowhere", span)
        if any(resolved == before for before, _ in chain):
            names = " -> ".join([*(Path(name).name for _, name in chain), Path(item.text.value).name])
            return self._problem("TDS108", f"files include each other in a circle: {names}", span)
        if resolved in self.seen:
            return []
        if len(chain) > DEEPEST:
            return self._problem("TDS107", f"files include each other more than {DEEPEST} deep", span)
        if len(self.seen) > MOST:
            return self._problem("TDS107", f"more than {MOST} files are included", span)
        self.seen.add(resolved)
        try:
            content = self.gathered.texts.read(path, SCENARIO_MB)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            self.recovered = True  # what it would have defined is not known
            return self._problem("TDS106", f"{item.text.value} cannot be read: {reason}", span)
        self.size += len(content)
        if self.size > MOST_TOGETHER_MB * MB:
            return self._problem("TDS107", f"the included files have more than {MOST_TOGETHER_MB} MB together", span)
        name = (Path(self.gathered.texts.sources[item.span.file].name).parent / item.text.value).as_posix()
        included = self.gathered.texts.add(name, content, path.parent)
        items = self.file(included, path.parent, (*chain, (resolved, name)))
        titles = [i for i in items if isinstance(i, n.Heading) and i.keyword.text == "scenario"]
        for title in titles:
            label = Label(span, "included here")
            message = "an included file has no title of its own: the study has one"
            self.gathered.problems.append(Diagnostic("TDS206", message, title.span, labels=(label,)))
        return [i for i in items if i not in titles] if titles else items

    def _problem(self, code: str, message: str, span: Span) -> list[n.Item]:
        self.gathered.problems.append(Diagnostic(code, message, span))
        return []
