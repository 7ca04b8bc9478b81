"""A federate's connection to HELICS: complex vectors out and in, exact time steps."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from tdscen.plan import Federation
from tdscen.runtime import vectors
from tdscen.runtime.binding import helics
from tdscen.runtime.errors import RunError
from tdscen.runtime.rendezvous import Rendezvous

T = TypeVar("T")

CLOCK_S = 1e-9
"""Resolution of HELICS's time: it counts nanoseconds."""


class Link:
    """One HELICS federate with a core of its own.

    Every call that waits for others adds to `waiting_s`. Raises `RunError` where HELICS fails.
    """

    def __init__(
        self,
        name: str,
        rendezvous: Rendezvous,
        federation: Federation,
        *,
        publications: Sequence[str],
        subscriptions: Sequence[str],
    ) -> None:
        """Connect (0.1 s, of which HELICS sleeps most). The keys are global names of complex vectors."""
        self.waiting_s = 0.0
        self._asked_s: float | None = None
        with self._calling():
            info = helics.helicsCreateFederateInfo()
            helics.helicsFederateInfoSetCoreTypeFromString(info, federation.core)
            helics.helicsFederateInfoSetCoreName(info, f"{name}_{rendezvous.key}")
            helics.helicsFederateInfoSetCoreInitString(
                info,
                f"--federates=1 --broker_address=tcp://127.0.0.1 --brokerport={rendezvous.port} "
                f"--brokerkey={rendezvous.key} --loglevel={federation.log_level}",
            )
            # Granted is what was asked for, not the time of some message that came earlier.
            helics.helicsFederateInfoSetFlagOption(info, helics.HELICS_FLAG_UNINTERRUPTIBLE, True)
            self._federate = helics.helicsCreateValueFederate(name, info)
            kind = helics.HELICS_DATA_TYPE_COMPLEX_VECTOR
            self._publications = [
                helics.helicsFederateRegisterGlobalPublication(self._federate, key, kind, "") for key in publications
            ]
            self._inputs = [helics.helicsFederateRegisterSubscription(self._federate, key, "") for key in subscriptions]
            for source in self._inputs:
                helics.helicsInputSetOption(source, helics.HELICS_HANDLE_OPTION_CONNECTION_REQUIRED, 1)

    def begin(self) -> None:
        """Wait until every federate of the run is ready to exchange its first values."""
        with self._calling():
            self._waiting(lambda: helics.helicsFederateEnterInitializingMode(self._federate))

    def enter(self) -> None:
        """Wait until every federate is at t = 0: what was sent before can be read."""
        with self._calling():
            self._waiting(lambda: helics.helicsFederateEnterExecutingMode(self._federate))

    def ask(self, time_s: float) -> None:
        """Ask for `time_s` and return at once; `request` for it follows. In between nothing is sent or read."""
        with self._calling():
            helics.helicsFederateRequestTimeAsync(self._federate, time_s)
        self._asked_s = time_s

    def request(self, time_s: float) -> None:
        """Wait until time has come to exactly `time_s`."""
        asked_s, self._asked_s = self._asked_s, None
        if asked_s not in (None, time_s):
            raise RunError(f"t = {time_s:.9g} s is waited for where t = {asked_s:.9g} s was asked for")
        with self._calling():
            if asked_s is None:
                granted_s = self._waiting(lambda: helics.helicsFederateRequestTime(self._federate, time_s))
            else:
                granted_s = self._waiting(lambda: helics.helicsFederateRequestTimeComplete(self._federate))
        if abs(granted_s - time_s) > CLOCK_S:
            raise RunError(
                f"HELICS went to t = {granted_s:.9g} s where t = {time_s:.9g} s was asked for: another federate has "
                "left the run early"
            )

    def publish(self, index: int, values: Sequence[complex] | vectors.Complexes) -> None:
        """Send a vector under the publication number `index`."""
        self._check_not_asked("sends")
        with self._calling():
            vectors.publish(self._publications[index], values)

    def updated(self, index: int) -> bool:
        """Whether something came in on the subscription number `index` with the last grant."""
        self._check_not_asked("reads")
        return bool(helics.helicsInputIsUpdated(self._inputs[index]))

    def receive(self, index: int, entries: Sequence[str], what: str, sender: str, when: str) -> vectors.Complexes:
        """The last vector of a subscription; see `vectors.receive`."""
        self._check_not_asked("reads")
        with self._calling():
            return vectors.receive(self._inputs[index], entries, what, sender, when)

    def leave(self) -> None:
        """Disconnect."""
        with self._calling():
            helics.helicsFederateDisconnect(self._federate)

    def _check_not_asked(self, what: str) -> None:
        if self._asked_s is not None:
            raise RunError(f"a script {what} values behind its `release`, when the next time is asked for already")

    def _waiting(self, call: Callable[[], T]) -> T:
        began = time.perf_counter()
        try:
            return call()
        finally:
            self.waiting_s += time.perf_counter() - began

    @contextmanager
    def _calling(self) -> Iterator[None]:
        try:
            yield
        except helics.HelicsException as error:
            raise RunError(f"HELICS failed: {error}") from error
