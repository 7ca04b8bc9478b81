"""What a study rests on, written down for git: model files, resolved scales, seeds, versions, the study's meaning.

`study.tds.lock` stands beside the scenario. Whoever compiles with `--locked` compiles that study or nothing. It holds
no path of a machine and no time, one fact a line, so that a review sees which of them changed.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tdscen import codec
from tdscen.installed import version_of
from tdscen.plan import ModelFile, Plan, Scale

if TYPE_CHECKING:
    from tdscen.compiler import Checked

T = TypeVar("T")

FORMAT = 1
SUFFIX = ".lock"
SAME_SCALE = 1e-9
"""Scales are found by iteration: other processors may differ in their last digits, by far less than this (relative)."""
LIBRARIES = (("helics", "helics"), ("numpy", "numpy"), ("tdscen", "tdscen"))

_NO_SCALE = Scale("", 0.0, 0.0, 0.0, "")


class LockError(Exception):
    """A lock file cannot be read."""


@dataclass(frozen=True, slots=True)
class Lock:
    """`files`: SHA-256 of every model file, table and include, by its path beside the scenario (`andes:` and its name
    for a case that ANDES ships). `scales`: factors of P and Q and the shunt in MVAr of each interface. `study`: hash of
    everything else that the scenario means.
    """

    files: dict[str, str]
    scales: dict[str, dict[str, float]]
    seeds: dict[str, list[int]]
    study: str
    versions: dict[str, str]
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact that is not what the lock says; None where it is missing on that side."""

    what: str
    locked: str | None
    found: str | None

    def __str__(self) -> str:
        if self.found is None:
            return f"{self.what} is locked and not there any more"
        if self.locked is None:
            return f"{self.what} is not in the lock"
        return f"{self.what} is {self.found}, locked is {self.locked}"


def lock_path(scenario: Path) -> Path:
    """Where the lock of a scenario stands."""
    return scenario.with_name(scenario.name + SUFFIX)


def lock_of(checked: Checked, plan: Plan, scenario: Path) -> Lock:
    """What the study that was just checked rests on, here and now. Raises `OSError` for a file that went away."""
    from tdscen.compiler import packages_of

    packages = [*packages_of(plan), *LIBRARIES]
    versions = {package: version_of(package, module) or "not installed" for package, module in packages}
    return Lock(
        files=dict(sorted(_files(checked, plan, scenario))),
        scales={
            i.name: {"p_factor": i.scale.p_factor, "q_factor": i.scale.q_factor, "shunt_mvar": i.scale.shunt_mvar}
            for i in plan.interfaces
        },
        seeds={name: list(found) for name, found in plan.drawn_seeds().items()},
        study=_meaning(plan),
        versions=versions | {"python": ".".join(platform.python_version_tuple()[:2])},
    )


def read_lock(path: Path) -> Lock:
    """A lock file. Raises `LockError`."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ValueError("another format")
        return Lock(
            files=_table(data, "files", str),
            scales={name: _table(data["scales"], name, float) for name in _table(data, "scales", dict)},
            seeds=_table(data, "seeds", list),
            study=str(data["study"]),
            versions=_table(data, "versions", str),
        )
    except FileNotFoundError:
        raise LockError(f"there is no {path.as_posix()}: write it with `tdscen lock`, and commit it") from None
    except KeyError as error:
        raise LockError(f"{path.as_posix()} has no {error.args[0]}: write it anew with `tdscen lock`") from None
    except (OSError, ValueError, RecursionError) as error:
        reason = f"{path.as_posix()} is no lock that can be read ({error}): write it anew with `tdscen lock`"
        raise LockError(reason) from None


def _table(data: dict[str, Any], key: str, kind: type[T]) -> dict[str, T]:
    found = data[key]
    if not isinstance(found, dict) or not all(isinstance(value, kind) for value in found.values()):
        raise ValueError(f"{key} is not as it should be")
    return found


def differences(locked: Lock, found: Lock) -> tuple[Difference, ...]:
    """What is not as locked, in the order of the file. A study that differs only because a model does is not named."""
    files = tuple(_compare("file {}", _short(locked.files), _short(found.files)))
    scales = tuple(_scales(locked.scales, found.scales))
    seeds = tuple(_compare("seeds of {}", _texts(locked.seeds), _texts(found.seeds)))
    study: tuple[Difference, ...] = ()
    if locked.study != found.study and not files:
        study = (Difference("what the scenario says (`tdscen diff` shows it)", locked.study[:12], found.study[:12]),)
    return (*files, *scales, *seeds, *study, *_compare("version of {}", locked.versions, found.versions))


def _files(checked: Checked, plan: Plan, scenario: Path) -> Iterator[tuple[str, str]]:
    home = scenario.parent.absolute()
    named: dict[Path, str] = {}
    simulators = {plan.transmission.name: plan.transmission.simulator}
    simulators |= {distribution.name: distribution.simulator for distribution in plan.distributions}
    for label, probe in checked.models.probes.items():
        if probe.source is None:
            continue
        for name in probe.source.files:
            path = (probe.source.root / name).absolute()
            shipped = probe.source.origin == "builtin"
            named[path] = f"{simulators[label]}:{name}" if shipped else _beside(path, home)
    for path in (path.absolute() for path in checked.files):
        if path not in named and path.is_file() and path != scenario.absolute():
            named[path] = _beside(path, home)
    for path, name in named.items():
        yield name, hashlib.sha256(path.read_bytes()).hexdigest()


def _beside(path: Path, home: Path) -> str:
    return Path(os.path.relpath(path, home)).as_posix()


def _meaning(plan: Plan) -> str:
    """Hash of the plan without words for people and without what stands in the lock by itself."""

    def bare(model: ModelFile) -> ModelFile:
        return replace(model, sha256="")

    plain = replace(
        plan,
        title="",
        source="",
        source_sha256="",
        sweeps=(),
        transmission=replace(plan.transmission, case=bare(plan.transmission.case)),
        distributions=tuple(replace(d, model=bare(d.model)) for d in plan.distributions),
        interfaces=tuple(replace(i, scale=_NO_SCALE) for i in plan.interfaces),
    )
    return hashlib.sha256(codec.dumps(plain).encode()).hexdigest()


def _scales(
    locked: Mapping[str, Mapping[str, float]], found: Mapping[str, Mapping[str, float]]
) -> Iterator[Difference]:
    for name in sorted({*locked, *found}):
        one, other = locked.get(name), found.get(name)
        if one is None or other is None:
            yield Difference(f"scale of {name}", _scale(one), _scale(other))
            continue
        for key in sorted({*one, *other}):
            a, b = one.get(key, math.nan), other.get(key, math.nan)
            if not math.isclose(a, b, rel_tol=SAME_SCALE, abs_tol=SAME_SCALE):
                yield Difference(f"scale of {name}, {key}", f"{a:.12g}", f"{b:.12g}")


def _scale(scale: Mapping[str, float] | None) -> str | None:
    return None if scale is None else ", ".join(f"{key} {value:.12g}" for key, value in sorted(scale.items()))


def _short(hashes: Mapping[str, str]) -> dict[str, str]:
    return {name: f"sha256 {found[:12]}..." for name, found in hashes.items()}


def _texts(values: Mapping[str, list[int]]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


def _compare(words: str, locked: Mapping[str, str], found: Mapping[str, str]) -> Iterator[Difference]:
    for name in sorted({*locked, *found}):
        if locked.get(name) != found.get(name):
            yield Difference(words.format(name), locked.get(name), found.get(name))
