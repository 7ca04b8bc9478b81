"""Columns of a recording as far as they can be summed up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tdscen.results.recording import Recording


@dataclass(frozen=True, slots=True)
class Extent:
    """The lowest and the highest value of a quantity over the run."""

    lowest: float
    highest: float


def values(recording: Recording, name: str) -> NDArray[np.float64] | None:
    """The finite values of a quantity; None where there are none (`judge` says what is wrong with those it needs)."""
    if name not in recording or recording.rows == 0:
        return None
    found = recording.column(name)
    return found if np.isfinite(found).all() else None


def extent(found: NDArray[np.float64] | None) -> Extent | None:
    """Of values that there are."""
    return None if found is None else Extent(float(found.min()), float(found.max()))
