"""`python -m hostile [--markdown FILE] [WORD ...]` (in tests/): every case with what is said, its time and peak memory.

Status 1 where one is not as expected. Words: only cases whose name has one of them.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from hostile.cases import ALL
from hostile.judge import Outcome, outcome

HEAD = """# Hostile input

What `make hostile` printed last: each input through the real `tdscen check` or `compile`, in a process of its own. All
were answered as expected: with one sentence and status 1 (or status 0 for what is harmless), without a traceback, and
with no file changed beside the output folder. Times are those of a machine of two cores that had other work.

| input | status | s | MB | what is said |
| --- | --- | --- | --- | --- |
"""


def main(words: list[str]) -> int:
    """Print the table, and write it where it was asked for and all of it is as expected."""
    page = None
    if words[:1] == ["--markdown"]:
        page, words = Path(words[1]), words[2:]
    rows, bad = [], 0
    with tempfile.TemporaryDirectory(prefix="hostile-") as temporary:
        for number, case in enumerate(c for c in ALL if not words or any(w in c.name for w in words)):
            folder = Path(temporary) / str(number)
            folder.mkdir()
            found = outcome(case, folder)
            bad += bool(found.wrong)
            what = "; ".join(found.wrong) if found.wrong else said(found)
            print(f"{case.name:52} {found.status:3d} {found.seconds:6.1f} s {found.mb:6.0f} MB  {what}", flush=True)
            rows.append(
                f"| {case.name} | {found.status} | {found.seconds:.1f} | {found.mb:.0f} | {cell(said(found))} |\n"
            )
    print(f"{len(rows)} inputs, {bad} not answered as expected")
    if page is not None and not bad:
        page.write_text(HEAD + "".join(rows), encoding="utf-8")
    return 1 if bad else 0


def said(found: Outcome) -> str:
    """The error's sentence, or the last line."""
    lines = found.said.strip().splitlines() or [""]
    sentence = next((line for line in lines if re.match("(?i)error", line)), lines[-1])
    return sentence if len(sentence) < 200 else f"{sentence[:200]}..."


def cell(text: str) -> str:
    """A text in a table of Markdown."""
    plain = text.replace("|", "\\|").replace("`", "'").replace("<", "&lt;")
    return "".join(c if c.isprintable() else " " for c in plain)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
