"""Shared subexpressions in ANDES's generated code: fewer operations, the same bits."""

from __future__ import annotations

import inspect
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tdscen.simulators.andes.choosing import select
from tdscen.simulators.andes.sharing import shared

FUNCTIONS = ("f_update", "g_update", "gy_update", "gx_update", "fx_update", "fy_update")


def executed(source: str) -> dict[str, Any]:
    """The names of a module with this text."""
    names: dict[str, Any] = {}
    exec(source, names)  # ANDES's own text
    return names


def values(names: dict[str, Any], function: str, seed: int) -> list[np.ndarray[Any, Any]]:
    """What a function of the module makes of random arguments."""
    random = np.random.default_rng(seed)
    wanted = inspect.signature(names[function]).parameters
    given = {name: random.uniform(0.1, 1.4, 5) for name in wanted}
    flags = {
        name: (given[name] > 0.7).astype(float) for name in wanted if name[-3:] in ("_zi", "_zl", "_zu", "_z0", "_z1")
    }
    own = {"__zeros": np.zeros(5), "__ones": np.ones(5), "__falses": np.full(5, False), "__trues": np.full(5, True)}
    given |= flags | {name: value for name, value in own.items() if name in wanted}
    with np.errstate(all="ignore"):
        return [np.broadcast_to(value, 5) for value in names[function](**given)]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """ANDES's own code of some models, as it writes it."""
    import andes

    folder = tmp_path_factory.mktemp("pycode")
    system = andes.System(default_config=True, no_output=True, no_undill=True, pycode_path=str(folder / "none"))
    found = {}
    for name in ("GENROU", "Line", "ESST3A", "PQ", "IEEEST"):
        model = system.models[name]
        model.prepare(quick=True, pycode_path=str(folder))
        found[name] = (Path(folder) / f"{name}.py").read_text()
    return found


@pytest.mark.parametrize("name", ["GENROU", "Line", "ESST3A", "PQ", "IEEEST"])
def test_the_values_are_those_of_the_code_as_andes_wrote_it(generated: dict[str, str], name: str) -> None:
    plain, ours = executed(generated[name]), executed(shared(generated[name]))
    compared = 0
    for function in FUNCTIONS:
        assert (function in plain) == (function in ours)
        for seed in range(20 if function in plain else 0):
            for one, other in zip(values(plain, function, seed), values(ours, function, seed), strict=True):
                np.testing.assert_array_equal(one, other)
                compared += 1
    assert compared >= 40
    for kept in ("md5", "g_args", "j_args", "ijac", "vjac", "init_seq"):
        assert plain[kept] == ours[kept]
    assert isinstance(ours["s_args"], OrderedDict)


def test_what_stands_twice_is_computed_once() -> None:
    text = shared(
        "from numpy import sin\ndef g_update(a, b):\n    return (a*sin(a - b)**2, b - sin(a - b)**2, -1, -1, a - b)\n"
    )
    assert text.count("sin(") == 1
    assert text.count("** 2") == 1
    assert text.count("a - b") == 1
    with_names = executed(text)["g_update"]
    assert with_names(2.0, 1.5) == (2.0 * np.sin(0.5) ** 2, 1.5 - np.sin(0.5) ** 2, -1, -1, 0.5)


def test_a_name_that_the_code_has_itself_is_left_to_it() -> None:
    function = executed(shared("def g_update(_0, a):\n    return (_0 + a*a, a*a)\n"))["g_update"]
    assert function(3.0, 2.0) == (7.0, 4.0)


def test_select_is_numpys() -> None:
    random = np.random.default_rng(1)
    for _ in range(50):
        v = random.uniform(-1, 2, 7)
        conditions = [v <= 0, v <= 0.433, v <= 0.75, v <= 1, np.full(7, True)]
        choices = [np.ones(7), 1 - 0.577 * v, v**2, 1.732 - v, np.zeros(7)]
        np.testing.assert_array_equal(
            select(conditions, choices, default=np.nan), np.select(conditions, choices, np.nan)
        )
    few = [np.array([True, False])], [np.array([3.0, 4.0])]
    np.testing.assert_array_equal(select(*few, default=np.nan), np.select(*few, np.nan))
