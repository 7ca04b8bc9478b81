"""`python -m hostile` (in tests/): every case with its time and peak memory; status 1 where one is not as expected."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from hostile.cases import ALL
from hostile.judge import outcome


def main(words: list[str]) -> int:
    """Print the table; `words`: only cases whose name has one of these."""
    bad = 0
    with tempfile.TemporaryDirectory(prefix="hostile-") as temporary:
        for number, case in enumerate(c for c in ALL if not words or any(w in c.name for w in words)):
            folder = Path(temporary) / str(number)
            folder.mkdir()
            found = outcome(case, folder)
            bad += bool(found.wrong)
            what = "; ".join(found.wrong) if found.wrong else "as expected"
            print(f"{case.name:60} {found.status:4d} {found.seconds:6.1f} s {found.mb:6.0f} MB  {what}", flush=True)
            if found.wrong:
                print("    | " + found.said.strip()[-700:].replace("\n", "\n    | "), flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
