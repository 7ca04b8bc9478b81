"""What differs between two plans, line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from plans import demo_plan, with_interface, with_simulation

from tdscen import codec
from tdscen.compare import compare, render_text
from tdscen.plan import (
    Axis,
    Distribution,
    Event,
    ExternalFederate,
    Host,
    KeptEvent,
    ModelFile,
    Plan,
    Requirement,
    Resource,
    Sweep,
    Target,
)
from tdscen.profiles import Combine, Constant, Normal, Sinusoid, Table

PLAN = demo_plan()
FEEDER, INTERFACE, SYSTEM = PLAN.distributions[0], PLAN.interfaces[0], PLAN.transmission
VOLTAGE = Requirement("voltage", "voltage", 0.95, 1.05, "pu", "")
BALANCE = Requirement("balance", "balance", None, 1.0, "kW", "")
RECOVERY = Requirement("recovery", "recovery", None, 2.0, "s", "", level_pu=0.9)
FAULT = Event("short", 1.0, "fault", Target("ieee14", "bus", 4), clear_after_s=0.1, reactance_pu=1e-4)
RISE = Event("rise", 1.0, "set", Target("ieee34", "load", "s890", "kW"), value=0.3, unit="MW")
KEPT = KeptEvent("Toggle 1", 2.0, "Line 3 is switched on or off")
ROOF = Resource("roof", "pv", Target("ieee34", "bus", "848"), 0.5, Normal(1, 0.1, 1, 3), "unity")
SWEEP = Sweep("both", (Axis("deviation", ("1 %", "2 %")),), "grid")


def scaled(rule: str, p: float, q: float | None = None, **changes: Any) -> Plan:
    scale = replace(INTERFACE.scale, rule=rule, p_factor=p, q_factor=p if q is None else q)
    return with_interface(PLAN, scale=scale, **changes)


def with_feeder(plan: Plan, feeder: Distribution) -> Plan:
    return replace(plan, distributions=(feeder,))


MATCHED = scaled("match_load", 23.3)
OTHER_MODEL = replace(FEEDER, model=replace(FEEDER.model, sha256="f" * 64))
RENAMED_FEEDER = replace(FEEDER, name="north", model=replace(FEEDER.model, path="models/north/ieee34.dss"))
MANY = replace(PLAN, interfaces=tuple(replace(INTERFACE, name=f"each[{n}]", bus=n) for n in range(1, 8)))
ALL = " (follows from the case)"

CASES: dict[str, tuple[Plan, Plan, list[str]]] = {
    "title": (PLAN, replace(PLAN, title="B"), ['title: "IEEE 14 with IEEE 34 at bus 4" -> "B"']),
    "name of the file": (PLAN, replace(PLAN, name="b", source="b.tds", source_sha256="1"), ["same study"]),
    "bus": (
        MATCHED,
        scaled("match_load", 3.7, bus=5, load="PQ_4", load_p_mw=7.6, load_q_mvar=1.6),
        [
            "interface bus4: bus 4 -> 5",
            "interface bus4: load at its bus 47.8 MW -> 7.6 MW (follows from its bus)",
            "interface bus4: load at its bus 10 MVAr -> 1.6 MVAr (follows from its bus)",
            "scale of bus4: 23.3 -> 3.7 (follows from its bus)",
        ],
    ),
    "a written factor": (PLAN, scaled("24.26", 24.26), ["scale of bus4: 23.3 -> 24.26"]),
    "a rule": (
        PLAN,
        scaled("match_load(q = separate)", 23.3015, 24.9),
        [
            "scale rule of bus4: 23.3 -> match_load(q = separate)",
            "scale of bus4: 23.3 -> 23.3015 (follows from its scale rule)",
            "scale of Q of bus4: 23.3 -> 24.9 (follows from its scale rule)",
        ],
    ),
    "digits": (MATCHED, scaled("match_load", 23.3000001), ["scale of bus4: 23.3 -> 23.3000001"]),
    "model": (
        MATCHED,
        with_feeder(scaled("match_load", 23.4), OTHER_MODEL),
        [
            f"distribution ieee34: content of the model changed, sha256 {FEEDER.model.sha256[:12]} -> ffffffffffff",
            "scale of bus4: 23.3 -> 23.4 (follows from the model of ieee34)",
        ],
    ),
    "case": (
        MATCHED,
        replace(
            scaled("match_load", 30.0),
            transmission=replace(
                SYSTEM, case=ModelFile("a.xlsx", "bundled", "a"), base_mva=200.0, observe=SYSTEM.observe[:13]
            ),
        ),
        [
            "transmission ieee14: case ieee14/ieee14_full.xlsx -> a.xlsx",
            "transmission ieee14: origin of the case builtin -> bundled",
            f"transmission ieee14: base 100 MVA -> 200 MVA{ALL}",
            f"transmission ieee14: no longer records bus[14]/v_pu, generator[GENROU_1]/omega_pu{ALL}",
            "scale of bus4: 23.3 -> 30 (follows from the case)",
        ],
    ),
    "interface renamed": (
        PLAN,
        with_interface(
            replace(PLAN, feeder_federates=(replace(PLAN.feeder_federates[0], interfaces=("substation",)),)),
            name="substation",
            source_impedance="keep",
        ),
        ["interface bus4: renamed to substation", "interface substation: source impedance none -> keep"],
    ),
    "feeder renamed": (
        PLAN,
        with_feeder(
            with_interface(replace(PLAN, feeder_federates=PLAN.feeder_federates), distribution="north"), RENAMED_FEEDER
        ),
        ["distribution ieee34: renamed to north"],
    ),
    "controls and options": (
        PLAN,
        with_feeder(PLAN, replace(FEEDER, controls="frozen", options=(("tolerance", 1e-8),))),
        ["distribution ieee34: controls delayed -> frozen", "distribution ieee34: option tolerance default -> 1e-08"],
    ),
    "profile": (
        PLAN,
        with_interface(PLAN, profile=Normal(1.0, 0.05, 0.5, 982)),
        ["profile noise: std 2.5 % -> 5 %", "profile noise: every 1 s -> 500 ms", "profile noise: seed 981 -> 982"],
    ),
    "another constructor": (
        PLAN,
        with_interface(PLAN, profile=Constant(1.0)),
        ["profile noise: normal(mean = 1, std = 2.5 %, every = 1 s, seed = 981) -> constant(1)"],
    ),
    "another profile": (
        PLAN,
        with_interface(PLAN, profile_name="", profile=Sinusoid(0.1, 3600.0)),
        [
            "interface bus4: load normal(mean = 1, std = 2.5 %, every = 1 s, seed = 981) -> "
            "sinusoid(amplitude = 0.1, period = 1 h, phase = 0 deg, mean = 1)"
        ],
    ),
    "another name of the same profile": (PLAN, with_interface(PLAN, profile_name="gusts"), ["same study"]),
    "part of a profile": (
        with_interface(PLAN, profile=Combine("*", Normal(1, 0.1, 1, 3), Constant(1.0))),
        with_interface(PLAN, profile=Combine("*", Normal(1, 0.2, 1, 3), Constant(1.0))),
        ["profile noise: left operand, std 10 % -> 20 %"],
    ),
    "rows of a file": (
        with_interface(PLAN, profile=Table((0.0, 1.0), (1.0, 1.1), "linear", "load.csv")),
        with_interface(PLAN, profile=Table((0.0, 1.0), (1.0, 1.2), "linear", "load.csv")),
        ["profile noise: values changed in its file"],
    ),
    "interfaces come and go": (
        replace(MANY, interfaces=MANY.interfaces[:2]),
        replace(MANY, interfaces=MANY.interfaces[1:3]),
        [
            "interface each[1]: removed (was ieee34 at bus 1, scale 23.3, load noise)",
            "interface each[3]: added (ieee34 at bus 3, scale 23.3, load noise)",
        ],
    ),
    "many at once": (
        MANY,
        replace(MANY, interfaces=tuple(replace(i, source_impedance="keep") for i in MANY.interfaces)),
        ["interface each[1], each[2], each[3], each[4] and 3 more: source impedance none -> keep"],
    ),
    "simulation": (
        PLAN,
        with_simulation(PLAN, step_s=0.5, stop_s=86400.0, steps=172800, coupling="parallel"),
        ["simulation: step 1 s -> 500 ms", "simulation: stop 15 s -> 24 h", "simulation: coupling serial -> parallel"],
    ),
    "requirements": (
        replace(PLAN, requirements=(VOLTAGE, BALANCE)),
        replace(PLAN, requirements=(replace(VOLTAGE, minimum=0.9), replace(BALANCE, maximum=0.001, unit="MW"))),
        ["require voltage: 0.95 pu .. 1.05 pu -> 0.9 pu .. 1.05 pu"],
    ),
    "a recovery": (
        replace(PLAN, requirements=(RECOVERY,)),
        replace(PLAN, requirements=(replace(RECOVERY, level_pu=0.8, maximum=20.0),)),
        ["require recovery: level 0.9 pu -> 0.8 pu", "require recovery: < 2 s -> < 20 s"],
    ),
    "a recovery more": (
        PLAN,
        replace(PLAN, requirements=(RECOVERY,)),
        ["require recovery: added (above 0.9 pu within 2 s)"],
    ),
    "a requirement more": (PLAN, replace(PLAN, requirements=(BALANCE,)), ["require balance: added (< 1 kW)"]),
    "federation": (
        PLAN,
        replace(PLAN, federation=replace(PLAN.federation, port=23404, hosts=(Host("lab", "10.0.0.1", ("bus4",)),))),
        ["federation: port free -> 23404", "federation: host lab added (address 10.0.0.1, runs bus4)"],
    ),
    "events": (
        replace(PLAN, events=(FAULT,)),
        replace(PLAN, events=(replace(FAULT, at_s=2.0, target=Target("ieee14", "bus", 5)),)),
        ["event short: at 1 s -> 2 s", "event short: target ieee14.bus[4] -> ieee14.bus[5]"],
    ),
    "a new event": (
        PLAN,
        with_simulation(replace(PLAN, events=(FAULT, RISE)), instants_s=(1.0, 1.1)),
        [
            "event short: added (fault at bus 4 of ieee14 through j0.0001 pu, cleared after 100 ms, at 1 s)",
            "event rise: added (kW of load s890 of ieee34 is set to 300 kW, at 1 s)",
        ],
    ),
    "a value": (
        replace(PLAN, events=(RISE,)),
        replace(PLAN, events=(replace(RISE, value=1.2),)),
        ["event rise: to 300 kW -> 1.2 MW"],
    ),
    "an event of the case": (
        PLAN,
        replace(PLAN, kept_events=(KEPT,), transmission=replace(SYSTEM, disable_events=False)),
        [
            "transmission ieee14: disable events true -> false",
            "event of the case Toggle 1: added (Line 3 is switched on or off, at 2 s)"
            " (follows from the disable events)",
        ],
    ),
    "resources": (
        replace(PLAN, resources=(ROOF,)),
        replace(PLAN, resources=(replace(ROOF, rating_mva=1.0, profile=Normal(1, 0.2, 1, 3)),)),
        ["der roof: rating 0.5 MVA -> 1 MVA", "der roof: profile std 10 % -> 20 %"],
    ),
    "sweeps": (
        replace(PLAN, sweeps=(SWEEP,)),
        replace(PLAN, sweeps=(replace(SWEEP, axes=(Axis("deviation", ("1%", "3 %")),)),)),
        ["sweep both: deviation values 1 %, 2 % -> 1%, 3 %"],
    ),
    "a federate more": (
        PLAN,
        replace(PLAN, external_federates=(ExternalFederate("market", "python market.py", "."),)),
        ["federate market: added (command python market.py, directory .)"],
    ),
    "parameters as written": (
        replace(PLAN, parameters=(("a", "80ms"), ("b", "normal(mean=1, # one\n std=2.5%,\n)"), ("c", "1 %"))),
        replace(PLAN, parameters=(("a", "0.08 s"), ("b", "normal(mean = 1, std = 2.5 %)"), ("d", "1 %"))),
        ["parameter c: removed (was 1 %)", "parameter d: added (1 %)"],
    ),
}


@pytest.mark.parametrize(("old", "new", "lines"), CASES.values(), ids=CASES.keys())
def test_the_lines_of_a_change(old: Plan, new: Plan, lines: list[str]) -> None:
    assert render_text(compare(old, new)).split("\n") == lines
    assert compare(old, old) == compare(new, new) == ()


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from leaves(item, (*path, key))
    if not isinstance(value, (dict, list)):
        yield path


def other(value: Any) -> Any:
    """Another value of the same type."""
    match value:
        case bool():
            return not value
        case str():
            return f"{value}x"
        case int() | float():
            return value + 1
    return value


def test_every_field_of_a_plan_counts_but_those_that_mean_nothing_by_themselves() -> None:
    """Also a field that the plan is given tomorrow: what is not compared stands here by name."""
    plan = codec.encode(
        replace(PLAN, parameters=(("a", "1 s"),), requirements=(VOLTAGE,), events=(FAULT,), resources=(ROOF,))
    )
    silent = set()
    for path in leaves(plan):
        changed = json.loads(json.dumps(plan))
        *above, last = path
        place = changed
        for step in above:
            place = place[step]
        place[last] = other(place[last])
        if place[last] is None or last == "kind":  # no other value of the type; another profile
            continue
        try:
            new = codec.decode(Plan, changed)
        except ValueError:  # one of a few words
            continue
        if not compare(codec.decode(Plan, plan), new):
            silent.add(".".join(step for step in path if isinstance(step, str)))
    assert silent == {
        "format",
        "name",
        "source",
        "source_sha256",
        "simulation.steps",
        "interfaces.load",
        "interfaces.profile_name",
        "interfaces.scale.derivation",
        "events.unit",  # of a fault, which has no value
    }
