"""Something that is made in a thread while the main thread does other work."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Background(Generic[T]):
    """What `make` returns, or the exception it raised, for whoever asks."""

    def __init__(self, make: Callable[[], T]) -> None:
        """Start making it."""
        self._make = make
        self._made: list[T] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def get(self) -> T:
        """Wait for it. Raises what `make` raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._made[0]

    def _run(self) -> None:
        try:
            self._made.append(self._make())
        except BaseException as error:  # it belongs to the thread that asks
            self._error = error
