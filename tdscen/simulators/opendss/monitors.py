"""The model's own monitors, sampled once at every recorded time as OpenDSS does in its own time modes."""

from __future__ import annotations

import numpy as np

from tdscen.simulators.adapters import MonitorStream
from tdscen.simulators.opendss.elements import names
from tdscen.simulators.opendss.engine import Engine


class Monitors:
    """All monitors of a model. Their values are single precision, as OpenDSS keeps them; times are ours, exact.

    `silent`: names of those that have not sampled all that was asked for, because they were out of service.
    """

    def __init__(self, engine: Engine) -> None:
        self._monitors = engine.ActiveCircuit.Monitors
        self._names = tuple(names(self._monitors))
        self._times_s: list[float] = []
        self.silent: tuple[str, ...] = ()

    @property
    def present(self) -> bool:
        """Whether the model has any."""
        return bool(self._names)

    def begin(self) -> None:
        """Forget what was sampled while the model was loaded."""
        self._monitors.ResetAll()
        self._times_s.clear()

    def sample(self, time_s: float) -> None:
        """Every monitor looks at the solution that stands."""
        self._monitors.SampleAll()
        self._times_s.append(time_s)

    def streams(self) -> tuple[MonitorStream, ...]:
        """What they have seen so far."""
        if not self._times_s:
            return ()
        self._monitors.SaveAll()
        time_s = np.array(self._times_s)
        hour = np.floor(time_s / 3600)
        second = np.round(time_s - 3600 * hour, 9)  # HELICS counts nanoseconds
        found = []
        for name in self._names:
            self._monitors.Name = name
            columns = ("hour", "t(sec)", *(str(channel).strip() for channel in self._monitors.Header))
            channels = np.atleast_2d(np.asarray(self._monitors.AsMatrix(), np.float64))[:, 2:]
            if channels.shape == (time_s.size, len(columns) - 2):
                found.append(MonitorStream(name, columns, np.column_stack((hour, second, channels))))
        self.silent = tuple(name for name in self._names if name not in {stream.name for stream in found})
        return tuple(found)
