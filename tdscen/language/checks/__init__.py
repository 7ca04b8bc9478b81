"""The checks of a study, in the order in which a reader would make them. Each is a small function; none raises."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tdscen.diagnostics import Diagnostic
from tdscen.language.checks import (
    buses,
    events,
    feeders,
    found,
    instants,
    names,
    observed,
    quasi_static,
    required,
    resources,
    settings,
    sweeps,
    switching,
    time,
)
from tdscen.language.checks.later import not_yet
from tdscen.language.checks.sweeps import check_sweeps
from tdscen.language.models import Models
from tdscen.language.study import Study

Check = Callable[[Study, Models], Iterator[Diagnostic]]

CHECKS: tuple[Check, ...] = (
    names.one_transmission,
    names.usable_names,
    names.everything_used,
    time.steps_are_bounded,
    time.draws_are_bounded,
    time.step_divides_stop,
    time.profile_covers_stop,
    time.transmission_step_fits,
    time.iterative_steps_together,
    found.models_found,
    found.models_solve,
    found.has_dynamics,
    quasi_static.nothing_of_dynamics,
    quasi_static.controls_keep_up,
    buses.bus_exists,
    buses.bus_has_a_load,
    buses.load_is_expected,
    buses.parts_are_clear,
    buses.buses_stand_once,
    feeders.head_voltage,
    feeders.head_power,
    feeders.kv_plausible,
    feeders.same_frequency,
    observed.devices_exist,
    events.one_action,
    events.targets_exist,
    events.feeders_are_coupled,
    settings.can_be_set,
    switching.in_order,
    instants.in_time,
    instants.far_enough_apart,
    instants.refine_fits,
    instants.exchanges_fit,
    resources.buses_exist,
    resources.resource_is_whole,
    resources.control_fits,
    resources.bus_fits,
    resources.resource_names_differ,
    required.recovery_has_events,
    sweeps.axes_fit,
)


__all__ = ["CHECKS", "check", "check_sweeps", "not_yet"]


def check(study: Study, models: Models) -> tuple[Diagnostic, ...]:
    """Everything that the checks find in a study."""
    return tuple(problem for one in CHECKS for problem in one(study, models))
