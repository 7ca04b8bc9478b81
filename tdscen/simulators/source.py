"""Where a model is: its files, the folder they have in common, and the hash of their content."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from tdscen.files import MODEL_MB, read_plain
from tdscen.plan import ModelFile
from tdscen.simulators.errors import SimulationError


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A model on this machine, with every file that loading it reads.

    `main` is the path of its main file below `root` (for `builtin`, where `root` is the simulator's own folder of
    cases, that is also the name it was asked for by). `files` are sorted paths below `root` with forward slashes,
    `main` and the `extra` files (a `.dyr`) among them.
    """

    origin: Literal["builtin", "bundled"]
    main: str
    root: Path
    files: tuple[str, ...]
    extra: tuple[str, ...] = ()

    def sha256(self) -> str:
        """Hash of names below `root` and contents, file by file; the same model elsewhere has the same hash."""
        digest = hashlib.sha256()
        for name in self.files:
            content = read_plain(self.root / name, MODEL_MB)
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
        return digest.hexdigest()

    def contents(self) -> dict[str, bytes]:
        """The bytes of every file, by its path below `root`."""
        return {name: read_plain(self.root / name, MODEL_MB) for name in self.files}

    def copy_to(self, folder: Path) -> ModelSource:
        """Copies of the files below `folder`, as a source of their own; its hash is this one's."""
        for name, content in self.contents().items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return replace(self, root=folder)


def bundled(main: Path, others: Iterable[Path] = (), extra: Iterable[Path] = ()) -> ModelSource:
    """The source of a model whose files lie anywhere: `root` is the deepest folder that holds them all."""
    main, *_ = paths = [Path(os.path.abspath(path)) for path in (main, *others)]
    extras = [Path(os.path.abspath(path)) for path in extra]
    root = Path(os.path.commonpath([path.parent for path in (*paths, *extras)]))
    return ModelSource(
        origin="bundled",
        main=below(main, root),
        root=root,
        files=tuple(sorted({below(path, root) for path in (*paths, *extras)})),
        extra=tuple(below(path, root) for path in extras),
    )


def below(path: Path, root: Path) -> str:
    """`path` as seen from `root`, with forward slashes."""
    return str(PurePosixPath(*path.relative_to(root).parts))


def verify(source: ModelSource, model: ModelFile) -> None:
    """Raise `SimulationError` unless the files found now are those that the plan was compiled for."""
    if source.sha256() != model.sha256:
        raise SimulationError(
            f"{model.path} differs from the model that this study was compiled for: compile the scenario again"
        )
