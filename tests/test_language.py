"""Values, units, names and types, without any model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tdscen import profiles, units
from tdscen.language.analyse import analyse
from tdscen.language.study import Study
from tdscen.language.values import Chosen, Interval, ProfileValue, Quantity
from tdscen.source import Source
from tdscen.syntax import parse


def study(text: str, folder: Path = Path()) -> tuple[Study, list[str]]:
    source = Source.from_text("x.tds", text)
    parsed = parse(source)
    found, problems = analyse(parsed.document, source, folder)
    return found, [d.code for d in (*parsed.diagnostics, *problems) if d.code != "TDS205"]


def profile(text: str) -> profiles.Profile:
    found, problems = study(f"profile p = {text}")
    assert problems == []
    return found.profiles["p"].profile


def simulation(text: str) -> tuple[Study, list[str]]:
    return study(f"simulation {{\n step = 1 s\n stop = 2 s\n {text}\n}}")


@pytest.mark.parametrize(
    ("text", "seconds"), [("80 ms", 0.08), ("2 min", 120.0), ("24 h", 86400.0), ("1 s + 500 ms", 1.5), ("2 * 3 s", 6.0)]
)
def test_times_become_seconds(text: str, seconds: float) -> None:
    found, problems = study(f"simulation {{\n step = {text}\n stop = 48 h\n}}")
    assert problems == []
    assert found.all("simulation")[0].number("step") == pytest.approx(seconds, rel=1e-15)


@pytest.mark.parametrize(("symbol", "found"), [("KW", "kW"), ("kvar", "kvar"), ("PU", "pu"), ("S", "s"), ("hz", "Hz")])
def test_letter_case_of_units_is_free_where_it_is_clear(symbol: str, found: str) -> None:
    unit = units.find(symbol)
    assert unit is not None
    assert unit.symbol == found


@pytest.mark.parametrize(("symbol", "offered"), [("mw", "MW"), ("mvar", "MVAr"), ("MS", "ms"), ("mva", "MVA")])
def test_milli_and_mega_are_never_taken_for_each_other(symbol: str, offered: str) -> None:
    assert units.find(symbol) is None
    assert units.offer(symbol) == offered


def test_every_dimension_has_an_internal_unit() -> None:
    assert {unit.dimension for unit in units.UNITS.values()} - {"number"} == set(units.BASE)


def test_the_normal_profile_is_the_published_one() -> None:
    wobble = profile("normal(mean = 1, std = 2.5 %, every = 1 s, seed = 981)")
    expected = 1 + 0.025 * np.random.RandomState(981).randn(16)
    assert np.array_equal(profiles.sample(wobble, np.arange(16.0)), expected)


def test_draws_hold_for_their_interval_and_do_not_depend_on_the_step() -> None:
    wobble = profile("normal(mean = 1, std = 2.5 %, every = 1 s, seed = 981)")
    coarse = profiles.sample(wobble, np.arange(16.0))
    fine = profiles.sample(wobble, np.arange(160) * 0.1)
    assert np.array_equal(fine, np.repeat(coarse, 10))


def test_profiles_combine_as_arithmetic_says() -> None:
    times = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    combined = profile("step(at = 2 s, to = 1.05) * ramp(from = 1, to = 2, start = 1 s, stop = 3 s) - 0.5")
    expected = np.array([1, 1, 1.05, 1.05, 1.05]) * np.array([1, 1, 1.5, 2, 2]) - 0.5
    assert profiles.sample(combined, times) == pytest.approx(expected, abs=1e-15)


def test_a_sinusoid_in_degrees() -> None:
    wave = profile("sinusoid(amplitude = 5 %, period = 4 s, phase = 90 deg)")
    assert profiles.sample(wave, [0.0, 1.0, 2.0]) == pytest.approx([1.05, 1.0, 0.95], abs=1e-12)


def test_a_pulse_and_a_random_walk() -> None:
    pulse = profile("pulse(start = 1 s, stop = 2 s, to = 1.2)")
    assert profiles.sample(pulse, [0.0, 1.0, 1.5, 2.0]).tolist() == [1.0, 1.2, 1.2, 1.0]
    walk = profile("random_walk(std = 1 %, every = 1 s, seed = 7)")
    draws = 0.01 * np.random.RandomState(7).randn(3)
    assert profiles.sample(walk, [0.0, 1.0, 2.0, 3.0]) == pytest.approx(1 + np.concatenate(([0], draws.cumsum())))


def test_csv_profiles_hold_or_interpolate(tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_text("time_s,load,other\n0,1.0,5\n2,2.0,6\n4,1.0,7\n")
    found, problems = study(
        'profile a = csv("day.csv")\nprofile b = csv("day.csv", column = "other", interpolation = previous)', tmp_path
    )
    assert problems == []
    times = [0.0, 1.0, 2.0, 3.0]
    assert profiles.sample(found.profiles["a"].profile, times).tolist() == [1.0, 1.5, 2.0, 1.5]
    assert profiles.sample(found.profiles["b"].profile, times).tolist() == [5.0, 5.0, 6.0, 6.0]
    assert profiles.end_s(found.profiles["a"].profile) == 4.0


def test_independent_streams_depend_on_the_interface_alone() -> None:
    wobble = profile("normal(mean = 1, std = 1 %, every = 1 s, seed = 1, independent = true)")
    one, two = profiles.for_interface(wobble, "each[3]"), profiles.for_interface(wobble, "each[4]")
    assert profiles.seeds(one) != profiles.seeds(two)
    assert one == profiles.for_interface(wobble, "each[3]")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("step2 = 1 s", "TDS302"),
        ("transmission_step = 1", "TDS306"),
        ("transmission_step = 1 parsec", "TDS307"),
        ("transmission_step = 1 kV", "TDS308"),
        ("coupling = seriell", "TDS309"),
        ("transmission_step = 0 s", "TDS310"),
        ("transmission_step = 1 s / 0", "TDS313"),
        ("transmission_step = 1 s + 1", "TDS308"),
        ("transmission_step = 1e999 s", "TDS310"),
    ],
)
def test_one_mistake_gives_one_error(line: str, code: str) -> None:
    assert simulation(line)[1] == [code]


def test_a_parameter_may_hold_a_quantity_or_a_choice() -> None:
    found, problems = study(
        "parameter h = 500 ms\nparameter how = parallel\nsimulation {\n step = h * 2\n stop = 2 s\n coupling = how\n}"
    )
    assert problems == []
    block = found.all("simulation")[0]
    assert block.number("step") == 1.0
    assert block.choice("coupling") == "parallel"


def test_bounds_and_ranges_of_requirements() -> None:
    found, problems = study("require {\n voltage = 0.95 pu .. 1.05 pu\n balance < 1 kW\n causality < 0\n}")
    assert problems == []
    entries = found.all("require")[0].entries
    assert entries["voltage"].value == Interval(0.95, 1.05, "per unit")
    assert entries["balance"].value == Interval(None, 1e-3, "active power")
    assert entries["causality"].value == Interval(None, 0.0, "number")


@pytest.mark.parametrize(
    ("text", "name", "q"),
    [("match_load", "match_load", "proportional"), ("match_load(q = shunt)", "match_load", "shunt")],
)
def test_scaling_rules(text: str, name: str, q: str) -> None:
    found, problems = study(f"interface a {{\n scale = {text}\n}}")
    assert problems == ["TDS303"]  # the rest of the interface is missing, the scale is read
    scale = found.all("interface")[0].value("scale")
    assert isinstance(scale, Chosen)
    assert (scale.name, scale.argument("q")) == (name, Chosen(q))


def test_a_scale_may_be_computed() -> None:
    found, _ = study("interface a {\n scale = 0.478*100/0.970657\n}")
    assert found.all("interface")[0].number("scale") == 0.478 * 100 / 0.970657


def test_defaults_stand_in_for_what_is_left_out() -> None:
    found, _ = study("interface a {\n}")
    block = found.all("interface")[0]
    assert block.value("load") == ProfileValue(profiles.Constant(1.0))
    assert block.choice("scale") == "match_load"
    assert simulation("")[0].all("simulation")[0].value("transmission_step") == Quantity(1 / 30, "time")


@pytest.mark.parametrize("form", ["parameter p{0} = p{1} + 1", "profile p{0} = p{1} * step(at = 1 s, to = 2)"])
@pytest.mark.parametrize("backwards", [True, False])
def test_long_chains_of_definitions_are_an_error_and_no_crash(form: str, backwards: bool) -> None:
    keyword = form.split()[0]
    lines = [f"{keyword} p0 = 1", *(form.format(i, i - 1) for i in range(1, 400))]
    problems = study("\n".join(reversed(lines) if backwards else lines))[1]
    deep = backwards or keyword == "profile"
    assert set(problems) == ({"TDS107"} if deep else set())
