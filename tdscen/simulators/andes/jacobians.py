"""The matrix of an implicit step and its factors: made by the same calls as ANDES makes it, to the last bit.

ANDES fills its four Jacobians model by model, entry by entry, and prepares their factors from nothing each time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tdscen.simulators.andes.loading import System

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Model = Any

NAMES = ("fx", "fy", "gx", "gy")


class Jacobians:
    """The Jacobians of a system whose models no longer change their size; `update` stands for `System.j_update`."""

    def __init__(self, system: System) -> None:
        self._system, self._models = system, system.exist.pflow_tds
        self._whole = system.j_update
        self._live = [_Evaluated(model) for model in self._models.values() if not model._all_replaced]
        self._entries = [(name, *_entries(self._models.values(), name)) for name in NAMES]

    def update(self, models: object, info: object = None) -> None:
        """All Jacobians at the present values of the state vectors."""
        if models is not self._models:
            self._whole(models, info)
            return
        dae = self._system.dae
        for model in self._live:
            model.evaluate()
        for name, rows, columns, values in self._entries:
            jacobian = +dae.tpl[name]  # a copy: the constant entries, and zeros where the others go
            if values.size:
                jacobian.ipadd(values, rows, columns)
            setattr(dae, name, jacobian)
        self._system.j_islands()


class _Evaluated:
    """The generated code of one model's Jacobian entries, and where their values go."""

    def __init__(self, model: Model) -> None:
        self._model, self._calls = model, model.calls.j
        self._by_hand = [part for part in (model, *model.blocks.values()) if part.flags.j_num is True]

    def evaluate(self) -> None:
        """As the model's own `j_update`."""
        model = self._model
        for name, code in self._calls.items():
            values = code(*model.j_args[name])
            for target, value in zip(model.triplets.vjac[name], values, strict=False):
                target[:] = value
        for part in self._by_hand:
            part.j_numeric(**model.get_inputs())


def _entries(models: Any, name: str) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Rows, columns and values of all entries of a Jacobian, in ANDES's order; the values become parts of it."""
    parts = [(model.triplets, i) for model in models for i in range(len(model.triplets.vjac[name]))]
    rows = [np.asarray(triplets.ijac[name][i], np.intp) for triplets, i in parts]
    columns = [np.asarray(triplets.jjac[name][i], np.intp) for triplets, i in parts]
    kept = [np.asarray(triplets.vjac[name][i], np.float64) for triplets, i in parts]
    values = np.concatenate(kept or [np.empty(0)])
    ends = np.cumsum([part.size for part in kept], dtype=np.intp).tolist()
    for (triplets, i), part, end in zip(parts, kept, ends, strict=True):
        triplets.vjac[name][i] = values[end - part.size : end]
    none = [np.empty(0, np.intp)]
    return np.concatenate(rows or none), np.concatenate(columns or none), values


class KeptMatrix:
    """The matrix of an implicit step and its factors; stands for the method's `calc_jac` and for the solver.

    ANDES makes both anew in each iteration. They change with the Jacobian (ANDES then sets `factorize`) and with the
    step length alone; how the factoring goes about it (its symbolic part) with the places of the entries, of which one
    that is zero is none: limiters that switch theirs on and off change them in every other step of WECC.
    """

    def __init__(self, calc_jac: Any, worker: Any) -> None:
        self._calc_jac, self._worker = calc_jac, worker
        self._matrix: Any = None
        self._factored: Any = None
        self._made_for: tuple[float, object] | None = None
        self._pattern: tuple[bytes, bytes] | None = None
        self.factorize = True

    def calc_jac(self, tds: Any, gxs: Any, gys: Any) -> Any:
        """The matrix, made anew where it has changed."""
        made_for = (tds.h, tds.Teye)
        if self.factorize or self._made_for is None or self._made_for != made_for:
            self._matrix, self._made_for = self._calc_jac(tds, gxs, gys), made_for
        return self._matrix

    def solve(self, matrix: Any, right: Any) -> Floats:
        """As the solver does, without factoring the same matrix again."""
        worker = self._worker
        if self.factorize or matrix is not self._factored:
            pattern = _pattern(matrix)
            worker.factorize = pattern != self._pattern
            self._factored = self._pattern = None
            solution: Floats = worker.solve(matrix, right)
            self.factorize = worker.factorize
            if np.isfinite(solution[0]):
                self._factored, self._pattern = matrix, pattern
            return solution
        worker._solve(worker.A, worker.F, worker.N, right)
        return np.ravel(right)

    def clear(self) -> None:
        """As the solver does."""
        self._matrix = self._factored = self._made_for = None
        self._pattern = None
        self.factorize = True
        self._worker.clear()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._worker, name)


def _pattern(matrix: Any) -> tuple[bytes, bytes]:
    """Where the entries of a sparse matrix are."""
    starts, rows, _ = matrix.CCS
    return bytes(starts), bytes(rows)
