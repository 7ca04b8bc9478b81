"""The files that an OpenDSS master reads, found by reading its text: no engine is started and nothing is executed.

OpenDSS looks for a file in its current folder: that of the file it executes, until a `Compile`, `cd` or `Set datapath`
changes it. Masters written on Windows are taken as they are: backslashes, names that differ from the files in upper and
lower case, absolute paths of which the end is found below the master's folder; each is remarked upon.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath

from tdscen.simulators.errors import ModelNotFound
from tdscen.simulators.opendss.places import Ambiguous, below_folder, near, same_in_any_case, shown
from tdscen.simulators.opendss.remarks import setting_remarks
from tdscen.simulators.opendss.script import Reference, Script, Setting, read_script
from tdscen.simulators.source import ModelSource, bundled

DEEPEST = 50
"""Redirects within redirects; OpenDSS itself ends the process at some depth."""

MOST = 10_000
"""Files of one model."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A master and all that it reads: the DSS files with the text to execute, every file, and remarks on them."""

    executed: dict[Path, str]
    files: tuple[Path, ...]
    remarks: tuple[str, ...]


def locate(text: str, folder: Path, extra: tuple[str, ...] = ()) -> ModelSource:
    """The model whose master is `text` beside the scenario, with all files that it reads. Raises `ModelNotFound`."""
    master = folder / text
    if not master.is_file():
        raise ModelNotFound(f"there is no feeder model {text} beside the scenario{near(folder, text)}")
    found = read_model(master, folder)
    further = [folder / name for name in extra]
    for name, path in zip(extra, further, strict=True):
        if not path.is_file():
            raise ModelNotFound(f"there is no file {name} beside the scenario{near(folder, name)}")
    return bundled(master, others=found.files, extra=further)


def read_model(master: Path, base: Path) -> Reading:
    """Follow a master through all that it redirects to; files are named as seen from `base`. Raises `ModelNotFound`."""
    file = Path(os.path.abspath(master))
    follower = _Follower(file.parent, Path(os.path.abspath(base)))
    follower.follow(file, file.parent, ())
    executed = {
        path: script.executed({r: str(target) for r, target in follower.places[path].items()})
        for path, script in follower.scripts.items()
    }
    remarks = (*follower.remarks, *setting_remarks(follower.settings))
    return Reading(executed, tuple(follower.files), remarks)


@dataclass
class _Follower:
    """`home`: the master's folder. What is found gathers here."""

    home: Path
    base: Path
    files: dict[Path, None] = field(default_factory=dict)
    scripts: dict[Path, Script] = field(default_factory=dict)
    places: dict[Path, dict[Reference, Path]] = field(default_factory=dict)
    remarks: dict[str, None] = field(default_factory=dict)
    settings: list[tuple[str, Setting]] = field(default_factory=list)

    def follow(self, file: Path, current: Path, chain: tuple[Path, ...]) -> Path:
        """Read one DSS file, OpenDSS being in the folder `current`; returns the folder in which it then is."""
        self.files[file] = None
        script = self.scripts[file] = read_script(file)
        for line, reason in script.refusals:
            raise ModelNotFound(f"{shown(file, self.base)} line {line} {reason}")
        if len(chain) > DEEPEST:
            raise ModelNotFound(f"{shown(file, self.base)} is redirected to through more than {DEEPEST} files")
        places = self.places.setdefault(file, {})
        waiting = list(script.settings)
        for reference in script.references:
            self._settings(file, waiting, reference.line)
            if reference.kind == "folder":
                current = self._folder(reference, current)
                continue
            target = self._target(reference, file, current)
            if target in (*chain, file):
                where = f"{shown(file, self.base)} line {reference.line}"
                raise ModelNotFound(f"{where} redirects to {reference.name}, which leads back to this line")
            self._permitted(target, reference, file)
            places[reference] = target
            if reference.kind == "file":
                self.files[target] = None
            else:
                after = self.follow(target, target.parent, (*chain, file))
                current = after if reference.kind == "compile" else current
        self._settings(file, waiting, len(script.lines) + 1)
        return current

    def _settings(self, file: Path, waiting: list[Setting], before: int) -> None:
        """Settings in the order in which OpenDSS would meet them."""
        while waiting and waiting[0].line < before:
            setting = waiting.pop(0)
            self.settings.append((f"{shown(file, self.base)} line {setting.line}", setting))

    def _folder(self, reference: Reference, current: Path) -> Path:
        """Where `cd` or `Set datapath` lead; a folder that is not there (mostly one for output) changes nothing."""
        try:
            found = same_in_any_case(current, reference.name.replace("\\", "/"))
        except Ambiguous:
            return current
        return found if found is not None and found.is_dir() and not _is_absolute(reference.name) else current

    def _target(self, reference: Reference, file: Path, current: Path) -> Path:
        where, name = f"{shown(file, self.base)} line {reference.line}", reference.name.replace("\\", "/")
        try:
            if _is_absolute(name):
                return self._absolute(reference, where)
            for folder in dict.fromkeys((current, file.parent)):
                exact = Path(os.path.normpath(folder / name))
                if exact.is_file():
                    return exact
                found = same_in_any_case(folder, name)
                if found is not None and found.is_file():
                    said = f"{shown(found, self.base)} is read, whose name differs in upper and lower case"
                    self.remarks[f"{where} refers to {reference.name}: {said}"] = None
                    return found
        except Ambiguous as several:
            raise ModelNotFound(
                f"{where} refers to {reference.name}, and it is not clear to which file: {several}"
            ) from None
        raise ModelNotFound(f"{where} refers to {reference.name}, which is not there{near(file.parent, name)}")

    def _permitted(self, target: Path, reference: Reference, file: Path) -> None:
        """A model reads below the folder around its master's and below the scenario's, links followed."""
        where = f"{shown(file, self.base)} line {reference.line}"
        real, above = target.resolve(), self.home.parent.resolve()
        around = self.home if above == above.parent else above  # a whole disk is nobody's model
        if not any(real.is_relative_to(folder.resolve()) for folder in (self.home, around, self.base)):
            raise ModelNotFound(
                f"{where} refers to {reference.name}, which lies neither below the folder around the "
                "master's nor below the scenario's: put the model's files together"
            )
        if len(self.files) > MOST:
            raise ModelNotFound(f"{where}: the model has more than {MOST} files")

    def _absolute(self, reference: Reference, where: str) -> Path:
        found = below_folder(self.home, PureWindowsPath(reference.name).parts[1:])
        if found is None:
            raise ModelNotFound(
                f"{where} names {reference.name} by an absolute path, and there is no such file below the master's "
                "folder: a model that is copied into the generated folder needs paths relative to its own files"
            )
        said = f"{shown(found, self.base)} is read instead"
        self.remarks[f"{where} names {reference.name} by an absolute path: {said}"] = None
        return found


def _is_absolute(name: str) -> bool:
    return name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name) is not None
