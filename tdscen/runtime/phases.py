"""What is recorded of the three phases at a feeder's head, beside the one power that T sees.

Symmetrical components (Fortescue): with a = exp(j 2 pi / 3), X0 = (Xa + Xb + Xc) / 3, X1 = (Xa + a Xb + a^2 Xc) / 3,
X2 = (Xa + a^2 Xb + a Xc) / 3. Unbalance is the ratio of the negative- and of the zero-sequence component to the
positive-sequence one, as IEC 61000-4-30 (ed. 3, 5.7.1) has it for voltages, applied to the currents.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tdscen.runtime.vectors import Complexes

LEAST_A = 1e-6
"""A head without a positive-sequence current above this carries nothing: its unbalance is 0, not noise over noise."""

_A = np.exp(2j * np.pi / 3)
_FORTESCUE = np.array([[1, 1, 1], [1, _A, _A**2], [1, _A**2, _A]]) / 3

COLUMNS = (
    *("p_a_kw", "q_a_kvar", "p_b_kw", "q_b_kvar", "p_c_kw", "q_c_kvar"),
    *("p1_kw", "q1_kvar"),
    *("i_a_a", "i_b_a", "i_c_a", "i_a_rad", "i_b_rad", "i_c_rad"),
    *("i0_a", "i1_a", "i2_a", "unbalance", "unbalance_0"),
)
"""Names of what `quantities` gives."""


def sequence(phases: Complexes) -> Complexes:
    """Zero, positive and negative sequence of phasors a, b, c (..., 3)."""
    return np.asarray(phases @ _FORTESCUE.T)


def quantities(power_kva: Complexes, voltage_v: Complexes, current_a: Complexes) -> NDArray[np.float64]:
    """One row of `COLUMNS` for each of n heads, from their phases a, b, c (n, 3).

    `p1_kw + j q1_kvar` is what the positive sequences carry, 3 V1 conj(I1): all of it where the voltage is balanced.
    """
    v_sequence, i_sequence = sequence(voltage_v), sequence(current_a)
    positive_kva = 3 * v_sequence[:, 1] * i_sequence[:, 1].conj() / 1000
    i_zero, i_positive, i_negative = np.abs(i_sequence).T
    carries = i_positive > LEAST_A
    over = np.where(carries, i_positive, 1.0)
    return np.column_stack(
        [
            np.ascontiguousarray(power_kva, np.complex128).view(np.float64),
            positive_kva.real,
            positive_kva.imag,
            np.abs(current_a),
            np.angle(current_a),
            *(i_zero, i_positive, i_negative),
            *(np.where(carries, i_negative / over, 0.0), np.where(carries, i_zero / over, 0.0)),
        ]
    )
