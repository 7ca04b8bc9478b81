"""Data that somebody has damaged: plans, tables, DSS texts. Nothing but the documented errors; `make fuzz` does more.

`TDSCEN_FUZZ` is the number of examples a test (100).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tdscen import codec
from tdscen.language.profile_functions import _columns
from tdscen.plan import Plan
from tdscen.simulators.opendss.script import parse

ROOT = Path(__file__).resolve().parents[1]
PLAN = json.loads((ROOT / "generated" / "pv_cloud" / "plan.json").read_text(encoding="utf-8"))
EXAMPLES = int(os.environ.get("TDSCEN_FUZZ", "100"))
fuzz = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="TDSCEN_FUZZ" not in os.environ,
    suppress_health_check=list(HealthCheck),
)

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value of a JSON tree."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way, *(place for key, item in items for place in places(item, (*way, key)))]


PLACES = places(PLAN)[1:]


@fuzz
@given(st.sampled_from(PLACES), JSON)
def test_a_damaged_plan_is_a_value_error_or_a_plan(place: tuple[Any, ...], new: Any) -> None:
    damaged = json.loads(json.dumps(PLAN))
    inner = damaged
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = new
    a_plan_or_an_error(damaged)


def a_plan_or_an_error(data: Any) -> None:
    """Judge JSON that should be a plan."""
    with contextlib.suppress(ValueError):
        assert isinstance(codec.decode(Plan, data), Plan)


CELLS = st.one_of(st.sampled_from(["time_s", "load", "0", "1e999", "nan", '"', "\n", ",", "=1+1"]), st.text(max_size=6))


@fuzz
@given(st.lists(CELLS, max_size=30))
def test_a_damaged_table_is_a_value_error_or_finite_rows(cells: list[str]) -> None:
    finite_rows_or_an_error("time_s,load\n0,1\n" + ",".join(cells))


def finite_rows_or_an_error(text: str) -> None:
    """Judge the text of a table with the columns `time_s` and `load`."""
    with contextlib.suppress(ValueError):
        rows = _columns(text, ["time_s", "load"])
        assert all(abs(number) < float("inf") for row in rows for number in row)


WORDS = ["Export", "exp", "redirect", "New", "~", "Set", "solve", "generator.g", "usermodel=x.so", "data=/x", '"', "'"]
WORDS += [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    "=",
    " ",
    "\t",
    "\n",
    "! x",
    "// y",
    "/*",
    "*/",
    "@v",
    "csvfile=/x",
    "mode=",
]
WRITES = re.compile(r"[\s,]*(exp|expo|expor|export|show|save|dump|plot)(?=[\s,]|$)(?!\s*=)", re.IGNORECASE)


@fuzz
@given(st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=4)), max_size=15))
def test_a_damaged_dss_text_writes_nothing(words: list[str]) -> None:
    writes_nothing("".join(words))


def writes_nothing(text: str) -> None:
    """Whatever stands at the start of a line that is executed is no command that writes."""
    script = parse(text)
    executed = script.executed({})
    assert len(executed.split("\n")) == len(script.lines)
    if script.refusals:
        return
    in_comment = False
    for line in executed.split("\n"):
        in_comment = in_comment or line.startswith("/*")
        assert in_comment or not WRITES.match(line), line
        in_comment = in_comment and "*/" not in line
