"""Events to their part of the plan: the model's own names, every default filled in, times that are equal made so."""

from __future__ import annotations

from collections.abc import Sequence

from tdscen import plan as ir
from tdscen.language.blocks.happenings import FAULT_PU
from tdscen.language.checks.events import action_of
from tdscen.language.instants import kept_events
from tdscen.language.models import Models
from tdscen.language.study import CheckedBlock, Study
from tdscen.language.targets import own_key, settable
from tdscen.language.values import Devices, Quantity
from tdscen.times import SAME_S
from tdscen.units import BASE


def lower_events(study: Study, models: Models, instants_s: Sequence[float]) -> tuple[ir.Event, ...]:
    """The events of a study without errors; `instants_s` are the plan's."""
    return tuple(_event(study, models, block, instants_s) for block in study.all("event"))


def _event(study: Study, models: Models, block: CheckedBlock, instants_s: Sequence[float]) -> ir.Event:
    happening = action_of(block)
    assert happening is not None
    action, target = happening
    to = block.value("to")
    at_s = block.number("at") or 0.0
    resistance_pu, reactance_pu = block.number("resistance"), block.number("reactance")
    if action == "fault" and resistance_pu is None and reactance_pu is None:
        reactance_pu = FAULT_PU
    return ir.Event(
        name=block.label,
        # 1.1 s + 0.1 s is not 1.2 s to the last bit: the same instant is the same number in every simulator.
        at_s=next((t for t in instants_s if abs(t - at_s) <= SAME_S), at_s),
        action=action,  # type: ignore[arg-type]
        target=_target(study, models, target),
        clear_after_s=block.number("clear_after"),
        resistance_pu=resistance_pu,
        reactance_pu=reactance_pu,
        value=to.value if isinstance(to, Quantity) else None,
        unit=BASE.get(to.dimension, "") if isinstance(to, Quantity) else "",
    )


def _target(study: Study, models: Models, target: Devices) -> ir.Target:
    assert target.owner is not None
    system = study.labelled(target.owner)
    chosen = settable(system, target) if system is not None and target.quantity else None
    quantity = chosen.quantity if chosen is not None else target.quantity
    return ir.Target(target.owner, target.device, own_key(study, models, target), quantity)


def lower_kept_events(study: Study, models: Models) -> tuple[ir.KeptEvent, ...]:
    """What the case does itself."""
    return tuple(ir.KeptEvent(f"{e.model} {e.idx}", e.time_s, e.text, e.until_s) for e in kept_events(study, models))
