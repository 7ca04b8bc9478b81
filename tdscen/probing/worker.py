"""The worker process: `python -m tdscen.probing.worker`, a JSON request on stdin, a JSON answer on stdout.

It works on copies of the models' files in its current folder (a temporary one, see `process`), so that the content
that was hashed is the content that is read. Its memory is bounded and, where the kernel can, what it writes
(`confine`).
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tdscen.cache import cache_folder
from tdscen.codec import decode, encode
from tdscen.probing import scaling
from tdscen.probing.confine import bound_resources, write_only_below
from tdscen.probing.requests import ScaleTask, SourceRecord
from tdscen.simulators import simulator


def answer(request: dict[str, Any], folder: Path) -> Any:
    """Facts for `{"probe": simulator, "source": ...}`, scales for `{"scales": ...}`."""
    if "probe" in request:
        source = decode(SourceRecord, request["source"]).source().copy_to(folder / "model")
        facts = _attribute(simulator(request["probe"]).probe)(source)
        return encode(facts)
    return encode(scaling.resolve(decode(ScaleTask, request["scales"]), folder, _attribute))


def _attribute(path: str) -> Callable[..., Any]:
    """`package.module:attribute`, imported."""
    module, name = path.split(":")
    return getattr(importlib.import_module(module), name)  # type: ignore[no-any-return]


def main() -> None:
    """Serve one request. Whatever a simulator prints goes to stderr, so that stdout carries the answer alone."""
    bound_resources()
    tempfile.tempdir = os.getcwd()  # else a simulator's temporary files would lie outside of what is allowed
    write_only_below([Path.cwd(), cache_folder()])
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    json.dump(answer(json.load(sys.stdin), Path.cwd()), out)
    out.close()


if __name__ == "__main__":
    main()
