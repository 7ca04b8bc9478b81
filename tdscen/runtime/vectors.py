"""Complex vectors through HELICS, by its C functions.

The Python wrapper of HELICS 3.6.1 hands `helicsPublicationPublishComplexVector` twice the number of values that it
has (the C function counts complex values, the wrapper counts doubles): a vector arrives with twice its length, the
rest being whatever lay in memory behind it. Reading by the wrapper costs 60 us, by these functions 3 us.
"""

from __future__ import annotations

import cmath
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tdscen.runtime.binding import ffi, helics, symbol
from tdscen.runtime.errors import RunError

Complexes = NDArray[np.complex128]

PLAUSIBLE = {"voltage": (5.0, "pu"), "power": (1e6, "MVA")}
"""What no interface has more of: five times its nominal voltage, or 1e6 MVA, the load of a continent. What HELICS reads
where nothing was ever published, -1e49, is beyond both."""

NEVER_PUBLISHED = 1e40
"""Beyond this a number is not meant as one."""


def publish(publication: helics.HelicsPublication, values: Sequence[complex] | Complexes) -> None:
    """Publish n complex numbers."""
    data = np.ascontiguousarray(values, np.complex128)
    error = helics.helicsErrorInitialize()
    send = symbol("helicsPublicationPublishComplexVector")
    send(publication.handle, ffi.from_buffer("double[]", data), data.size, error)
    _check(error)


def receive(source: helics.HelicsInput, entries: Sequence[str], what: str, sender: str, when: str) -> Complexes:
    """The last n complex numbers published for `entries`; the other arguments are for the error's sentence.

    `what` is a key of `PLAUSIBLE`. Raises `RunError` unless there are n of them, all plausible.
    """
    count = len(entries)
    data = np.empty(count + 1, np.complex128)  # room for one too many, to notice it
    actual = ffi.new("int*")
    error = helics.helicsErrorInitialize()
    get = symbol("helicsInputGetComplexVector")
    get(source.handle, ffi.from_buffer("double[]", data), data.size, actual, error)
    _check(error)
    values = data[:count]
    if wrong := implausible(values[: actual[0]], entries, what):
        entry, why = wrong
        raise RunError(f"{sender} sent no {what} for {entry} {when}: {why}")
    if actual[0] != count:
        raise RunError(f"{sender} sent {actual[0]} numbers as {what} {when} where {count} are expected")
    return values


def implausible(values: Complexes, entries: Sequence[str], what: str) -> tuple[str, str] | None:
    """The first entry whose value cannot be, and why; None where all can. `what` is a key of `PLAUSIBLE`."""
    most, unit = PLAUSIBLE[what]
    sizes = np.abs(values)
    if (sizes <= most).all():
        return None
    entry, value = next((e, v) for e, v, s in zip(entries, values.tolist(), sizes, strict=False) if not s <= most)
    if not cmath.isfinite(value) or abs(value) > NEVER_PUBLISHED:
        return entry, f"{value} is not a number to compute with"
    return entry, f"{abs(value):.6g} {unit} is more than any interface has (at most {most:g} {unit})"


def _check(error: object) -> None:
    if error.error_code != 0:  # type: ignore[attr-defined]
        raise helics.HelicsException(f"[{error.error_code}] {ffi.string(error.message).decode()}")  # type: ignore[attr-defined]
