"""Importing ANDES for a run: without the packages that it imports for what a run does not do.

sympy writes the code of its models, which is made once in a process of its own (`pycode`); scipy's linear algebra
serves eigenvalues, state estimation and one rare model. Together they are two thirds of what a process waits for before
ANDES can load a case (0.35 of 0.55 s). chardet guesses the encoding of a file, wcwidth measures tables in a
terminal. They are there as soon as anything of them is called.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

LATE = ("sympy", "scipy.io", "scipy.linalg", "scipy.sparse", "scipy.sparse.linalg", "chardet", "wcwidth")

_BASES = {"sympy": ("Expr", "Piecewise")}
"""Classes that ANDES derives others from when it is imported; those write code, which is not done here."""


class _Late(ModuleType):
    """Stands for a module: what is taken from it imports the module when it is called."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return object if name in _BASES.get(self.__name__, ()) else _late(self.__name__, name)


@contextmanager
def late_imports() -> Iterator[None]:
    """Within it ANDES is imported and its models are made; a module that is there already stays what it is."""
    stood_in = {name: _Late(name) for name in LATE if name not in sys.modules}
    sys.modules |= stood_in
    try:
        yield
    finally:
        for name, late in stood_in.items():
            if sys.modules.get(name) is late:
                del sys.modules[name]


def _late(module: str, name: str) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        if isinstance(sys.modules.get(module), _Late):  # called within `late_imports`
            del sys.modules[module]
        return getattr(import_module(module), name)(*arguments, **named)

    return call
