"""Simulators that fail where the cell of the table wants it; imported by the federate scripts of a faulty run.

The cell comes as `TDSCEN_FAULT=process/when/how`. Nothing of this is in the package.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from fakes import SLEEP_S, FakeFeeder, FakeTransmission

from tdscen.runtime.heartbeat import ROOM
from tdscen.simulators.errors import SimulationError

PROCESS, WHEN, HOW = os.environ["TDSCEN_FAULT"].split("/")
HERE = Path(sys.argv[0]).stem == PROCESS
STEPS = 5
DUE = {"start": 0, "first step": 1, "middle": 3, "last step": STEPS, "iteration": 3}
"""The step in which the fault happens; `iteration` in the second exchange of it."""


def fail(value: complex = 1.0 + 0j) -> complex:
    """Do what the cell says; returns what a simulator that goes on would answer."""
    Path(os.environ["TDSCEN_FAULT_AT"]).write_text(repr(time.time()))
    match HOW:
        case "exception":
            raise ValueError("a slip in the script")
        case "divergence":
            raise SimulationError("the model does not converge")
        case "exit 0":
            sys.exit(0)
        case "exit 1":
            sys.exit(1)
        case "vanishes":
            os._exit(0)
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "no answer":
            while True:
                time.sleep(1)
        case "disk full":
            # As where a disk is full: what is there can be overwritten, and write(2) fails where a file would grow.
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            (journal,) = Path("runs").glob(f"*/journal/{PROCESS}.f64")
            full = max(ROOM, journal.stat().st_size)
            resource.setrlimit(resource.RLIMIT_FSIZE, (full, full))
        case "not a number":
            return complex(np.nan, 0)
        case "absurd":
            return value * 1e9
        case _:
            raise AssertionError(HOW)
    return value


class _Counting:
    """When the fault is due."""

    def __init__(self) -> None:
        self._step_at = -1.0
        self._steps = self._exchanges = 0

    def due(self, time_s: float | None) -> bool:
        if not HERE or WHEN not in DUE:
            return False
        if time_s is None:
            return DUE[WHEN] == 0
        if time_s != self._step_at:
            self._step_at, self._exchanges = time_s, 0
            self._steps += 1
        self._exchanges += 1
        return self._steps == DUE[WHEN] and self._exchanges == (2 if WHEN == "iteration" else 1)


if HERE and WHEN == "before join":
    fail()


class FaultyTransmission(FakeTransmission):
    """Fails in a power flow at the start, or in a step."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._counting = _Counting()
        if HERE and WHEN == "loading":
            fail()

    def power_flow(self, power_mva: Any) -> Any:
        voltage_pu = super().power_flow(power_mva)
        return voltage_pu * fail() if self._counting.due(None) else voltage_pu

    def advance(self, to_s: float, power_mva: Any, answered_pu: Any = None) -> Any:
        time.sleep(SLEEP_S)
        voltage_pu = FakeTransmission.power_flow(self, power_mva)
        return voltage_pu * fail() if self._counting.due(to_s) else voltage_pu


class FaultyFeeder(FakeFeeder):
    """Fails in a solution at the start, or in a step."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._counting = _Counting()
        self._time_s: float | None = None
        if HERE and WHEN == "loading":
            fail()

    def begin(self, time_s: float) -> None:
        self._time_s = time_s or None

    def solve(self, voltage_pu: complex, multiplier: float) -> complex:
        power_kva = super().solve(voltage_pu, multiplier)
        return fail(power_kva) if self._counting.due(self._time_s) else power_kva

    settle = solve
