"""An event does one thing, to something that is there and can have it done."""

from __future__ import annotations

from collections.abc import Iterator

from tdscen import mends
from tdscen.diagnostics import Diagnostic, Label
from tdscen.facts import Facts, FeederGenerator, Generator, StaticLoad, TransmissionFacts
from tdscen.language.blocks import ACTIONS
from tdscen.language.models import Models
from tdscen.language.sites import distribution_of
from tdscen.language.study import CheckedBlock, Study
from tdscen.language.targets import devices, facts_of, find, settable
from tdscen.language.values import Devices
from tdscen.suggest import did_you_mean, one_of

_OF_A_FAULT = ("clear_after", "resistance", "reactance")

POSSIBLE = {
    ("fault", "transmission"): ("bus",),
    ("open", "transmission"): ("line",),
    ("close", "transmission"): ("line",),
    ("trip", "transmission"): ("generator", "line"),
    ("open", "distribution"): ("line", "switch"),
    ("close", "distribution"): ("line", "switch"),
    ("trip", "distribution"): ("generator", "pv", "storage"),
}
"""What can be done to which kinds of device of which side (`set`: see `checks.settings`)."""


def action_of(event: CheckedBlock) -> tuple[str, Devices] | None:
    """What an event does and to what; None where that could not be read, or is not one thing."""
    done = [name for name in ACTIONS if name in event.entries]
    target = event.value(done[0]) if len(done) == 1 else None
    return (done[0], target) if isinstance(target, Devices) else None


def one_action(study: Study, _models: Models) -> Iterator[Diagnostic]:
    """An event does one thing, and has the attributes of that thing."""
    for event in study.all("event"):
        done = [event.entries[name] for name in ACTIONS if name in event.entries]
        if not done and not event.broken & set(ACTIONS):
            message = f"event {event.label} does nothing"
            yield Diagnostic("TDS315", message, event.header, f"add one of {one_of(ACTIONS)}")
        for another in done[1:]:
            label = Label(done[0].name_span, "the first one")
            message = f"event {event.label} does two things"
            yield Diagnostic("TDS315", message, another.name_span, "write another event", labels=(label,))
        action = done[0].name if done else ""
        if action == "set" and "to" not in {*event.entries, *event.broken}:
            yield Diagnostic(
                "TDS315", f"event {event.label} sets a quantity to nothing", event.header, "add `to = ...`"
            )
        for name in (*_OF_A_FAULT, "to"):
            fits = action == ("set" if name == "to" else "fault")
            if name in event.entries and action and not fits:
                yield Diagnostic("TDS315", f"{name} has no meaning for {action}", event.entries[name].name_span)
        stated = [name for name in ("resistance", "reactance") if name in event.entries]
        if stated and not any(event.number(name) for name in stated):
            message = f"the fault of event {event.label} has no impedance, which cannot be computed"
            help = "a bolted fault is one of 1e-4 pu, the default"
            yield Diagnostic("TDS310", message, event.span(stated[0]), "", help)


def targets_exist(study: Study, models: Models) -> Iterator[Diagnostic]:
    """What is done can be done to such a device, and there is one."""
    for event in study.all("event"):
        happening = action_of(event)
        if happening is None:
            continue
        action, target = happening
        owner = study.labelled(target.owner or "")
        facts = facts_of(study, models, target.owner)
        if owner is None or target.key is None or (action == "set" and settable(owner, target) is None):
            continue  # what can be set: `checks.settings`
        possible = POSSIBLE.get((action, owner.schema.keyword), ())
        if action != "set" and target.device not in possible:
            message = f"{action} is not for a {target.device} of a {owner.schema.keyword} system"
            yield Diagnostic("TDS203", message, target.span, f"it is for a {one_of(possible)}" if possible else "")
        elif facts is not None and not facts.problem:
            yield from _exists(facts, action, target)


def feeders_are_coupled(study: Study, _models: Models) -> Iterator[Diagnostic]:
    """An event in a feeder model that stands at no interface would happen nowhere."""
    coupled = {distribution_of(block) for block in study.all("interface")}
    for event in study.all("event"):
        happening = action_of(event)
        owner = study.labelled(happening[1].owner or "") if happening else None
        if happening is None or owner is None or owner.schema.keyword != "distribution" or not study.sound:
            continue
        if owner.label not in coupled:
            message = f"event {event.label} happens nowhere: {owner.label} stands at no interface"
            yield Diagnostic("TDS434", message, happening[1].span)


def _exists(facts: Facts, action: str, target: Devices) -> Iterator[Diagnostic]:
    known = devices(facts, target.device)
    if known is None or target.key is None:
        return
    found = find(facts, target.device, target.key)
    if found is None:
        near = did_you_mean(str(target.key), [str(k) for k in known])
        help = f"`tdscen info FILE {target.owner}` lists what it has"
        message = f"{target.owner} has no {target.device} {target.key}"
        fixes = mends.device(target.words.key, target.key, known)
        yield Diagnostic("TDS204", message, target.span, near, help, fixes=fixes)
    elif isinstance(found[1], (Generator, StaticLoad, FeederGenerator)) and not found[1].online:
        message = f"{target.device} {target.key} of {target.owner} is out of service in the model"
        yield Diagnostic("TDS431", message, target.span, f"there is nothing to {action}")
    elif action == "trip" and isinstance(found[1], Generator) and _without_a_machine(facts, found[1]):
        message = f"generator {target.key} of {target.owner} is no machine with dynamics, so it cannot trip"
        at = f"the case has it as {found[1].model}"
        help = "what stands for it while dynamics run (a converter model, say) would go on"
        yield Diagnostic("TDS433", message, target.span, at, help)


def _without_a_machine(facts: Facts, generator: Generator) -> bool:
    """Whether dynamics run without this generator."""
    return isinstance(facts, TransmissionFacts) and facts.dynamic and not generator.machine
