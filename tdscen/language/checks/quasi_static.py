"""Studies without dynamics: what only dynamics give is not asked of them."""

from __future__ import annotations

from collections.abc import Iterator

from tdscen.diagnostics import Diagnostic, Label
from tdscen.language.added import without_dynamics
from tdscen.language.mending import set_to, take_out
from tdscen.language.models import Models
from tdscen.language.study import CheckedBlock, Study
from tdscen.language.values import Devices
from tdscen.simulators import simulator

_ACTIONS = ("fault", "trip")


def nothing_of_dynamics(study: Study, models: Models) -> Iterator[Diagnostic]:
    """With `dynamics = off` nothing is written that has no meaning then."""
    for block in study.all("transmission"):
        if without_dynamics(study, block.label):
            yield from _in_system(block)
            yield from _in_simulation(study, block)
            yield from _in_requirements(study, block)
            for event in study.all("event"):
                yield from _in_event(event, block, models)


def controls_keep_up(study: Study, models: Models) -> Iterator[Diagnostic]:
    """A delayed regulator moves one tap a step, however long the step is."""
    simulation = study.first("simulation")
    step_s = simulation.number("step") if simulation else None
    if step_s is None or not any(without_dynamics(study, block.label) for block in study.all("transmission")):
        return
    for block in study.all("distribution"):
        facts = models.distribution(block.label)
        if facts is None or block.choice("controls") != "delayed" or not facts.regulators:
            continue
        slowest_s = max(regulator.delay_s for regulator in facts.regulators)
        if step_s > slowest_s:
            message = (
                f"a step of {step_s:g} s is longer than the delay of every regulator of {block.label} ({slowest_s:g} s)"
            )
            help = "`controls = instant` lets them settle at every step"
            at = "delayed controls move one tap a step"
            fixes = set_to(block, "controls", "instant", beside="model")
            yield Diagnostic("TDS451", message, block.span("controls"), at, help, severity="warning", fixes=fixes)


def _in_system(block: CheckedBlock) -> Iterator[Diagnostic]:
    name = block.choice("simulator")
    if name is not None and not simulator(name).power_flow:
        yield Diagnostic("TDS450", f"{name} has no power flow for `dynamics = off`", block.span("dynamics"))
    if "loads" in block.entries:
        message = "loads says what loads are while dynamics run, and they are off"
        help = "a power flow has constant power; take the line out"
        entry = block.entries["loads"]
        yield Diagnostic("TDS450", message, entry.name_span, "", help, _off(block), fixes=take_out(entry))
    if block.flag("disable_events") is False:
        message = f"events of the case act while dynamics run, and those of {block.label} are off"
        help = "take the line out; events of the scenario may open, close, trip and set"
        fixes = take_out(block.entries["disable_events"])
        yield Diagnostic("TDS450", message, block.span("disable_events"), "", help, _off(block), fixes=fixes)


def _in_simulation(study: Study, block: CheckedBlock) -> Iterator[Diagnostic]:
    simulation = study.first("simulation")
    if simulation is not None and "transmission_step" in simulation.entries:
        message = "transmission_step is a step of T's integration, and there is none"
        entry = simulation.entries["transmission_step"]
        at, fixes = "take the line out", take_out(entry)
        yield Diagnostic("TDS450", message, entry.name_span, at, "", _off(block), fixes=fixes)


def _in_requirements(study: Study, block: CheckedBlock) -> Iterator[Diagnostic]:
    for require in study.all("require"):
        if "frequency" in require.entries:
            message = "frequency cannot be judged: a power flow has no rotor speeds"
            help = "take the line out, or run the case with its dynamics"
            entry = require.entries["frequency"]
            yield Diagnostic("TDS450", message, entry.name_span, "", help, _off(block), fixes=take_out(entry))


def _in_event(event: CheckedBlock, block: CheckedBlock, models: Models) -> Iterator[Diagnostic]:
    for action in _ACTIONS:
        target = event.value(action)
        if not isinstance(target, Devices) or target.owner != block.label:
            continue
        span = event.entries[action].span
        if action == "fault":
            message = f"{block.label} is a power flow at each communication time, where a fault has no meaning"
            help = "open a line or trip a generator, or run the case with its dynamics"
            yield Diagnostic("TDS450", message, span, "", help, _off(block))
        elif action == "trip" and _is_slack(target, block, models):
            message = f"generator {target.key} is the slack of {block.label}, which takes what the others leave"
            yield Diagnostic("TDS450", message, span, "it cannot trip without dynamics", "", _off(block))


def _is_slack(target: Devices, block: CheckedBlock, models: Models) -> bool:
    facts = models.transmission(block.label)
    if facts is None or target.device != "generator":
        return False
    return any(g.model == "Slack" and str(g.idx) == str(target.key) for g in facts.generators)


def _off(block: CheckedBlock) -> tuple[Label, ...]:
    return (Label(block.span("dynamics"), "dynamics are off here"),)
