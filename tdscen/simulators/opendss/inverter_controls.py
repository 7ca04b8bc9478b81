"""Inverter controls that settle within a solution, while regulators and capacitors wait for their time.

Both use OpenDSS's one control queue. Elements of the other kind are disabled while one kind is sampled: that costs 2 us
an element and leaves the admittance matrix alone (measured, DSS C-API 0.14.5). An InvControl's actions are due at once,
and the clock stands at the last time at which the others acted, so nothing else is due.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from tdscen.simulators.errors import SimulationError
from tdscen.simulators.opendss.engine import Engine, solved

ROUNDS = 1000
"""Most rounds of sampling, acting and solving. Volt-var takes about 10 from a step's start, volt-watt up to 200."""

_CONTROLS = frozenset(
    (
        *("regcontrol", "capcontrol", "swtcontrol", "relay", "recloser", "fuse", "invcontrol", "expcontrol"),
        *("storagecontroller", "gendispatcher", "espvlcontrol", "upfccontrol"),
    )
)


class InverterControls:
    """The InvControls of a feeder's resources; `others` are all further control elements."""

    def __init__(self, engine: Engine, feeder: str, controls: Iterable[str]) -> None:
        self._engine = engine
        self._feeder = feeder
        self._circuit = engine.ActiveCircuit
        self._own = tuple(controls)
        self._others = tuple(self._other_controls()) if self._own else ()
        self._enable(self._own, on=False)

    def _other_controls(self) -> Iterator[str]:
        for element in map(str, self._circuit.AllElementNames):
            if element.lower().split(".")[0] in _CONTROLS and element.lower() not in self._own:
                yield element

    def settle_with_others(self, on: frozenset[str], what: str) -> None:
        """After a solution in static mode: all controls act until nothing moves, ours before each act of the others.

        OpenDSS's own `Solve` gives all of them one number of rounds, and taps may move before ours have answered: with
        more photovoltaic power than load it then finds no solution where this does. Raises `SimulationError`.
        """
        solution, queue = self._circuit.Solution, self._circuit.CtrlQueue
        self.settle(on, what)
        for _ in range(solution.MaxControlIterations):
            solved(self._engine, self._feeder, what, solution.SampleControlDevices)
            if queue.QueueSize == 0:
                return
            solved(self._engine, self._feeder, what, solution.DoControlActions)
            solved(self._engine, self._feeder, what, solution.SolveNoControl)
            self.settle(on, what)
        raise SimulationError(
            f"the controls of {self._feeder} do not settle {what}: regulators or capacitors hunt, with each other or "
            f"with inverters ({solution.MaxControlIterations} rounds of control actions)"
        )

    def settle(self, on: frozenset[str], what: str) -> None:
        """After a solution: let these act, alone, until nothing moves. Raises `SimulationError`."""
        if not on:
            return
        solution, queue = self._circuit.Solution, self._circuit.CtrlQueue
        with self._alone(on):
            for _ in range(ROUNDS):
                waiting = queue.QueueSize
                solved(self._engine, self._feeder, what, solution.SampleControlDevices)
                if queue.QueueSize == waiting:
                    return
                solved(self._engine, self._feeder, what, solution.DoControlActions)
                solved(self._engine, self._feeder, what, solution.SolveNoControl)
        raise SimulationError(
            f"the inverter controls of {self._feeder} do not settle {what} in {ROUNDS} rounds: a resource is too large "
            "for its bus, or two work against each other"
        )

    @contextmanager
    def _alone(self, on: frozenset[str]) -> Iterator[None]:
        others = [name for name in self._others if self._enabled(name)]  # not those that wait for supply
        self._enable(others, on=False)
        self._enable(on, on=True)
        try:
            yield
        finally:
            self._enable(on, on=False)
            self._enable(others, on=True)

    def _enabled(self, name: str) -> bool:
        self._circuit.SetActiveElement(name)
        return bool(self._circuit.ActiveCktElement.Enabled)

    def _enable(self, names: Iterable[str], on: bool) -> None:
        for name in names:
            self._circuit.SetActiveElement(name)
            self._circuit.ActiveCktElement.Enabled = on
