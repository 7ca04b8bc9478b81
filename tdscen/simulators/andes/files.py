"""Finding ANDES cases without importing ANDES: beside the scenario, else among those that ANDES ships."""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path

from tdscen.files import MB
from tdscen.simulators.errors import ModelNotFound
from tdscen.simulators.source import ModelSource, below, bundled
from tdscen.suggest import did_you_mean

UNPACKED_MB = 256
"""The largest case that ANDES ships unpacks to 10 MB."""

SUFFIXES = (".xlsx", ".json", ".raw", ".dyr", ".m")


@functools.cache
def cases_folder() -> Path | None:
    """The folder of the cases that the installed ANDES ships (None: ANDES is not installed)."""
    spec = importlib.util.find_spec("andes")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "cases"


def locate(text: str, folder: Path, extra: tuple[str, ...] = ()) -> ModelSource:
    """The case named `text` with its additional files. Raises `ModelNotFound`.

    A file beside the scenario wins over a built-in case of the same name; the additional files (`.dyr`) must lie
    where the case lies.
    """
    names = (text, *extra)
    if (folder / text).is_file():
        missing = [name for name in extra if not (folder / name).is_file()]
        if missing:
            raise ModelNotFound(_sentence(missing[0], folder))
        for name in names:
            _check_size(folder / name, name)
        return bundled(folder / text, extra=[folder / name for name in extra])
    cases = cases_folder()
    for name in names:
        if cases is None or not (cases / name).is_file() or Path(name).is_absolute() or ".." in Path(name).parts:
            raise ModelNotFound(_sentence(name, folder))
    assert cases is not None
    posix = [Path(name).as_posix() for name in names]
    return ModelSource("builtin", posix[0], cases, tuple(sorted(set(posix))), tuple(posix[1:]))


def _check_size(path: Path, name: str) -> None:
    """Raise `ModelNotFound` for an Excel file that unpacks to more than any case: a reader unpacks all of it.

    Python's zip reader gives no more than the size that the file states.
    """
    if path.suffix.lower() != ".xlsx":
        return
    import zipfile  # slow to import, and most cases are built in

    try:
        with zipfile.ZipFile(path) as file:
            unpacked = sum(entry.file_size for entry in file.infolist())
    except (zipfile.BadZipFile, NotImplementedError, OSError):
        return  # not a zip file, or a damaged one: what ANDES says of it is said
    if unpacked > UNPACKED_MB * MB:
        raise ModelNotFound(f"{name} unpacks to more than {UNPACKED_MB} MB, which is no case of a power system")


def _sentence(name: str, folder: Path) -> str:
    cases = cases_folder()
    known = [] if cases is None else [below(p, cases) for p in cases.rglob("*") if p.suffix.lower() in SUFFIXES]
    beside = [p.name for p in folder.glob("*") if p.suffix.lower() in SUFFIXES] if folder.is_dir() else []
    where = "ANDES is not installed" if cases is None else "among the cases of ANDES"
    hint = did_you_mean(name, [*beside, *known]) or did_you_mean(f"{Path(name).stem}/{name}", known)
    there = f"neither beside the scenario nor {where}" if cases is not None else f"beside the scenario ({where})"
    return f"there is no case {name} {there}" + (f": {hint}" if hint else "")
