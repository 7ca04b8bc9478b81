"""Requirements: each measure held, violated, left open, not recorded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from run_folders import (
    FACTOR,
    P_START_MW,
    SLOPE_PU_PER_MW,
    Columns,
    constant_plan,
    make_journals,
    make_plan,
    write_run,
)

from tdscen.plan import Coupling, Plan, Requirement
from tdscen.profiles import Constant, Step
from tdscen.results import open_run
from tdscen.results.regression import fit_line
from tdscen.results.requirements import Outcome, judge, judge_one


def ask(measure: str, minimum: float | None = None, maximum: float | None = None, unit: str = "") -> Requirement:
    return Requirement(measure, measure, minimum, maximum, unit, "as agreed")


def outcome(
    tmp_path: Path, requirement: Requirement, plan: Plan | None = None, journals: dict[str, Columns] | None = None
) -> Outcome:
    plan = plan or make_plan()
    return judge_one(plan, open_run(write_run(tmp_path / "0001", plan, journals)).recording, requirement)


# voltage


def test_voltage_within_limits_states_the_closest_value(tmp_path: Path) -> None:
    v_pu = make_journals(make_plan())["ieee14"]["bus4/v_pu"]
    found = outcome(tmp_path, ask("voltage", 0.95, 1.05, "pu"))
    assert found.holds is True
    assert found.measured == v_pu.max()  # 1.05 is nearer than 0.95
    assert found.time_s == float(v_pu.argmax())
    assert found.where == "bus4"
    assert "as agreed" not in found.sentence


def test_voltage_outside_names_figure_time_place_and_message(tmp_path: Path) -> None:
    plan = make_plan(interfaces=2)
    journals = make_journals(plan)
    journals["ieee14"]["bus5/v_pu"][7] = 0.93
    found = outcome(tmp_path, ask("voltage", 0.95, 1.05, "pu"), plan, journals)
    assert found.holds is False
    assert found.sentence == (
        "the interface voltage is 0.93 pu at bus5, t = 7 s, 0.02 pu beyond the limits 0.95 to 1.05 pu "
        "(required: as agreed)"
    )


def test_a_limit_itself_is_allowed(tmp_path: Path) -> None:
    v_pu = make_journals(make_plan())["ieee14"]["bus4/v_pu"]
    assert outcome(tmp_path / "at", ask("voltage", None, float(v_pu.max()), "pu")).holds is True
    below = float(np.nextafter(v_pu.max(), 0))
    found = outcome(tmp_path / "below", ask("voltage", None, below, "pu"))
    assert found.holds is False
    assert "2.22045e-16 pu beyond" in found.sentence  # never "1.0164 is beyond 1.0164" without a figure


def test_voltage_in_percent(tmp_path: Path) -> None:
    v_pu = make_journals(make_plan())["ieee14"]["bus4/v_pu"]
    found = outcome(tmp_path, ask("voltage", 95, 101, "%"))
    assert found.holds is False
    assert found.measured == pytest.approx(100 * v_pu.max(), rel=1e-15)


def test_a_voltage_that_is_no_number_violates(tmp_path: Path) -> None:
    journals = make_journals(make_plan())
    journals["ieee14"]["bus4/v_pu"][3] = np.nan
    found = outcome(tmp_path, ask("voltage", 0.95, 1.05, "pu"), journals=journals)
    assert found.holds is False
    assert found.measured is None
    assert "bus4/v_pu is not a finite number at t = 3 s" in found.sentence


# feeder voltage


def test_feeder_voltage_looks_at_the_extremes_that_the_limits_need(tmp_path: Path) -> None:
    plan = make_plan()
    journals = make_journals(plan)
    lowest = journals["ieee34"].pop("bus4/ieee34/feeder/v_min_pu")
    held = outcome(tmp_path / "high", ask("feeder_voltage", None, 1.05, "pu"), plan, journals)
    assert held.holds is True  # only the highest voltage is needed
    absent = outcome(tmp_path / "low", ask("feeder_voltage", 0.9, None, "pu"), plan, journals)
    assert absent.holds is False
    assert "bus4/ieee34/feeder/v_min_pu was not recorded" in absent.sentence
    journals["ieee34"]["bus4/ieee34/feeder/v_min_pu"] = lowest
    violated = outcome(tmp_path / "both", ask("feeder_voltage", 0.95, 1.05, "pu"), plan, journals)
    assert violated.holds is False
    assert violated.measured == lowest.min()
    assert violated.where == "bus4/ieee34"


# frequency


def test_frequency_is_rotor_speed_in_hertz(tmp_path: Path) -> None:
    omega = make_journals(make_plan())["ieee14"]["ieee14/generator[GENROU_2]/omega_pu"]
    assert outcome(tmp_path / "wide", ask("frequency", 59.5, 60.5, "Hz")).holds is True
    found = outcome(tmp_path / "narrow", ask("frequency", 59.99, 60.01, "Hz"))
    assert found.holds is False
    assert found.measured in (60 * omega.min(), 60 * omega.max())
    assert found.where == "ieee14/generator[GENROU_2]"


def test_frequency_follows_the_rated_frequency_of_the_case(tmp_path: Path) -> None:
    plan = make_plan()
    fifty = replace(plan, transmission=replace(plan.transmission, frequency_hz=50.0))
    assert outcome(tmp_path, ask("frequency", 49.5, 50.5, "Hz"), fifty).holds is True


def test_frequency_without_generator_speeds_is_a_violation(tmp_path: Path) -> None:
    journals = make_journals(make_plan())
    for name in [name for name in journals["ieee14"] if name.endswith("omega_pu")]:
        del journals["ieee14"][name]
    found = outcome(tmp_path, ask("frequency", 59.5, 60.5, "Hz"), journals=journals)
    assert found.holds is False
    assert "no generator speed (ieee14/generator[...]/omega_pu) was recorded" in found.sentence


# balance


@pytest.mark.parametrize("coupling", ["serial", "parallel"])
def test_balance_compares_with_what_was_delivered_one_step_before(tmp_path: Path, coupling: Coupling) -> None:
    plan = make_plan()
    plan = replace(plan, simulation=replace(plan.simulation, coupling=coupling))
    assert outcome(tmp_path, ask("balance", None, 1e-9, "kW"), plan).holds is True


def test_balance_states_the_complex_difference_in_the_unit_asked_for(tmp_path: Path) -> None:
    journals = make_journals(make_plan())
    journals["ieee14"]["bus4/drawn_p_mw"][5] += 0.003
    journals["ieee14"]["bus4/drawn_q_mvar"][5] -= 0.004
    found = outcome(tmp_path, ask("balance", None, 1, "kW"), journals=journals)
    assert found.holds is False
    assert found.measured == pytest.approx(5.0)
    assert found.time_s == 5.0


def test_balance_at_the_start_is_the_equilibrium_of_one_time(tmp_path: Path) -> None:
    journals = make_journals(make_plan())
    journals["ieee14"]["bus4/drawn_p_mw"][0] += 2.0
    found = outcome(tmp_path, ask("balance", None, 1, "MW"), journals=journals)
    assert (found.holds, found.time_s) == (False, 0.0)
    assert found.measured == pytest.approx(2.0)


# scaling


@pytest.mark.parametrize("shunt_mvar", [0.0, 2.5])
def test_scaling_holds_with_and_without_shunt(tmp_path: Path, shunt_mvar: float) -> None:
    plan = make_plan(shunt_mvar=shunt_mvar)
    assert outcome(tmp_path, ask("scaling", None, 1e-12), plan).holds is True


def test_scaling_finds_another_factor_than_the_plans(tmp_path: Path) -> None:
    plan = make_plan()
    interface = plan.interfaces[0]
    stated = replace(interface.scale, p_factor=FACTOR * 1.01, q_factor=FACTOR * 1.01)
    other = replace(plan, interfaces=(replace(interface, scale=stated),))
    found = outcome(tmp_path, ask("scaling", None, 0.1, "%"), other, make_journals(plan))
    assert found.holds is False
    assert found.measured == pytest.approx(100 * (1 - 1 / 1.01))


def test_scaling_of_a_shunt_needs_the_voltage_that_the_feeder_saw(tmp_path: Path) -> None:
    plan = make_plan(shunt_mvar=2.5)
    journals = make_journals(plan)
    del journals["ieee34"]["bus4/fed_v_pu"]
    found = outcome(tmp_path, ask("scaling", None, 1e-9), plan, journals)
    assert found.holds is False
    assert "bus4/fed_v_pu was not recorded" in found.sentence


# causality


def test_the_line_is_numpys() -> None:
    random = np.random.RandomState(7)
    x = random.randn(200) * 3 + 47.8
    y = 1.01 - 1.3e-3 * x + 2e-3 * random.randn(200)
    line = fit_line(x, y)
    slope, intercept = np.polyfit(x, y, 1)
    assert line.slope == pytest.approx(slope, rel=1e-9)
    assert line.intercept == pytest.approx(intercept, rel=1e-9)
    assert line.r_squared == pytest.approx(np.corrcoef(x, y)[0, 1] ** 2, rel=1e-9)


def test_causality_is_negative_on_drawn_power(tmp_path: Path) -> None:
    found = outcome(tmp_path, ask("causality", None, 0.0))
    assert found.holds is True
    assert found.measured == pytest.approx(SLOPE_PU_PER_MW, rel=1e-9)
    assert found.unit == "pu/MW"
    assert found.time_s is None
    assert "r² = 1.000 over 16 points" in found.sentence


def test_the_power_delivered_at_the_same_time_would_prove_the_opposite(tmp_path: Path) -> None:
    journals = make_journals(make_plan())
    v_pu = journals["ieee14"]["bus4/v_pu"]
    load_only = P_START_MW * (v_pu / v_pu[0]) ** 0.9  # a feeder whose load follows the voltage alone
    journals["ieee14"]["bus4/drawn_p_mw"] = load_only
    found = outcome(tmp_path, ask("causality", None, 0.0), journals=journals)
    assert found.holds is False
    assert found.measured is not None
    assert found.measured > 0


def test_constant_load_is_not_judged(tmp_path: Path) -> None:
    plan = constant_plan()
    journals = make_journals(plan)
    journals["ieee14"]["bus4/drawn_p_mw"] = journals["ieee14"]["bus4/drawn_p_mw"] + 1e-4 * np.sin(np.arange(16))
    found = outcome(tmp_path, ask("causality", None, 0.0), plan, journals)
    assert found.holds is None
    assert found.sentence == "not judged: P drawn at bus4 varied by 0.000199 MW"


def test_of_many_interfaces_that_cannot_be_judged_a_few_are_named(tmp_path: Path) -> None:
    plan = make_plan(interfaces=100, profile=Constant(1.0))
    journals = make_journals(plan)
    found = outcome(tmp_path, ask("causality", None, 0.0), plan, journals)
    assert found.sentence.startswith("not judged: P drawn at bus4 varied by ")
    assert found.sentence.endswith(" MW; and 97 more")
    assert found.sentence.count("varied by") == 3


def test_a_load_factor_that_never_reaches_t_violates_causality(tmp_path: Path) -> None:
    journals = make_journals(make_plan())
    journals["ieee14"]["bus4/drawn_p_mw"] = np.full(16, 44.9)
    found = outcome(tmp_path, ask("causality", None, 0.0), journals=journals)
    assert found.holds is False
    assert "P drawn at bus4 varied by 0 MW while its load factor went from 0.9397 to 1.046" in found.sentence


def test_a_load_factor_that_changes_with_the_last_row_is_not_felt_yet(tmp_path: Path) -> None:
    plan = make_plan(profile=Step(15.0, 1.2))
    found = outcome(tmp_path, ask("causality", None, 0.0), plan)
    assert found.holds is None


def test_a_voltage_that_does_not_react_violates_causality(tmp_path: Path) -> None:
    journals = make_journals(make_plan())
    journals["ieee14"]["bus4/v_pu"] = np.full(16, 1.0126)
    found = outcome(tmp_path, ask("causality", None, 0.0), journals=journals)
    assert (found.holds, found.measured) == (False, 0.0)
    assert "not short of the maximum of 0 pu/MW" in found.sentence


def test_causality_takes_the_worst_of_the_interfaces_that_varied(tmp_path: Path) -> None:
    plan = make_plan(interfaces=3)
    journals = make_journals(plan)
    drawn = journals["ieee14"]["bus5/drawn_p_mw"]
    journals["ieee14"]["bus5/v_pu"] = 1.0 + 1e-3 * (drawn - drawn[0])
    journals["ieee14"]["bus6/drawn_p_mw"] = np.full(16, 47.8)
    journals["ieee34"]["bus6/multiplier"] = np.ones(16)
    found = outcome(tmp_path, ask("causality", None, 0.0), plan, journals)
    assert (found.holds, found.where) == (False, "bus5")
    assert found.measured == pytest.approx(1e-3)


# convergence


def test_convergence_is_the_largest_mismatch(tmp_path: Path) -> None:
    journals = make_journals(make_plan())
    journals["ieee34"]["bus4/mismatch_pu"] = np.full(16, 1e-9)
    assert outcome(tmp_path / "held", ask("convergence", None, 1e-8, "pu"), journals=journals).holds is True
    journals["ieee34"]["bus4/mismatch_pu"][9] = 3e-6
    found = outcome(tmp_path / "violated", ask("convergence", None, 1e-8, "pu"), journals=journals)
    assert (found.holds, found.measured, found.time_s) == (False, 3e-6, 9.0)


# unbalance


def test_unbalance_is_the_highest_ratio_with_time_and_place(tmp_path: Path) -> None:
    plan = make_plan(interfaces=2)
    journals = make_journals(plan)
    assert outcome(tmp_path / "held", ask("unbalance", None, 7, "%"), plan, journals).holds is True
    journals["ieee34"]["bus5/unbalance"][6] = 0.08
    found = outcome(tmp_path / "violated", ask("unbalance", None, 7, "%"), plan, journals)
    assert (found.holds, found.measured, found.time_s, found.where) == (False, pytest.approx(8), 6.0, "bus5")
    assert "the current unbalance is 8 % at bus5, t = 6 s, 1 % beyond the maximum of 7 %" in found.sentence


# what cannot be judged, and what every run reports


@pytest.mark.parametrize(
    "requirement",
    [
        ask("voltage", 0.9, 1.1, "kV"),
        ask("frequency", 0.9, 1.1, ""),
        ask("harmony", 0, 1, "pu"),
    ],
)
def test_a_requirement_that_cannot_be_judged_is_violated(tmp_path: Path, requirement: Requirement) -> None:
    found = outcome(tmp_path, requirement)
    assert found.holds is False
    assert found.sentence.startswith("cannot be judged: ")


def test_every_run_reports_the_checks_it_was_not_asked_for(tmp_path: Path) -> None:
    plan = make_plan(requirements=(ask("balance", None, 1, "kW"),))
    found = judge(plan, open_run(write_run(tmp_path / "0001", plan)).recording)
    assert [(each.name, each.required, each.holds) for each in found] == [
        ("balance", True, True),
        ("scaling", False, True),
        ("causality", False, True),
        ("voltage", False, None),
    ]
    v_pu = make_journals(plan)["ieee14"]["bus4/v_pu"]
    assert found[3].measured == v_pu.min()
    assert f"the highest is {v_pu.max():.6g} pu" in found[3].sentence


def test_iterative_coupling_balances_within_its_tolerance(tmp_path: Path) -> None:
    """1e-6 pu on a load of 50 MVA, four times as steep at most: 0.2 kW and the 1 W of round-off."""
    plan = make_plan()
    iterative = replace(plan.simulation, coupling="iterative", tolerance_pu=1e-6, max_exchanges=20)
    recording = open_run(write_run(tmp_path / "0001", plan)).recording
    found = {each.name: each for each in judge(replace(plan, simulation=iterative), recording)}
    journals = make_journals(plan)["ieee34"]
    most_mva = np.hypot(journals["bus4/p_mw"], journals["bus4/q_mvar"]).max()
    assert found["balance"].maximum == pytest.approx(1e-3 + 4e-3 * most_mva)
    assert {each.name: each for each in judge(plan, recording)}["balance"].maximum == 1e-3


def test_a_voltage_that_others_move_says_nothing_about_its_own_load(tmp_path: Path) -> None:
    journals = make_journals(make_plan())
    drawn = journals["ieee14"]["bus4/drawn_p_mw"]
    other = np.random.RandomState(3).randn(16)
    along = drawn - drawn.mean()
    other -= along * (other @ along) / (along @ along)  # nothing of it follows the drawn power
    journals["ieee14"]["bus4/v_pu"] = 1.01 + 1e-5 * along + 1e-2 * other
    found = outcome(tmp_path, ask("causality", None, 0.0), journals=journals)
    assert found.holds is None
    assert found.sentence == "not judged: V at bus4 hardly follows the P drawn there (r² = 0.000)"
