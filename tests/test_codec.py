"""Frozen dataclasses to JSON and back."""

from __future__ import annotations

import json

import pytest

from tdscen import codec
from tdscen.plan import Scale, Simulation
from tdscen.profiles import Combine, Constant, Normal, Profile, Table


def again(cls: type, value: object) -> object:
    return codec.decode(cls, json.loads(codec.dumps(value)))


def test_round_trip_of_nested_profiles() -> None:
    tree: Profile = Combine("*", Normal(1.0, 0.025, 1.0, 981), Table((0.0, 1.0), (1.0, 2.0), "linear", "a.csv"))
    assert again(Combine, tree) == tree


def test_integers_become_floats_where_floats_are_wanted() -> None:
    assert codec.decode(Constant, {"kind": "constant", "value": 1}) == Constant(1.0)


def test_the_same_value_gives_the_same_text() -> None:
    scale = Scale("match_load", 23.3, 23.3, 0.0, "x")
    assert codec.dumps(scale) == codec.dumps(again(Scale, scale))


@pytest.mark.parametrize(
    "data",
    [
        {"step_s": 1.0},
        {"step_s": "1", "stop_s": 2.0, "steps": 2, "coupling": "serial"},
        {"step_s": 1.0, "stop_s": 2.0, "steps": 2.5, "coupling": "serial"},
        {"step_s": 1.0, "stop_s": 2.0, "steps": 2, "coupling": "tight"},
        {"step_s": 1.0, "stop_s": 2.0, "steps": 2, "coupling": "serial", "more": 1},
        [],
    ],
)
def test_what_does_not_fit_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match="Simulation"):
        codec.decode(Simulation, data)


def test_numbers_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        codec.dumps(Constant(float("nan")))
