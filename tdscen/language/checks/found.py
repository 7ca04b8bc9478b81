"""Were the models found, could they be read, do they solve?"""

from __future__ import annotations

from collections.abc import Iterator

from tdscen.diagnostics import Diagnostic
from tdscen.language.added import without_dynamics
from tdscen.language.mending import set_to
from tdscen.language.models import Models
from tdscen.language.study import Study
from tdscen.mends import instead
from tdscen.suggest import offered


def models_found(study: Study, models: Models) -> Iterator[Diagnostic]:
    """The file is there, the simulator is installed, the probe could read it."""
    for block in study.systems():
        probe = models.probes.get(block.label)
        if probe is None or probe.problem is None:
            continue
        span = block.span(block.file_attribute)
        match probe.reason:
            case "missing":
                near = offered(probe.problem) if block.text(block.file_attribute) else None
                fixes = instead(span, f'"{near}"' if near is not None and '"' not in near else None)
                yield Diagnostic("TDS401", probe.problem, span, fixes=fixes)
            case "not_installed":
                help = "`pip install tdscen` brings it along; `tdscen doctor` says what is missing"
                message = f"{block.label} was not looked at: {probe.problem}"
                yield Diagnostic("TDS412", message, span, "not checked", help, severity="warning")
            case _:
                yield Diagnostic("TDS402", f"{block.label} cannot be read: {probe.problem}", span)


def models_solve(study: Study, models: Models) -> Iterator[Diagnostic]:
    """The case's own power flow and the feeder's own solution converge."""
    for block in study.systems():
        facts, span = models.facts(block.label), block.span(block.file_attribute)
        if facts is not None and facts.problem:
            code = "TDS403" if facts.buses else "TDS402"
            yield Diagnostic(code, f"{block.label}: {facts.problem}", span)
        problem = getattr(facts, "dynamics_problem", None)
        if problem and not without_dynamics(study, block.label):
            help = "`dynamics = off` makes each communication time a power flow"
            fixes = set_to(block, "dynamics", "off", beside="case")
            yield Diagnostic("TDS403", f"{block.label}: {problem}", span, "", help, fixes=fixes)
        for warning in getattr(facts, "warnings", ()):
            yield Diagnostic("TDS410", f"{block.label}: {warning}", span, severity="warning")


def has_dynamics(study: Study, models: Models) -> Iterator[Diagnostic]:
    """A dynamic run needs dynamic models in the case."""
    for block in study.all("transmission"):
        facts = models.transmission(block.label)
        if facts is not None and not facts.dynamic and not without_dynamics(study, block.label):
            message = f"{block.label} has no dynamic models, only a power flow"
            help = (
                "a .raw needs its .dyr in `addfiles`; `dynamics = off` makes each communication time a power flow, "
                "which this case has"
            )
            fixes = set_to(block, "dynamics", "off", beside="case")
            yield Diagnostic("TDS409", message, block.span("case"), "nothing to integrate", help, fixes=fixes)
