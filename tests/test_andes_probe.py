"""Facts of ANDES cases against published figures, and cases that cannot be used."""

import math
from pathlib import Path

import pytest

from tdscen.facts import TransmissionFacts
from tdscen.simulators.andes.files import cases_folder, locate
from tdscen.simulators.andes.probe import probe

NOWHERE = Path("/nonexistent")


def facts(case: str, *extra: str) -> TransmissionFacts:
    return probe(locate(case, NOWHERE, extra))


def test_ieee14_has_the_published_solution() -> None:
    """IEEE 14 bus test case, University of Washington archive (common data format): bus, V in pu, angle in degrees."""
    published = {1: (1.060, 0.0), 2: (1.045, -4.98), 3: (1.010, -12.72), 4: (1.019, -10.33), 9: (1.056, -14.94),
                 12: (1.055, -15.07), 14: (1.036, -16.04)}  # fmt: skip
    found = facts("matpower/case14.m")
    by_bus = {bus.idx: bus for bus in found.buses}
    for bus, (v_pu, angle_deg) in published.items():
        assert by_bus[bus].v_pu == pytest.approx(v_pu, abs=1.5e-3)
        assert math.degrees(by_bus[bus].angle_rad) == pytest.approx(angle_deg, abs=0.06)
    assert sum(load.p_mw for load in found.loads) == pytest.approx(259.0)
    assert sum(load.q_mvar for load in found.loads) == pytest.approx(73.5)
    # Generation 272.39 MW: 13.39 MW of losses.
    assert sum(generator.p_mw for generator in found.generators) == pytest.approx(272.39, abs=0.02)
    assert (found.base_mva, found.dynamic, found.problem) == (100.0, False, None)


def test_ieee14_with_dynamics() -> None:
    found = facts("ieee14/ieee14_full.xlsx")
    assert (len(found.buses), len(found.loads), len(found.lines), found.dynamic) == (14, 11, 20, True)
    (load,) = [load for load in found.loads if load.bus == 4]
    assert (load.idx, load.p_mw, load.q_mvar, load.online) == ("PQ_3", pytest.approx(47.8), pytest.approx(10.0), True)
    assert [(g.idx, g.model, g.bus) for g in found.generators][:2] == [
        ("GENROU_1", "GENROU", 1),
        ("GENROU_2", "GENROU", 2),
    ]
    assert all(g.model == "GENROU" for g in found.generators)
    assert found.frequency_hz == 60.0
    # Generation covers load: the losses are a few per cent of it.
    losses_mw = sum(g.p_mw for g in found.generators) - sum(one.p_mw for one in found.loads)
    assert 0 < losses_mw < 0.05 * 223.7


def test_events_are_listed() -> None:
    (fault,) = facts("ieee14/ieee14_fault.xlsx").events
    assert (fault.model, fault.time_s, fault.text) == ("Fault", 1.0, "short circuit at bus 9, cleared at 1.1 s")
    trip, *_ = facts("ieee14/ieee14_linetrip.xlsx").events
    assert (trip.model, trip.time_s, trip.text) == ("Toggle", 1.0, "Line Line_1 is switched on or off")


@pytest.mark.parametrize(
    ("case", "extra", "sentence"),
    [
        ("nordic44/N44_BC.raw", ("nordic44/N44_BC.dyr",), "the power flow of nordic44/N44_BC.raw does not converge"),
        ("ieee14/ieee14_esdc1a.xlsx", (), "cannot be initialised: TypeError"),
        ("ieee14/ieee14_ieeevc2.xlsx", (), "do not start in equilibrium"),
        ("ieee14/ieee14_dyn_only.xlsx", (), "ANDES cannot set up"),
        ("ieee14/plbvf.xlsx", (), "contains no power flow element"),
        ("wscc9/wscc9_3wxfr.raw", (), "a solution without meaning (bus 5 at -0.000 pu)"),
        ("ieee14/ieee14_timeseries.xlsx", (), "takes time series from a further file"),
    ],
)
def test_unusable_cases_are_a_sentence(case: str, extra: tuple[str, ...], sentence: str) -> None:
    found = facts(case, *extra)
    problem = found.problem or found.dynamics_problem
    assert problem is not None
    assert sentence in problem
    assert "\n" not in problem
    assert str(cases_folder()) not in problem


@pytest.mark.slow
def test_no_case_that_andes_ships_breaks_the_probe() -> None:
    cases = cases_folder()
    assert cases is not None
    unusable = set()
    for path in sorted(cases.rglob("*")):
        if path.suffix in (".xlsx", ".json", ".m", ".raw"):
            name = path.relative_to(cases).as_posix()
            found = facts(name)
            if found.problem or found.dynamics_problem:
                unusable.add(name)
            else:
                assert found.buses
                assert all(0.5 < bus.v_pu < 1.5 for bus in found.buses)
    assert unusable == {
        "ei/EI_33.xlsx",
        "ieee14/ieee14_dyn_only.xlsx",
        "ieee14/ieee14_esdc1a.xlsx",
        "ieee14/ieee14_ieeevc2.xlsx",
        "ieee14/ieee14_plbvfu1.xlsx",
        "ieee14/ieee14_timeseries.xlsx",
        "ieee14/ieee14_zip.json",
        "ieee14/plbvf.xlsx",
        "ieee14/pqts.xlsx",
        "kundur/kundur_islands.json",
        "kundur/kundur_islands.xlsx",
        "nordic44/N44_BC.raw",
        "wscc9/wscc9_3wxfr.raw",
    }
