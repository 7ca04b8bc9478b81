"""ANDES's equations evaluated without its walk over objects: the same calls in the same order, to the last bit.

Every iteration of every step evaluates all equations, and for systems of some hundred buses most of that time goes
into looking up which model has what to do. Here that is looked up once. Four things are put in the place of ANDES's
own, in the system alone: `TDS.fg_update`, `vars_to_models`, `j_update`, and the matrix of the step with its factors,
which are kept as long as they are those of the same Jacobian and step length (`jacobians`). The Newton iteration itself
stays ANDES's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from tdscen.simulators.andes.jacobians import Jacobians, KeptMatrix
from tdscen.simulators.andes.limiters import Limiters
from tdscen.simulators.andes.loading import System

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Model = Any
Variable = Any

LOCKING = 4
"""After more iterations ANDES locks limiters for the rest of a step (`AntiWindup.niter_lock`)."""

_KNOW_ZERO_ONLY = ("PQ",)
"""Models whose equations ask whether the time is negative (ANDES's power flow) and nothing else about it."""


def quicken(system: System) -> None:
    """Put the quick evaluation into a system whose dynamics are initialised; no model may change its size after."""
    exchange = _Exchange(system)
    system.vars_to_models = exchange.vars_to_models
    system.TDS.fg_update = _Equations(system, exchange).update
    if system.runtime.ipadd:
        system.j_update = Jacobians(system).update
    kept = KeptMatrix(system.TDS.method.calc_jac, system.TDS.solver.worker)
    system.TDS.method.calc_jac = kept.calc_jac
    system.TDS.solver.worker = kept


def nothing_happens(system: System) -> None:
    """To be told before a step that begins exactly as the last one ended: that state is not evaluated again."""
    equations = getattr(system.TDS.fg_update, "__self__", None)
    if isinstance(equations, _Equations):
        equations.nothing_happens()


class _Exchange:
    """What models take from the state vectors and add to the residuals, gathered and scattered in one call each.

    Variables of other models that a model reads, and residuals that it adds to, lie in one vector each, of which the
    model's own arrays become views.
    """

    def __init__(self, system: System) -> None:
        self._dae = dae = system.dae
        self._reads = [(name, *_views(system._getters[name], "v")) for name in ("y", "x")]
        self._adds = [(name, *_views(system._adders[name], "e")) for name in ("f", "g")]
        self._sets = [(getattr(dae, name), var) for name in ("f", "g") for var in system._setters[name]]
        for model in system.exist.pflow_tds.values():
            model.refresh_inputs()
            model.refresh_inputs_arg()

    def vars_to_models(self) -> None:
        """As `System.vars_to_models`."""
        for name, addresses, values in self._reads:
            np.take(getattr(self._dae, name), addresses, out=values, mode="clip")

    def residuals_to_dae(self) -> None:
        """As `System._e_to_dae` for f and g."""
        for name, addresses, values in self._adds:
            np.add.at(getattr(self._dae, name), addresses, values)
        for vector, var in self._sets:
            np.put(vector, var.a, var.e)


class _Equations:
    """All equations at the present values of the state vectors; stands for `TDS.fg_update`."""

    def __init__(self, system: System, exchange: _Exchange) -> None:
        self._system, self._exchange = system, exchange
        self._initial = system.TDS.fg_update
        models = list(system.exist.pflow_tds.values())
        self._services = [model for model in models if model.services_var or model.flags.sv_num]
        self._limiters = Limiters(part for model in models for part in model.discrete.values())
        others = self._limiters.others
        self._checks_of_variables = [part.check_var for part in others if part.has_check_var]
        self._checks_of_equations = [part.check_eq for part in others if part.has_check_eq]
        live = [model for model in models if not model._all_replaced]
        self._f = [_Generated(model, "f", model.cache.states_and_ext.values()) for model in live if model.calls.f]
        self._g = [_Generated(model, "g", model.cache.algebs_and_ext.values()) for model in live if model.calls.g]
        self._f_by_hand = [part for model in live for part in _by_hand(model, "f")]
        self._g_by_hand = [part for model in live for part in _by_hand(model, "g")]
        self._without_memory = not self._f_by_hand and not self._g_by_hand and _without_memory(live, models, others)
        self._known = self._corrected = False

    def nothing_happens(self) -> None:
        """The next evaluation is of the very state that the last one was of, at a later time, unless that matters."""
        free = self._system.TDS.niter <= LOCKING + 1 and not self._corrected
        self._known = self._without_memory and free and float(self._system.dae.t) > 0

    def update(self, models: object, init: bool = False) -> None:
        """One evaluation, in ANDES's order."""
        if init:
            self._initial(models, init=True)
            return
        known, self._known = self._known, False
        if known:
            return
        system, dae, tds = self._system, self._system.dae, self._system.TDS
        dae.clear_fg()
        before = dae.x.copy()
        for model in self._services:
            model.s_update_var()
        for check in self._checks_of_variables:
            check(dae_t=dae.t, niter=tds.niter, err=tds.mis[-1])
        self._limiters.look()
        self._limiters.check_variables()
        for generated in self._f:
            generated.evaluate()
        for model, by_hand in self._f_by_hand:
            by_hand(**model.get_inputs())
        for check in self._checks_of_equations:
            check(niter=tds.niter)
        self._limiters.check_equations(tds.niter)
        for generated in self._g:
            generated.evaluate()
        for model, by_hand in self._g_by_hand:
            by_hand(**model.get_inputs())
        self._exchange.residuals_to_dae()
        system.g_islands()
        self._corrected = False
        for limiter in system.antiwindups:
            for addresses, values, _ in limiter.x_set:
                np.put(dae.x, addresses, values)
                self._corrected = self._corrected or not np.array_equal(before, dae.x)


class _Generated:
    """The generated code of one model for f or g, and where its values go."""

    def __init__(self, model: Model, kind: str, variables: Iterable[Variable]) -> None:
        self._model, self._arguments = model, f"{kind}_args"
        self._code = getattr(model.calls, kind)
        self._targets = [(var.e, var.e_inplace) for var in variables]

    def evaluate(self) -> None:
        """Write the values, or add those that stand in ANDES's vectors themselves (cleared before)."""
        values = self._code(*getattr(self._model, self._arguments))
        for (target, adds), value in zip(self._targets, values, strict=True):
            if adds:
                np.add(target, value, out=target)
            else:
                target[:] = value


def _views(variables: Iterable[Variable], attribute: str) -> tuple[NDArray[np.intp], Floats]:
    """Addresses and values of `variables` in one vector each; their arrays become parts of the latter."""
    kept = [var for var in variables if var.n > 0]
    arrays = [np.asarray(getattr(var, attribute), np.float64) for var in kept]
    addresses = np.concatenate([np.asarray(var.a, np.intp) for var in kept] or [np.empty(0, np.intp)])
    values = np.concatenate(arrays or [np.empty(0)])
    ends = np.cumsum([array.size for array in arrays], dtype=np.intp).tolist()
    for var, array, end in zip(kept, arrays, ends, strict=True):
        setattr(var, attribute, values[end - array.size : end])
    return addresses, values


def _without_memory(live: Iterable[Model], models: Iterable[Model], discrete: Iterable[Any]) -> bool:
    """Whether the equations depend on the state vectors alone: not on time, nor on what was evaluated before."""
    timeless = all(
        "dae_t" not in (*model.calls.f_args, *model.calls.g_args) or model.class_name in _KNOW_ZERO_ONLY
        for model in live
    )
    numeric = any(service.v_numeric is not None for model in models for service in model.services_var.values())
    by_hand = any(model.flags.sv_num for model in models)
    checking = [
        part for part in discrete if (part.has_check_var or part.has_check_eq) and getattr(part, "enable", True)
    ]
    comparing = all(type(part).__name__ in ("LessThan", "IsEqual") for part in checking)
    return timeless and comparing and not numeric and not by_hand


def _by_hand(model: Model, kind: str) -> list[tuple[Model, Any]]:
    """Equations of a model and of its blocks that are written in Python instead of generated."""
    flag, method = f"{kind}_num", f"{kind}_numeric"
    parts = [model, *model.blocks.values()]
    return [(model, getattr(part, method)) for part in parts if getattr(part.flags, flag)]
