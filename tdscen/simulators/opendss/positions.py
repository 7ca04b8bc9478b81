"""Where a feeder's regulators and capacitors stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tdscen.simulators.opendss.elements import names
from tdscen.simulators.opendss.engine import Engine

if TYPE_CHECKING:
    from tdscen.simulators.adapters import Floats


class Positions:
    """Tap number of every regulator, then switched-in steps of every capacitor, in service or not.

    Reading them takes about as long as a solution, so it is done again only after something that may have moved them:
    whoever does such a thing says so (`outdated`).
    """

    def __init__(self, engine: Engine) -> None:
        circuit = engine.ActiveCircuit
        self._regulators, self._capacitors = circuit.RegControls, circuit.Capacitors
        self._regulator_names, self._capacitor_names = names(circuit.RegControls), names(circuit.Capacitors)
        self._known: Floats | None = None
        devices = (("regulator", self._regulator_names), ("capacitor", self._capacitor_names))
        keys = [(device, name.lower()) for device, found in devices for name in found]
        self.places = {key: place for place, key in enumerate(keys)}
        """Where each device stands in what is read: (`regulator` or `capacitor`, name in lower case)."""

    def outdated(self) -> None:
        """Controls have settled or acted, or an event has happened."""
        self._known = None

    def read(self) -> Floats:
        """The positions now; the very same array as long as none can have moved."""
        if self._known is None:
            self._known = np.array([*self._taps(), *self._steps()], np.float64)
        return self._known

    def _taps(self) -> list[int]:
        found = []
        for name in self._regulator_names:
            self._regulators.Name = name
            found.append(self._regulators.TapNumber)
        return found

    def _steps(self) -> list[int]:
        found = []
        for name in self._capacitor_names:
            self._capacitors.Name = name
            found.append(sum(self._capacitors.States))
        return found
