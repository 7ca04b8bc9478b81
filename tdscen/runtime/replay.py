"""How a resumed federate comes to where the run was interrupted: it lives through the recorded part again, alone.

Its script and its simulator do all that they did, but what comes from the others is told from the federate's own
record (`heard`) in place of HELICS. So the simulator ends in the very state that it had: taps and delays of controls,
limiters, stored energy, whatever an engine keeps and does not show. Each row is compared with the recorded one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tdscen.runtime import folder, heard
from tdscen.runtime.errors import RunError
from tdscen.runtime.heard import Heard
from tdscen.runtime.link import Link
from tdscen.runtime.vectors import Complexes

EXACT = 1e-9
"""A replayed quantity may be off by so much of itself (of 1, where it is smaller). On the machine of the first part it
is equal to the last bit; another machine or version of a library may round otherwise."""


class Exchange(Protocol):
    """What a federate asks of its connection; see `link.Link`."""

    waiting_s: float

    def begin(self) -> None: ...  # noqa: D102
    def enter(self) -> None: ...  # noqa: D102
    def ask(self, time_s: float) -> None: ...  # noqa: D102
    def request(self, time_s: float) -> None: ...  # noqa: D102
    def publish(self, index: int, values: Sequence[complex] | Complexes) -> None: ...  # noqa: D102
    def updated(self, index: int) -> bool: ...  # noqa: D102
    def receive(self, index: int, entries: Sequence[str], what: str, sender: str, when: str) -> Complexes: ...  # noqa: D102
    def leave(self) -> None: ...  # noqa: D102


class Listening:
    """A link that keeps what it hears."""

    def __init__(self, link: Link, kept: Heard) -> None:
        self._link, self._kept = link, kept
        self.begin, self.enter, self.ask, self.request = link.begin, link.enter, link.ask, link.request
        self.publish, self.leave = link.publish, link.leave

    @property
    def waiting_s(self) -> float:
        """See `Link`."""
        return self._link.waiting_s

    @waiting_s.setter
    def waiting_s(self, waited_s: float) -> None:
        self._link.waiting_s = waited_s

    def updated(self, index: int) -> bool:
        """See `Link`."""
        found = self._link.updated(index)
        self._kept.add((float(found),))
        return found

    def receive(self, index: int, entries: Sequence[str], what: str, sender: str, when: str) -> Complexes:
        """See `Link`."""
        values = self._link.receive(index, entries, what, sender, when)
        self._kept.add(values.view(np.float64).tolist())
        return values


class Replay:
    """In the place of the link for the first `rows` communication times of a resumed run."""

    def __init__(self, run: Path, federate: str, columns: Sequence[str], rows: int, publications: int) -> None:
        """`columns`: of the journal, the time first. Both files hold `rows` rows at least."""
        self.waiting_s = 0.0
        self.rows = 0
        self.deviation = 0.0
        self._columns, self._last = tuple(columns), rows
        path = folder.journal_rows(run, federate)
        self._recorded = np.memmap(path, "<f8", "r", shape=(rows, len(columns)))
        self._records = heard.records(folder.heard_rows(run, federate))
        self._sent: list[Complexes | None] = [None] * publications
        self._told = self._next()

    @property
    def over(self) -> bool:
        """All rows have been lived through."""
        return self.rows == self._last

    def compare(self, time_s: float, values: NDArray[np.float64]) -> None:
        """The row of `time_s` has come about again. Raises `RunError` where it is not the recorded one."""
        row = self._recorded[self.rows]
        off = np.abs(np.concatenate(((time_s,), values)) - row) / np.maximum(np.abs(row), 1.0)
        worst = int(np.argmax(np.where(np.isfinite(off), off, np.inf)))
        if not off[worst] <= EXACT:
            raise RunError(
                f"the run cannot be resumed: {self._columns[worst]} at t = {time_s:g} s was {row[worst]:.9g}, is now "
                f"{([time_s, *values])[worst]:.9g}; scripts, models, simulators must be those of the first part"
            )
        self.deviation = max(self.deviation, float(off[worst]))
        if self._told:
            raise self._otherwise(f"does not ask for all that it heard at t = {time_s:g} s")
        self.rows += 1
        if not self.over:
            self._told = self._next()

    def go_live(self, link: Exchange) -> None:
        """Meet the others; each has what the others sent last before it asks for a time."""
        link.begin()
        for index, values in enumerate(self._sent):
            if values is not None:
                link.publish(index, values)
        link.enter()

    def begin(self) -> None:
        """Nobody is there to wait for."""

    def enter(self) -> None:
        """As above."""

    def ask(self, time_s: float) -> None:
        """As above."""

    def request(self, time_s: float) -> None:
        """As above."""

    def publish(self, index: int, values: Sequence[complex] | Complexes) -> None:
        """The others know it; the last one is sent again by `go_live`."""
        self._sent[index] = np.array(values, np.complex128)

    def updated(self, index: int) -> bool:
        """What was the answer then."""
        return bool(self._take(1)[0])

    def receive(self, index: int, entries: Sequence[str], what: str, sender: str, when: str) -> Complexes:
        """What came in then."""
        return np.array(self._take(2 * len(entries)), np.float64).view(np.complex128)

    def leave(self) -> None:
        """A run ends in real life only."""
        raise RunError("the recorded part of the run is not over")

    def _take(self, n: int) -> list[float]:
        if len(self._told) < n:
            raise self._otherwise("asks for more than it heard")
        taken = self._told[:n]
        del self._told[:n]
        return taken

    def _next(self) -> list[float]:
        record = next(self._records, None)
        if record is None:
            raise self._otherwise("has recorded more than it heard")
        numbers: list[float] = record[2:].tolist()
        return numbers

    @staticmethod
    def _otherwise(what: str) -> RunError:
        return RunError(f"the run cannot be resumed: its script {what}; scripts must be those of the first part")
