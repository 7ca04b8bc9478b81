"""Importing HELICS without parsing its C headers again: a tenth of a second for each process of a run.

The `helics` package reads its headers with cffi's C parser whenever it is imported. cffi can write down what it has
parsed as a Python module (its out-of-line ABI mode); that is kept in tdscen's cache under a name made from the headers
themselves, and used instead. The library and the package stay HELICS's own. Whoever needs `helics` imports it from
here.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

from tdscen.cache import cache_folder, cache_path


class Declarations:
    """Stands for `cffi.FFI` while `helics` is imported: takes declarations, parses them only if they are new."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self.made: Any = None

    def cdef(self, text: str) -> None:
        """Declarations in C."""
        self._texts.append(text)

    def dlopen(self, library: str) -> Any:
        """The functions of a library, by what was declared before. Raises `OSError`."""
        if self.made is None:
            path = kept(self._texts)
            self.made = _remembered(path) or _parsed(self._texts, path)
        return self.made.dlopen(library)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.made, name)


def kept(texts: list[str]) -> Path:
    """Where what cffi makes of these declarations is kept: for the same text, cffi and Python."""
    from _cffi_backend import __version__

    key = "\n".join((*texts, __version__, sys.version))
    return cache_path() / "bindings" / f"helics_{hashlib.sha256(key.encode()).hexdigest()[:24]}.py"


@contextmanager
def declarations_kept() -> Iterator[None]:
    """Within it `import helics` uses what is kept."""
    made: list[Declarations] = []

    def declare() -> Declarations:
        made.append(Declarations())
        return made[-1]

    cffi, stand_in = sys.modules.get("cffi"), ModuleType("cffi")
    stand_in.FFI = declare  # type: ignore[attr-defined]
    sys.modules["cffi"] = stand_in
    try:
        yield
    finally:
        if cffi is not None:
            sys.modules["cffi"] = cffi
        elif sys.modules.get("cffi") is stand_in:
            del sys.modules["cffi"]
    for module in [module for name, module in sys.modules.items() if name.partition(".")[0] == "helics"]:
        if getattr(module, "ffi", None) in made:
            vars(module)["ffi"] = module.ffi.made  # from here on without a detour


def _remembered(path: Path) -> Any:
    if not path.is_file():
        return None
    loader = SourceFileLoader(path.stem, str(path))
    module = module_from_spec(ModuleSpec(path.stem, loader, origin=str(path)))
    try:
        loader.exec_module(module)
    except Exception:  # half a file, of a disk that was full: made again
        return None
    return getattr(module, "ffi", None)


def _parsed(texts: list[str], path: Path) -> Any:
    """As `helics` does it; written down for the next time where the cache can be written."""
    sys.modules.pop("cffi", None)  # the stand-in
    from cffi import FFI

    made = FFI()
    for text in texts:
        made.cdef(text)
    made.set_source(path.stem, None)
    with suppress(OSError), redirect_stdout(StringIO()):  # cffi tells what it writes
        part = cache_folder(path.parent.name) / f"{path.stem}.{os.getpid()}"
        made.emit_python_code(str(part))
        os.replace(part, path)
    return made


with declarations_kept():
    import helics
    from helics.capi import loadSym

ffi, symbol = helics.capi.ffi, loadSym

__all__ = ["ffi", "helics", "symbol"]
