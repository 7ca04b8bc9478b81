"""The worker process: `python -m tdscen.probing.worker`, a JSON request on stdin, a JSON answer on stdout.

It works on copies of the models' files in its current folder (a temporary one, see `process`), so that the content
that was hashed is the content that is read. Its memory is bounded and, where the kernel can, what it writes
(`confine`).
"""

from __future__ import annotations

import contextlib
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
from tdscen.simulators import SimulationError, simulator


def prepare(request: dict[str, Any]) -> None:
    """Make what the simulators of a request need and no model has a say in; what fails fails again when it is used.

    ANDES generates its code in several processes, whose locks lie where a confined process may not write.
    """
    scales = request.get("scales") or {"transmission_simulator": request.get("probe"), "interfaces": ()}
    names = {scales["transmission_simulator"], *(each["distribution_simulator"] for each in scales["interfaces"])}
    for path in sorted(simulator(name).prepare for name in names):
        if path:
            with contextlib.suppress(SimulationError):
                _attribute(path)()


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
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    request = json.load(sys.stdin)
    prepare(request)
    tempfile.tempdir = os.getcwd()  # else a simulator's temporary files would lie outside of what is allowed
    write_only_below([Path.cwd(), cache_folder()])
    json.dump(answer(request, Path.cwd()), out)
    out.close()


if __name__ == "__main__":
    main()
