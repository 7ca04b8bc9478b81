"""The pipeline in order: text, tree, study, models, checks, scales, plan, artifacts.

Every stage returns what it could do and the problems that it met; none raises for a mistake of the scenario's writer.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tdscen.diagnostics import Diagnostic, has_errors, sort
from tdscen.files import SCENARIO_MB, read_plain
from tdscen.language.analyse import analyse_all
from tdscen.language.checks import check, check_sweeps, not_yet
from tdscen.language.includes import gather
from tdscen.language.models import Models, requests
from tdscen.language.overrides import read_overrides
from tdscen.language.study import Study
from tdscen.language.texts import Texts
from tdscen.lower import lower
from tdscen.plan import Plan
from tdscen.probing import probe_all
from tdscen.scales import resolve
from tdscen.scenario_files import scenario_files
from tdscen.simulators import simulator
from tdscen.source import Source, Span
from tdscen.syntax.nodes import Document, Expression
from tdscen.syntax.reading import decode

if TYPE_CHECKING:
    from tdscen.emit import Artifact


@dataclass(frozen=True)
class Checked:
    """A scenario after all checks. `plan` is there when nothing is wrong and its models could be looked at.

    `files` are all files that were read, or looked for and not found.
    """

    sources: tuple[Source, ...]
    study: Study
    models: Models
    diagnostics: tuple[Diagnostic, ...]
    plan: Plan | None = None
    files: tuple[Path, ...] = ()

    @property
    def sound(self) -> bool:
        """No error; warnings are allowed."""
        return not has_errors(self.diagnostics)


@dataclass(frozen=True)
class Compiled:
    """A checked scenario and the files it stands for (none where it has errors)."""

    checked: Checked
    artifacts: tuple[Artifact, ...]


@contextmanager
def _without_collection() -> Iterator[None]:
    """No garbage collection meanwhile: a big scenario makes many nodes and no garbage (measured: 0.6 of the time)."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_without_collection()
def check_file(path: Path, settings: Sequence[str] = (), values: Sequence[str] | None = None) -> Checked:
    """Read and check a scenario; models are probed (or remembered), scales resolved, the plan made.

    `settings` are other values for parameters, each `NAME=VALUE`. `values` are the same for a point of a sweep, with
    paths that begin in the scenario's folder; its sweeps are then not looked at.
    """
    source, unreadable = read(path)
    if unreadable:
        return Checked((source,), Study("", ()), Models(), unreadable)
    return check_source(source, path.parent, settings, values)


def check_source(
    source: Source, folder: Path, settings: Sequence[str] = (), values: Sequence[str] | None = None
) -> Checked:
    """The same for a text whose paths begin in `folder`."""
    looked = _look(source, folder, settings, values or ())
    study, models, texts = looked.study, looked.models, looked.texts
    found = [*looked.problems, *check(study, models)]
    if values is None and not has_errors(found):
        found += check_sweeps(study, models, lambda overrides: _point(looked, overrides))
    plan = None
    if not has_errors(found) and _all_looked_at(study, models):
        resolved = resolve(study, models)
        found += resolved.diagnostics
        if not has_errors(found):
            plan = lower(study, models, resolved.scales, texts.sources)
    return Checked(texts.sources, study, models, sort(found), plan, (*texts.files, *_model_files(looked)))


def look_at_file(path: Path) -> Checked:
    """Read a scenario and look at its models, without judging them."""
    source, unreadable = read(path)
    looked = _look(source, path.parent, ())
    return Checked(looked.texts.sources, looked.study, looked.models, sort([*unreadable, *looked.problems]))


@_without_collection()
def compile_file(path: Path, settings: Sequence[str] = (), values: Sequence[str] | None = None) -> Compiled:
    """Check a scenario and write it out in memory; what does not run yet is refused here, not before.

    `settings`, `values`: as in `check_file`.
    """
    return _write_out(check_file(path, settings, values))


@_without_collection()
def compile_source(
    source: Source, folder: Path, settings: Sequence[str] = (), values: Sequence[str] | None = None
) -> Compiled:
    """The same for a text whose paths begin in `folder`."""
    return _write_out(check_source(source, folder, settings, values))


def _write_out(checked: Checked) -> Compiled:
    if checked.plan is None:
        return Compiled(checked, ())
    found = (*checked.diagnostics, *not_yet(checked.study))
    if has_errors(found):
        return Compiled(replace(checked, diagnostics=sort(found), plan=None), ())
    from tdscen.emit import emit  # jinja2 is not needed to check

    further = bundled_models(checked.plan, checked.models) | scenario_files(checked.sources)
    artifacts = emit(checked.plan, further)
    return Compiled(replace(checked, diagnostics=sort(found)), artifacts)


@dataclass(frozen=True)
class _Looked:
    """A study with its files and models, before the checks."""

    document: Document
    texts: Texts
    study: Study
    models: Models
    problems: tuple[Diagnostic, ...]


def _look(source: Source, folder: Path, settings: Sequence[str], values: Sequence[str] = ()) -> _Looked:
    gathered = gather(source, folder)
    problems = gathered.problems
    document, texts = gathered.document, gathered.texts
    overrides = {
        **read_overrides(settings, document, texts, problems),
        **read_overrides(values, document, texts, problems, folder),
    }
    study, more = analyse_all(gathered.document, gathered.texts, overrides)
    models = look_at_models(study, gathered.texts)
    return _Looked(gathered.document, gathered.texts, study, models, (*problems, *more))


def _point(looked: _Looked, overrides: Mapping[str, Expression]) -> tuple[Diagnostic, ...]:
    """What is wrong with a study whose parameters have other values; its models are those already looked at."""
    study, problems = analyse_all(looked.document, looked.texts, overrides)
    return (*problems, *check(study, looked.models))


def read(path: Path) -> tuple[Source, tuple[Diagnostic, ...]]:
    """A scenario's text, or why there is none."""
    try:
        return Source.from_text(path.as_posix(), decode(read_plain(path, SCENARIO_MB))), ()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        problem = Diagnostic("TDS106", f"{path.as_posix()} cannot be read: {reason}", Span(0, 1))
        return Source.from_text(path.as_posix(), ""), (problem,)


def look_at_models(study: Study, texts: Texts) -> Models:
    """Facts of every model that the study names, from the cache where they were probed before."""
    asked = requests(study, texts)
    return Models(dict(zip(asked, probe_all(tuple(asked.values())), strict=True)))


def _model_files(looked: _Looked) -> Iterator[Path]:
    """Every file of every model, and the file that a built-in case would give way to."""
    for block in looked.study.systems():
        probe = looked.models.probes.get(block.label)
        if probe is None or probe.source is None:
            continue
        yield from (probe.source.root / name for name in probe.source.files)
        folder = looked.texts.folder(block.span(block.file_attribute))
        yield from (folder / text for text in (block.text(block.file_attribute), *block.texts("addfiles")) if text)


def _all_looked_at(study: Study, models: Models) -> bool:
    return all(block.label in models.probes and models.probes[block.label].facts for block in study.systems())


def packages_of(plan: Plan) -> list[tuple[str, str]]:
    """Distribution and module of every simulator of a plan, see `soundness.keep`."""
    names = {plan.transmission.simulator, *(distribution.simulator for distribution in plan.distributions)}
    return [(simulator(name).package, simulator(name).module) for name in sorted(names)]


def bundled_models(plan: Plan, models: Models) -> dict[str, bytes]:
    """The files of every model that goes into the generated folder, by their path there."""
    labels = [plan.transmission.name, *(distribution.name for distribution in plan.distributions)]
    sources = [(label, models.probes[label].source) for label in labels]
    return {
        f"models/{label}/{name}": content
        for label, source in sources
        if source is not None and source.origin == "bundled"
        for name, content in source.contents().items()
    }
