"""Runs written for other programs: `write` and the forms that it knows. Everything stays float64, to the last bit."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

from tdscen.results.formats.schema import schema
from tdscen.results.run import Run

SUFFIXES = {"csv": "csv", "xlsx": "xlsx", "netcdf": "nc", "mat": "mat", "andes": "npz"}
"""The forms and how their files end."""


def file_name(form: str) -> str:
    """How a file of this form is called by default; ANDES's files end with `_out`."""
    return f"results{'_out' if form == 'andes' else ''}.{SUFFIXES[form]}"


def write(run: Run, form: str, path: Path) -> None:
    """Write `run` to `path` as `form`, a key of `SUFFIXES`; an older file gives way at once, when all is written.

    The form `andes` has a second file of the same name that ends with `.lst`. Raises `ResultsError` where the
    form cannot hold the run, `OSError` where the file cannot be written.
    """
    module = importlib.import_module(f"tdscen.results.formats.{form}_file")
    data, beside = schema(run), path.with_suffix(".lst")
    unfinished, names = (each.with_name(f".{each.name}.{os.getpid()}") for each in (path, beside))
    try:
        module.write(data, unfinished)
        if form == "andes":
            names.write_text(module.beside(data), encoding="utf-8")
            os.replace(names, beside)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
        names.unlink(missing_ok=True)
