"""`python -m guided [--seconds 60] [TARGET ...]`: prints how many texts were tried and exits with 1 where one failed.

Each target is a process of its own, because atheris ends its process. What failed is
printed.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from guided import NAMES

LARGEST_MB = 2048


def main() -> int:
    """Run the targets one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--one", choices=NAMES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(NAMES))
    arguments = parser.parse_args()
    if arguments.one:
        return _fuzz(arguments.one, arguments.folder, arguments.seconds)
    return max(_run(name, arguments.seconds) for name in arguments.targets or NAMES)


def _run(name: str, seconds: int) -> int:
    with tempfile.TemporaryDirectory() as place:
        began = time.monotonic()
        command = [sys.executable, "-m", "guided", "--one", name, "--folder", place, "--seconds", str(seconds)]
        ended = subprocess.run(command, check=False, capture_output=True, text=True)
        took_s = time.monotonic() - began
        tried = re.findall(r"^#(\d+)\s.*?cov: (\d+)", ended.stderr, re.MULTILINE)
        texts, branches = tried[-1] if tried else ("0", "0")
        mark = "✓" if ended.returncode == 0 and int(texts) > 0 else "✗"
        print(f"{mark} {name:10} {int(texts):>9,} texts, {branches} branches, {took_s:.0f} s", flush=True)
        if mark == "✗":
            print(ended.stdout[-4000:], ended.stderr[-4000:], sep="\n")
            for crash in sorted(Path(place).glob("crash-*")):
                print(f"{crash.name}: {crash.read_bytes()!r}")
        return int(mark == "✗")


def _fuzz(name: str, folder: Path, seconds: int) -> int:
    try:
        import atheris
    except ImportError:
        print("atheris is not installed (pip install atheris; there are wheels for Linux)", file=sys.stderr)
        return 1
    with atheris.instrument_imports(include=["tdscen"]):  # their branches are what it looks for
        from guided.targets import TARGETS
    test, seeds = TARGETS[name]
    corpus = folder / "corpus"
    corpus.mkdir()
    for i, text in enumerate(seeds()):
        (corpus / f"{i:03}").write_bytes(text.encode("utf-8"))

    def one(data: bytes) -> None:
        test(data.decode("utf-8", errors="replace"))

    options = [f"-max_total_time={seconds}", f"-rss_limit_mb={LARGEST_MB}", "-timeout=20", "-max_len=20000"]
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={folder}/", str(corpus)], one)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
