"""What an editor waits for: a session with `tdscen lsp` over a scenario of a thousand lines, its facts cached.

`python benchmarks/editor.py [--json FILE]` prints a table. Times are those of the client, from a request to its answer,
each directly after a keystroke: the text is read anew, and that is part of the time.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from measuring import ROOT, Goal, Table, report

from tdscen.syntax.formatter import format_text

sys.path.insert(0, str(ROOT / "tests"))

from lsp_client import Client, at

LINES = 1000
REPEATS = 15
MOST_MS = 50.0

_HEAD = (ROOT / "scenarios" / "ieee14_ieee34.tds").read_text(encoding="utf-8")


def scenario(lines: int = LINES) -> str:
    """A sound study of that many lines: a feeder with its own profile at every load bus of IEEE 14, and faults."""
    loaded = (2, 3, 5, 6, 9, 10, 11, 12, 13, 14)
    head = _HEAD.replace("stop = 15 s", "stop = 1 h")
    interfaces = "".join(
        f"\ninterface bus{bus} {{\n  transmission = ieee14.bus[{bus}]\n  distribution = ieee34\n"
        f"  scale        = match_load\n  load         = together{i}\n}}\n"
        for i, bus in enumerate(loaded)
    )
    body, waves = "", [list[str]() for _ in loaded]
    while (head + interfaces + body).count("\n") + 2 * len(loaded) + 13 <= lines:
        count = sum(map(len, waves))
        body += (
            f"\nparameter level{count} = 0.5 * {count + 1} %\n"
            f"\nprofile wave{count} = normal(mean = 1, std = level{count}, every = 1 s, seed = {count})\n"
            f"\nevent fault{count} {{\n"
            f"  at          = {10 * count + 5} s\n"
            f"  fault       = ieee14.bus[{count % 14 + 1}]\n"
            f"  clear_after = 80 ms\n"
            f"  reactance   = 0.01 pu\n"
            f"}}\n"
        )
        waves[count % len(loaded)].append(f"wave{count}")
    sums = "".join(f"\nprofile together{i} = ({' + '.join(names)}) / {len(names)}\n" for i, names in enumerate(waves))
    text = head + interfaces + sums + body
    laid_out = format_text(text + "# the end\n" * (lines - text.count("\n"))).text
    assert laid_out is not None
    return laid_out


class Session:
    """One document, opened; every measurement follows a change of it."""

    def __init__(self, client: Client, path: Path, text: str) -> None:
        self.client, self.text, self.version, self.strokes = client, text, 1, 0
        self.document = client.open(path, text)

    def stroke(self, mark: str) -> None:
        """One keystroke: another character behind the first `mark`."""
        self.version, self.strokes = self.version + 1, self.strokes + 1
        place = self.text.index(mark) + len(mark)
        character = "abcdefgh"[self.strokes % 8]
        start = at(self.text, mark)
        self.text = self.text[:place] + character + self.text[place:]
        change = {"range": {"start": start, "end": start}, "text": character}
        named = {**self.document, "version": self.version}
        self.client.tell("textDocument/didChange", textDocument=named, contentChanges=[change])

    def times_ms(self, method: str, mark: str, where: str, **more: Any) -> list[float]:
        """Milliseconds of a request at `where`, each after a keystroke at `mark`."""
        found = []
        for _ in range(REPEATS):
            self.stroke(mark)
            place = at(self.text, where)
            inner = {"range": {"start": place, "end": place}} if method == "codeAction" else {"position": place}
            before = time.perf_counter()
            answer = self.client.ask(f"textDocument/{method}", textDocument=self.document, **inner, **more)
            found.append((time.perf_counter() - before) * 1000)
            assert answer is not None, method
        return found


def session(folder: Path) -> list[dict[str, Any]]:
    """Rows of the table: what was asked, where the keystroke was, median and maximum in ms."""
    (folder / "feeders").symlink_to(ROOT / "scenarios" / "feeders")
    client = Client(folder)
    asked = Session(client, folder / "study.tds", scenario())
    while any(d["code"] for d in client.diagnostics(asked.document, 1)):
        pass  # the models are being looked at
    client.ask("textDocument/hover", textDocument=asked.document, position={"line": 0, "character": 0})
    near, far = 'scenario "', "event fault70"
    options: dict[str, Any] = {"options": {"tabSize": 2, "insertSpaces": True}}
    requests: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
        ("completion", near, "ieee14.bus[", {}),
        ("completion", far, "ieee14.bus[", {}),
        ("completion", far, "load         = ", {}),
        ("hover", near, "ieee14.bus[4", {}),
        ("hover", far, "profile wob", {}),
        ("definition", near, "= wob", {}),
        ("references", near, "transmission ieee", {"context": {"includeDeclaration": True}}),
        ("rename", near, "transmission ieee", {"newName": "grid"}),
        ("documentSymbol", near, "step", {}),
        ("foldingRange", near, "step", {}),
        ("formatting", near, "step", options),
        ("codeAction", near, "step", {"context": {"diagnostics": []}}),
    )
    rows = []
    for method, mark, where, more in requests:
        times = asked.times_ms(method, mark, where, **more)
        place = "first line" if mark is near else "last tenth"
        rows.append(
            {"request": method, "keystroke in the": place, "median": statistics.median(times), "max": max(times)}
        )
    assert client.leave() == 0
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", help="also write the figures to this file")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        rows = session(Path(folder))
    report(
        [Table(f"Answers of the language server in ms, {LINES} lines, {REPEATS} of each", rows)],
        [
            Goal(
                "language server, 1000 lines: slowest median of a request",
                max(row["median"] for row in rows),
                most=MOST_MS,
                unit=" ms",
            ),
            Goal(
                "language server, 1000 lines: slowest single answer",
                max(row["max"] for row in rows),
                most=MOST_MS,
                unit=" ms",
            ),
        ],
        chosen.json,
    )


if __name__ == "__main__":
    main()
