"""Facts of feeders against the published solutions of the IEEE test feeders, and models that cannot be used."""

import math
from pathlib import Path

import pytest
from model_files import IEEE34, SHARED_FEEDERS

from tdscen.facts import DistributionFacts, FeederHead, FeederSource
from tdscen.simulators import simulator
from tdscen.simulators.opendss.files import locate
from tdscen.simulators.opendss.probe import probe

shared = pytest.mark.skipif(not SHARED_FEEDERS.is_dir(), reason="the shared feeders are not there")


OVERLOADED = """Clear
New Circuit.x basekv=12.47 bus1=a
New Line.l bus1=a bus2=b length=2 units=km
New Load.l bus1=b kv=12.47 kw=500000 pf=0.95 vminpu=0.01
"""


def facts(master: Path) -> DistributionFacts:
    return probe(locate(master.name, master.parent))


def of_text(folder: Path, text: str) -> DistributionFacts:
    (folder / "feeder.dss").write_text(text)
    return facts(folder / "feeder.dss")


@pytest.fixture(scope="module")
def ieee34() -> DistributionFacts:
    return facts(IEEE34)


def test_ieee34_against_the_published_document(ieee34: DistributionFacts) -> None:
    """IEEE PES, 34 node test feeder: spot and distributed loads 1769 kW, 1044 kvar; input 2042.872 kW, 290.258 kvar;
    losses 273.049 kW; regulators with 24.9 kV, capacitors of 300 and 450 kvar; lowest voltage at node 890."""
    assert (ieee34.loads_p_kw, ieee34.loads_q_kvar) == (pytest.approx(1769), pytest.approx(1044))
    assert ieee34.head_p_kw == pytest.approx(2042.872, abs=5)  # taps settle one step apart, see the feeder file
    assert ieee34.head_q_kvar == pytest.approx(290.258, abs=5)
    assert ieee34.losses_p_kw == pytest.approx(273.049, abs=1)
    assert (ieee34.v_min_bus, ieee34.v_min_pu) == ("890", pytest.approx(0.9167, abs=1e-3))
    assert (ieee34.v_max_bus, ieee34.v_max_pu) == ("800", pytest.approx(1.05, abs=1e-6))
    assert {c.bus: c.kvar for c in ieee34.capacitors} == {"844": 300, "848": 450}
    assert ieee34.source == FeederSource("source", "800", 24.9, 1.05, 0.0, 3)
    assert ieee34.head == FeederHead(None, None, pytest.approx(1.05, abs=1e-6))
    kv = {bus.name: bus.kv for bus in ieee34.buses}
    assert (kv["800"], kv["890"], kv["888"]) == (24.9, 4.16, 4.16)
    assert {bus.name: bus.phases for bus in ieee34.buses}["810"] == (2,)
    assert [r.delay_s for r in ieee34.regulators] == [15.0] * 3 + [30.0] * 3
    assert (ieee34.frequency_hz, ieee34.problem, ieee34.warnings) == (60.0, None, ())


@shared
@pytest.mark.parametrize(
    ("name", "p_kw", "q_kvar", "head"),
    [
        # IEEE PES: total input of the 13, 37 and 123 node feeders with the regulators at their published taps.
        ("ieee13/IEEE13Nodeckt.dss", 3577.191, 1724.720, ("sub", 115.0)),
        ("ieee123/IEEE123Master.dss", 3620.473, 1324.319, ("reg1a", 4.16)),
    ],
)
def test_total_input_of_other_feeders(name: str, p_kw: float, q_kvar: float, head: tuple[str, float]) -> None:
    found = facts(SHARED_FEEDERS / name)
    assert found.head_p_kw == pytest.approx(p_kw, rel=5e-3)
    assert found.head_q_kvar == pytest.approx(q_kvar, rel=1e-2)
    assert found.head is not None
    assert (found.head.transformer, found.head.rated_kv) == head
    assert found.head.v_pu == pytest.approx(1.02, abs=0.03)


@shared
def test_a_source_angle_of_the_model_is_kept_in_the_facts() -> None:
    source = facts(SHARED_FEEDERS / "ieee13" / "IEEE13Nodeckt.dss").source
    assert source == FeederSource("source", "sourcebus", 115.0, 1.0001, 30.0, 3)


def test_a_bank_of_single_phase_transformers_is_rated_line_to_line(tmp_path: Path) -> None:
    bank = "".join(
        f"New Transformer.t{p} phases=1 windings=2 buses=(a.{p} b.{p}) kvs=(7.2 2.4) kvas=(500 500) xhl=1\n"
        for p in (1, 2, 3)
    )
    found = of_text(
        tmp_path,
        "Clear\nNew Circuit.x basekv=12.47 bus1=a\n" + bank + "New Load.l bus1=b kv=4.16 kw=300\n"
        "Set voltagebases=[12.47 4.16]\nCalcVoltageBases\n",
    )
    assert found.head is not None
    assert (found.head.transformer, found.head.rated_kv) == ("t1", pytest.approx(12.47, abs=1e-3))
    assert found.head.v_pu == pytest.approx(1.0, abs=0.01)
    assert found.v_min_pu < found.head.v_pu * 4.157 / 4.16 * 1.001


def test_nodes_that_nothing_feeds_are_left_out_and_said(tmp_path: Path) -> None:
    found = of_text(
        tmp_path,
        "Clear\nNew Circuit.x basekv=12.47 bus1=a\nNew Line.l bus1=a bus2=b\nNew Load.l bus1=b kv=12.47 kw=300\n"
        "New Line.open bus1=b bus2=c switch=yes\nOpen Line.open 1\nOpen Line.open 2\n"
        "Set voltagebases=[12.47]\nCalcVoltageBases\n",
    )
    assert found.problem is None
    assert 0.9 < found.v_min_pu < found.v_max_pu
    assert found.warnings == ("3 nodes are not connected to the source: c.1, c.2, c.3",)
    assert [line.is_switch for line in found.lines] == [False, True]


def test_a_feeder_without_voltage_bases(tmp_path: Path) -> None:
    found = of_text(
        tmp_path,
        "Clear\nNew Circuit.x basekv=12.47 bus1=a\nNew Line.l bus1=a bus2=b\nNew Load.l bus1=b kv=12.47 kw=9\n",
    )
    assert found.head is not None
    assert found.head.v_pu == pytest.approx(1.0, abs=1e-3)
    assert [bus.kv for bus in found.buses] == [0.0, 0.0]
    assert found.warnings[0].startswith("the feeder sets no voltage bases")
    expand, default = simulator("opendss").expand, simulator("opendss").default_observe
    assert default(found) == ()
    with pytest.raises(ValueError, match="sets no voltage bases"):
        expand("feeder", None, "v_min", found)
    with pytest.raises(ValueError, match="bus b has no voltage base"):
        expand("bus", "b", "v", found)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Clear\nNew Circuit.x bus1=a\nNew Lnie.l bus1=a bus2=b\n", "(feeder.dss line 3)"),
        ("Clear\nNew Circuit.x bus1=a\nNew Line.l bus1=a bus2=b linecode=none\n", "(feeder.dss line 3)"),
        ("Clear\n", "defines no circuit"),
        (OVERLOADED, "does not converge at its own nominal settings"),
    ],
)
def test_unusable_models_are_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    found = of_text(tmp_path, text)
    assert found.problem is not None
    assert sentence in found.problem
    assert "\n" not in found.problem
    assert "/" not in found.problem
    assert (found.source, found.head, found.head_p_kw, found.v_min_pu) == (None, None, 0.0, 0.0)


def test_a_model_that_does_not_solve_still_says_what_it_has(tmp_path: Path) -> None:
    found = of_text(tmp_path, OVERLOADED)
    assert found.problem is not None
    assert [bus.name for bus in found.buses] == ["a", "b"]
    assert [(load.name, load.kw) for load in found.loads] == [("l", 500000.0)]
    assert of_text(tmp_path, "Clear\n").buses == ()


def test_references_become_observations(ieee34: DistributionFacts) -> None:
    expand = simulator("opendss").expand
    assert [o.column for o in expand("bus", 890, "v", ieee34)] == [f"bus[890]/v_{phase}_pu" for phase in "abc"]
    assert [o.column for o in expand("bus", "810", "v", ieee34)] == ["bus[810]/v_b_pu"]
    assert len(expand("bus", None, "v", ieee34)) == sum(len(bus.phases) for bus in ieee34.buses)
    assert [o.column for o in expand("load", "S890", "p", ieee34)] == ["load[s890]/p_kw"]
    for unknown in (("bus", "999"), ("regulator", "x"), ("feeder", "x")):
        with pytest.raises(KeyError):
            expand(*unknown, {"bus": "v", "regulator": "tap", "feeder": "losses"}[unknown[0]], ieee34)
    columns = [o.column for o in simulator("opendss").default_observe(ieee34)]
    assert columns[:2] == ["feeder/v_min_pu", "feeder/v_max_pu"]
    assert columns[2:] == [f"regulator[{r.name}]/tap" for r in ieee34.regulators] + [
        "capacitor[cap844]/state",
        "capacitor[cap848]/state",
    ]


def test_a_single_phase_source(tmp_path: Path) -> None:
    found = of_text(
        tmp_path,
        "Clear\nNew Circuit.x basekv=7.2 phases=1 bus1=a.1\nNew Line.l phases=1 bus1=a.1 bus2=b.1\n"
        "New Load.l phases=1 bus1=b.1 kv=7.2 kw=100\nSet voltagebases=[12.47]\nCalcVoltageBases\n",
    )
    assert found.source is not None
    assert found.head is not None
    assert found.source.kv == pytest.approx(7.2 * math.sqrt(3), abs=1e-6)
    assert found.head.v_pu == pytest.approx(1.0, abs=1e-3)
    assert found.warnings == ("the feeder's source has 1 phase, not three",)
