"""Simulators of two lines each, so that a federation runs in a second; imported by edited federate scripts."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from tdscen.simulators.adapters import Attachment

IMPEDANCE_PU = 0.02 + 0.05j
BASE_MVA = 100.0
SLEEP_S = float(os.environ.get("FAKE_SLEEP_S", "0"))


class FakeTransmission:
    """One bus an interface behind an impedance of its own: V = 1 - Z S* / |V|, with the last V on the right."""

    notes = ("this is no simulator",)

    def __init__(self, case: Any, folder: Any, *, interfaces: Sequence[Attachment], observe: Any, **_: Any) -> None:
        self.voltage_pu = np.full(len(interfaces), 1.0 + 0j)
        self.drawn_mva = np.zeros(len(interfaces), complex)
        self._observe = len(observe)

    def power_flow(self, power_mva: Any) -> Any:
        self.drawn_mva = np.array(power_mva)
        self.voltage_pu = 1.0 - IMPEDANCE_PU * np.conj(self.drawn_mva / BASE_MVA) / abs(self.voltage_pu)
        return self.voltage_pu

    def start(self, power_mva: Any) -> None:
        self.drawn_mva = np.array(power_mva)

    def advance(self, to_s: float, power_mva: Any, answered_pu: Any = None) -> Any:
        if SLEEP_S:
            time.sleep(SLEEP_S)
        return self.power_flow(power_mva)

    def attempt(self, to_s: float, power_mva: Any, answered_pu: Any = None) -> Any:
        return self.advance(to_s, power_mva, answered_pu)

    def accept(self) -> None:
        pass

    def observed(self) -> Any:
        return np.arange(self._observe, dtype=float)


class LinkedTransmission(FakeTransmission):
    """The last interface's voltage goes with that of the first in the solution before: it moves one exchange later."""

    def power_flow(self, power_mva: Any) -> Any:
        first_pu = self.voltage_pu[0]
        super().power_flow(power_mva)
        self.voltage_pu[-1] += 0.5 * (first_pu - 1.0)
        return self.voltage_pu


class FakeFeeder:
    """2 MW + j 0.5 MVAr at nominal voltage and multiplier 1; P goes with V, Q with its square; one tap moves a step."""

    notes = ()

    def __init__(self, model: Any, folder: Any, *, observe: Any, **_: Any) -> None:
        self.phase_power_kva = np.zeros(3, complex)
        self.phase_voltage_v = self.phase_current_a = np.zeros(3, complex)
        self._observe = len(observe)

    def solve(self, voltage_pu: complex, multiplier: float) -> complex:
        v = abs(voltage_pu)
        self.phase_power_kva = multiplier * np.array([500 * v + 100j * v**2, 700 * v + 200j * v**2, 800 * v + 200j])
        self.phase_voltage_v = 7200 * voltage_pu * np.exp(-2j * np.pi / 3 * np.arange(3))
        self.phase_current_a = 1000 * (self.phase_power_kva / self.phase_voltage_v).conj()
        return complex(self.phase_power_kva.sum())

    settle = solve

    def begin(self, time_s: float) -> None:
        pass

    def start_clock(self) -> None:
        self.phase_power_kva = self.phase_power_kva.copy()

    def act(self, time_s: float) -> int:
        self.phase_power_kva = self.phase_power_kva * 2  # what a moved tap does to powers read too late
        return int(time_s) % 2

    def observed(self) -> Any:
        return np.arange(self._observe, dtype=float)
