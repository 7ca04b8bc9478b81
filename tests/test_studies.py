"""Includes, settings, tables, events, sweeps: checked, in the plan, refused by `compile` where they do not run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tdscen import profiles
from tdscen.compiler import Checked, check_file, compile_file
from tdscen.plan import Axis, Event, ExternalFederate, Host, KeptEvent, Plan, Refine, Sweep, Target

SMALL = Path(__file__).parent / "corpus" / "invalid" / "models" / "small.dss"

STUDY = """
scenario "a study"
transmission ieee14 {
  case = "ieee14/ieee14_full.xlsx"
}
distribution feeder {
  model = "small.dss"
}
interface bus4 {
  transmission = ieee14.bus[4]
  distribution = feeder
  scale        = 10
}
simulation {
  step = 1 s
  stop = 5 s
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(SMALL, tmp_path / "small.dss")
    return tmp_path


def checked(folder: Path, text: str, *settings: str) -> Checked:
    (folder / "study.tds").write_text(text, encoding="utf-8")
    return check_file(folder / "study.tds", settings)


def plan(folder: Path, text: str, *settings: str) -> Plan:
    found = checked(folder, text, *settings)
    assert [d.message for d in found.diagnostics if d.severity == "error"] == []
    assert found.plan is not None
    return found.plan


def problems(folder: Path, text: str, *settings: str) -> list[tuple[str, str, int, int]]:
    found = checked(folder, text, *settings)
    places = ((found.sources[d.span.file], d) for d in found.diagnostics)
    return [(d.code, Path(source.name).name, *source.position(d.span.start)) for source, d in places]


def refused(folder: Path, text: str) -> list[str]:
    (folder / "study.tds").write_text(text, encoding="utf-8")
    done = compile_file(folder / "study.tds")
    return [d.message for d in done.checked.diagnostics if d.code == "TDS501" and not done.artifacts]


def test_shared_definitions_are_included_relative_to_their_file(folder: Path) -> None:
    (folder / "shared").mkdir()
    shutil.move(folder / "small.dss", folder / "shared" / "small.dss")
    (folder / "shared" / "more").mkdir()
    feeder = 'distribution feeder {\n  model = "small.dss"\n}\n'
    (folder / "shared" / "feeders.tds").write_text(f'include "more/profiles.tds"\n{feeder}')
    (folder / "shared" / "more" / "profiles.tds").write_text('profile day = csv("day.csv")\n')
    (folder / "shared" / "more" / "day.csv").write_text("time_s,load\n0,1\n10,2\n")
    text = STUDY.replace('distribution feeder {\n  model = "small.dss"\n}', 'include "shared/feeders.tds"')
    text = text.replace("scale        = 10", "scale = 10\n  load = day")
    (interface,) = plan(folder, text).interfaces
    assert interface.profile == profiles.Table((0.0, 10.0), (1.0, 2.0), "linear", "day.csv")


def test_a_mistake_in_an_included_file_is_shown_there(folder: Path) -> None:
    (folder / "other.tds").write_text("# one\nprofile p = constant(1 s)\n")
    assert problems(folder, 'include "other.tds"\n' + STUDY) == [("TDS308", "other.tds", 2, 22)]


def test_a_circle_of_includes_shows_the_chain(folder: Path) -> None:
    (folder / "a.tds").write_text('include "b.tds"\n')
    (folder / "b.tds").write_text('include "a.tds"\n')
    found = checked(folder, 'include "a.tds"\n' + STUDY)
    (problem,) = [d for d in found.diagnostics if d.severity == "error"]
    assert problem.code == "TDS108"
    assert "study.tds -> a.tds -> b.tds -> a.tds" in problem.message


def test_what_is_included_twice_is_read_once(folder: Path) -> None:
    (folder / "p.tds").write_text("profile p = constant(0.9)\n")
    (folder / "q.tds").write_text('include "p.tds"\nprofile q = p * 2\n')
    text = 'include "p.tds"\ninclude "q.tds"\n' + STUDY.replace("scale        = 10", "scale = 10\n  load = p * q")
    assert plan(folder, text).interfaces[0].profile == profiles.Constant(0.9 * 1.8)


def test_settings_replace_parameters(folder: Path) -> None:
    text = "parameter k = 10\nparameter b = 4\n" + STUDY.replace("= 10", "= k * 2").replace("bus[4]", "bus[b]")
    assert plan(folder, text).interfaces[0].scale.p_factor == 20
    changed = plan(folder, text, "k=0.5 + 1", "b = 5")
    assert (changed.interfaces[0].scale.p_factor, changed.interfaces[0].bus) == (3.0, 5)
    assert changed.parameters == (("k", "0.5 + 1"), ("b", "5"))


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("x=1", ("TDS210", "--set", 1, 1)),
        ("k", ("TDS210", "--set", 1, 1)),
        ("k=1 +", ("TDS101", "--set", 1, 3)),
        ("k=2 parsec", ("TDS307", "--set", 1, 5)),
    ],
)
def test_a_setting_that_does_not_fit(folder: Path, setting: str, expected: tuple[str, str, int, int]) -> None:
    text = "parameter k = 10\n" + STUDY.replace("= 10", "= k")
    assert problems(folder, text, setting) == [expected]


def test_interfaces_over_a_list_and_over_every_load(folder: Path) -> None:
    listed = plan(folder, STUDY.replace("ieee14.bus[4]", "[ieee14.bus[3], ieee14.bus[4]]"))
    assert [(i.name, i.bus, i.load) for i in listed.interfaces] == [("bus4[3]", 3, "PQ_2"), ("bus4[4]", 4, "PQ_3")]
    assert listed.feeder_federates[0].interfaces == ("bus4[3]", "bus4[4]")
    every = plan(folder, STUDY.replace("ieee14.bus[4]", "ieee14.bus[*]").replace("= 10", "= 0.5"))
    assert [i.bus for i in every.interfaces] == [2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14]


TABLE = (
    STUDY[: STUDY.index("interface")]
    + 'interface each {\n  from = "table.csv"\n  distribution = feeder\n  load = p\n}\n'
)
TABLE += STUDY[STUDY.index("simulation") :]


def test_interfaces_from_a_table(folder: Path) -> None:
    (folder / "table.csv").write_text(
        "bus,scale,load\n4,10,\n5, match_load ,constant(0.9)\n# a remark\n9,2 * 1.5,p / 2\n"
    )
    found = plan(folder, "profile p = constant(0.8)\n" + TABLE)
    assert [(i.name, i.bus) for i in found.interfaces] == [("each[4]", 4), ("each[5]", 5), ("each[9]", 9)]
    assert [i.profile for i in found.interfaces] == [profiles.Constant(v) for v in (0.8, 0.9, 0.4)]
    assert [i.scale.rule for i in found.interfaces] == ["10", "match_load", "3"]


def test_mistakes_in_a_table_are_shown_in_the_table(folder: Path) -> None:
    (folder / "table.csv").write_text("bus,scale\n4,10\n40,10\n5,ten\n")
    found = problems(folder, "profile p = constant(0.8)\n" + TABLE)
    assert found == [
        ("TDS204", "table.csv", 3, 1),
        ("TDS309", "table.csv", 4, 3),
    ]


def test_workers_share_the_feeders_evenly(folder: Path) -> None:
    text = STUDY.replace("ieee14.bus[4]", "[ieee14.bus[3], ieee14.bus[4], ieee14.bus[5]]").replace("= 10", "= 1")
    found = plan(folder, text + "federation {\n  workers = 2\n}\n")
    assert [f.interfaces for f in found.feeder_federates] == [("bus4[3]", "bus4[5]"), ("bus4[4]",)]


EVENTS = """
event dip {
  at          = 1 s
  fault       = ieee14.bus[5]
  clear_after = 80 ms
  reactance   = 0.3 pu
}
event opening {
  at   = 2 s
  open = feeder.line["feeder"]
}
event rise {
  at  = 3 s
  set = feeder.load["town"].kW
  to  = 3.5 MW
}
"""


def test_events_and_their_times_are_in_the_plan(folder: Path) -> None:
    found = plan(folder, STUDY + EVENTS)
    assert found.simulation.instants_s == (1.0, 1.08, 2.0, 3.0)
    assert found.times_s == pytest.approx((0, 1, 1.0001, 1.08, 1.0801, 2, 2.0001, 3, 3.0001, 4, 5), abs=1e-12)
    dip, opening, rise = found.events
    assert dip == Event("dip", 1.0, "fault", Target("ieee14", "bus", 5), 0.08, None, 0.3)
    assert opening == Event("opening", 2.0, "open", Target("feeder", "line", "feeder"))
    assert rise == Event("rise", 3.0, "set", Target("feeder", "load", "town", "kW"), value=3.5, unit="MW")


REFINED = "stop = 5 s\n  refine {\n    step = 5 ms\n    for = 20 ms\n  }"


def test_refinement_is_counted_from_each_event(folder: Path) -> None:
    found = plan(folder, STUDY.replace("stop = 5 s", REFINED) + EVENTS)
    assert found.simulation.refine == Refine(0.005, "events", 0.02)
    behind = [round(t - 2.0, 9) for t in found.times_s if 2.0 <= t < 3.0]
    assert behind == [0.0, 0.0001, 0.005, 0.01, 0.015, 0.02]
    assert [round(t - 1.0, 9) for t in found.times_s if 1.0 <= t < 1.08] == [0.0, 0.0001, 0.005, 0.01, 0.015, 0.02]


def test_names_and_defaults_of_events_are_filled_in(folder: Path) -> None:
    text = """
event bolted {
  at    = 1.1 s
  fault = ieee14.bus["BUS5"]
  clear_after = 100 ms
}
event rise {
  at  = 1.2 s
  set = feeder.load["TOWN"].kw
  to  = 300 kW
}
event setpoint {
  at  = 2 s
  set = ieee14.generator["genrou_2"].P_REF
  to  = 45 MW
}
"""
    found = plan(folder, STUDY + text)
    bolted, rise, setpoint = found.events
    assert (bolted.target.key, bolted.resistance_pu, bolted.reactance_pu) == (5, None, 1e-4)
    assert (rise.target, rise.value, rise.unit) == (Target("feeder", "load", "town", "kW"), 0.3, "MW")
    assert setpoint.target == Target("ieee14", "generator", "GENROU_2", "p_ref")
    # 1.1 + 0.1 is not 1.2 to the last bit: the load rises exactly when the fault is cleared
    assert rise.at_s == 1.1 + 0.1 != 1.2
    assert found.simulation.instants_s == (1.1, 1.1 + 0.1, 2.0)


def test_events_of_the_case_are_kept_when_asked(folder: Path) -> None:
    text = STUDY.replace("ieee14_full", "ieee14_linetrip")
    assert plan(folder, text).simulation.instants_s == ()
    kept = plan(folder, text.replace('.xlsx"\n', '.xlsx"\n  disable_events = false\n') + EVENTS)
    assert kept.simulation.instants_s == (1.0, 1.08, 1.1, 2.0, 3.0)
    first = KeptEvent("Toggle Toggler_1", 1.0, "Line Line_1 is switched on or off")
    assert kept.kept_events[0] == first
    assert [event.at_s for event in kept.kept_events] == [1.0, 1.1]


def test_delta_at_a_bus_of_one_phase(folder: Path) -> None:
    text = STUDY + 'der roof {\n  kind = pv\n  at = feeder.bus["tail"]\n  rating = 9 kVA\n  connection = delta\n}\n'
    lateral = "New Line.lateral Bus1=end.1 Bus2=tail.1 Phases=1 Length=1 C1=0 C0=0\nSet VoltageBases"
    model = folder / "small.dss"
    model.write_text(model.read_text().replace("Set VoltageBases", lateral))
    assert [(code, line) for code, _, line, _ in problems(folder, text) if code != "TDS410"] == [("TDS315", 22)]


def test_resources_federates_and_hosts_are_in_the_plan(folder: Path) -> None:
    text = (
        STUDY
        + """
profile sun = ramp(from = 0, to = 1, start = 0 s, stop = 5 s)
der roof {
  kind    = pv
  at      = feeder.bus["end"]
  rating  = 500 kVA
  profile = sun
  control = volt_var
}
federate market {
  exec = "python market.py"
  env {
    PRICE = "40"
  }
}
federation {
  host lab {
    address = "lab.example"
    runs    = [feeder, market]
  }
}
"""
    )
    found = plan(folder, text)
    (roof,) = found.resources
    assert (roof.device, roof.rating_mva, roof.control) == ("pv", 0.5, "volt_var")
    assert roof.control_options == (("curve", "category_b"),)
    assert found.external_federates == (ExternalFederate("market", "python market.py", ".", (("PRICE", "40"),)),)
    assert found.federation.hosts == (Host("lab", "lab.example", ("feeder", "market")),)
    named = {message.split()[0] for message in refused(folder, text)}
    assert named == {"federate", "host"}


def test_iterative_coupling_is_in_the_plan_and_compiled(folder: Path) -> None:
    text = STUDY.replace("step = 1 s", "step = 20 ms\n  transmission_step = 20 ms")
    text = text.replace("stop = 5 s", "stop = 5 s\n  coupling = iterative(tolerance = 1e-8, max = 30)")
    simulation = plan(folder, text).simulation
    assert (simulation.coupling, simulation.tolerance_pu, simulation.max_exchanges) == ("iterative", 1e-8, 30)
    (folder / "study.tds").write_text(text)
    scripts = {a.path: a.content.decode() for a in compile_file(folder / "study.tds").artifacts if a.is_script}
    iterating = [
        path
        for path, script in scripts.items()
        if "system.attempt(time_s, federate.receive(), federate.answered_pu)" in script
    ]
    assert iterating == ["federates/ieee14.py"]


def test_part_of_a_load_is_in_the_plan(folder: Path) -> None:
    text = STUDY.replace("scale        = 10", "scale = 10\n  replace = 20 MW")
    (found,) = plan(folder, text).interfaces
    assert (found.replace_mw, found.replace_mvar) == (20.0, pytest.approx(20 / 47.8 * 10, rel=1e-8))
    assert (found.load_p_mw, found.load_q_mvar) == (47.8, 10.0)


def test_feeders_share_a_bus(folder: Path) -> None:
    """With parts of their own, evenly where they have factors; one that matches takes the rest."""
    (folder / "table.csv").write_text("bus,scale,replace\n4,10,20 MW\n4,match_load,\n9,5,\n9,6,\n9,,9.5 MW\n5,1,\n")
    found = plan(folder, "profile p = constant(0.8)\n" + TABLE.replace("replace", "rep"))
    assert [i.name for i in found.interfaces] == [
        "each[4]", "each[4]_2", "each[9]", "each[9]_2", "each[9]_3", "each[5]",
    ]  # fmt: skip
    parts = [i.replace_mw for i in found.interfaces]
    assert parts[:5] == [20.0, pytest.approx(27.8), 10.0, 10.0, 9.5]
    assert parts[5] is None
    for interface in found.interfaces[:5]:
        whole = interface.load_q_mvar / interface.load_p_mw
        assert interface.replace_mvar / interface.replace_mw == pytest.approx(whole, rel=1e-8)
    assert found.interfaces[1].scale.rule == "match_load"


def test_a_sweep_is_in_the_plan_and_its_own_values_are_compiled(folder: Path) -> None:
    text = "parameter b = 4\nparameter k = 10\n" + STUDY.replace("bus[4]", "bus[b]").replace("= 10\n}", "= k\n}")
    text += "sweep all {\n  b = [3, 4, 5]\n  k = [5, 10]\n}\n"
    text += "sweep spread {\n  k       = 5 .. 10\n  combine = latin_hypercube(n = 8, seed = 1)\n}\n"
    found = plan(folder, text)
    assert found.sweeps == (
        Sweep("all", (Axis("b", ("3", "4", "5")), Axis("k", ("5", "10"))), "grid"),
        Sweep("spread", (Axis("k", (), 5.0, 10.0, ""),), "latin_hypercube", 8, 1),
    )
    (folder / "study.tds").write_text(text)
    done = compile_file(folder / "study.tds")
    assert done.artifacts
    assert not done.checked.diagnostics


@pytest.mark.parametrize(
    ("rule", "code"), [("match_load(q = separate)", "separate"), ("match_load(q = shunt)", "shunt")]
)
def test_reactive_power_by_a_factor_of_its_own_or_a_shunt(folder: Path, rule: str, code: str) -> None:
    (interface,) = plan(folder, STUDY.replace("= 10", f"= {rule}")).interfaces
    scale = interface.scale
    assert scale.rule == rule
    assert (scale.shunt_mvar != 0.0) == (code == "shunt")
    assert (scale.q_factor != scale.p_factor) == (code == "separate")
