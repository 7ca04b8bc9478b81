"""The run's numbers as pandas tables."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd

from tdscen.results.recording import TIME, Recording, unit_of
from tdscen.results.requirements import Outcome

INTERFACE = (
    "v_pu",
    "angle_rad",
    "p_mw",
    "q_mvar",
    "drawn_p_mw",
    "drawn_q_mvar",
    "multiplier",
    "exchanges",
    "mismatch_pu",
    "p_kw",
    "q_kvar",
    "p_a_kw",
    "q_a_kvar",
    "p_b_kw",
    "q_b_kvar",
    "p_c_kw",
    "q_c_kvar",
    "p1_kw",
    "q1_kvar",
    "i_a_a",
    "i_b_a",
    "i_c_a",
    "i_a_rad",
    "i_b_rad",
    "i_c_rad",
    "i0_a",
    "i1_a",
    "i2_a",
    "unbalance",
    "unbalance_0",
    "fed_v_pu",
    "fed_angle_rad",
    "taps_moved",
)
"""Quantities of an interface, in the order of the columns that follow `time_s` and `interface`."""


def wide_table(recording: Recording) -> pd.DataFrame:
    """One row a communication time, one float64 column a quantity, `time_s` first."""
    return _with_units(pd.DataFrame(recording.values, columns=list(recording.names)))


def interface_table(recording: Recording, interfaces: tuple[str, ...]) -> pd.DataFrame:
    """One row for each time and interface, times ascending, interfaces in the order given; float64 as recorded.

    A quantity that was not recorded is NaN throughout.
    """
    missing = np.full(recording.rows, np.nan)
    columns: dict[str, object] = {
        TIME: np.repeat(recording.time_s, len(interfaces)),
        "interface": list(interfaces) * recording.rows,
    }
    for quantity in INTERFACE:
        names = [f"{interface}/{quantity}" for interface in interfaces]
        parts = [recording.column(name) if name in recording else missing for name in names]
        columns[quantity] = np.stack(parts, axis=1).ravel()
    return _with_units(pd.DataFrame(columns))


def checks_table(outcomes: tuple[Outcome, ...]) -> pd.DataFrame:
    """One row an outcome, columns as the fields of `Outcome`; what is not there is missing."""
    names = [field.name for field in fields(Outcome)]
    frame = pd.DataFrame([[getattr(outcome, name) for name in names] for outcome in outcomes], columns=names)
    return frame.astype({**dict.fromkeys(("measured", "minimum", "maximum", "time_s"), "float64"), "holds": "boolean"})


def time_series(recording: Recording, name: str) -> pd.Series[float]:
    """One quantity indexed by `time_s`. Raises `KeyError` where it was not recorded."""
    series = pd.Series(recording.column(name), index=pd.Index(recording.time_s, name=TIME), name=name)
    series.attrs["units"] = {name: unit_of(name)}
    return series


def _with_units(frame: pd.DataFrame) -> pd.DataFrame:
    """The same with `attrs["units"]`: of each column whose name ends in a unit."""
    frame.attrs["units"] = {name: unit for name in frame.columns if (unit := unit_of(name))}
    return frame
