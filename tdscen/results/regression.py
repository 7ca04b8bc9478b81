"""Straight lines through points, by least squares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Line:
    """`y = intercept + slope * x`; `r_squared` is the share of y's variance that the line explains (0: y is flat)."""

    slope: float
    intercept: float
    r_squared: float


def fit_line(x: NDArray[np.float64], y: NDArray[np.float64]) -> Line:
    """The least-squares line through the points. Raises `ValueError` where x does not vary."""
    dx, dy = x - x.mean(), y - y.mean()
    sxx, sxy, syy = float(dx @ dx), float(dx @ dy), float(dy @ dy)
    if sxx == 0.0:
        raise ValueError("no line goes through points of one x")
    slope = sxy / sxx
    return Line(slope, float(y.mean()) - slope * float(x.mean()), sxy * slope / syy if syy > 0 else 0.0)
