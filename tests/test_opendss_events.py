"""What happens in a feeder: against OpenDSS itself, driven by its own text commands."""

from __future__ import annotations

import cmath
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dss import DSS, IDSS
from model_files import IEEE34, SHARED_FEEDERS, feeder

from tdscen.plan import Event, Observation, Target
from tdscen.simulators import SimulationError
from tdscen.simulators.opendss.events import SETTERS
from tdscen.simulators.opendss.runtime import OpenDssFeeder
from tdscen.simulators.opendss.spec import OPENDSS

FED_PU = cmath.rect(1.0126, -0.0773)
SHARED = pytest.mark.skipif(not SHARED_FEEDERS.is_dir(), reason="the shared feeders are not there")
EXTREMES = (Observation("feeder", None, "v_min", ""), Observation("feeder", None, "v_max", ""))

SMALL = """Clear
New Circuit.small basekv=12.47 pu=1.0 phases=3 bus1=head
New Line.feeder bus1=head bus2=end phases=3 r1=0.1 x1=0.2 r0=0.3 x0=0.6 c1=10 c0=5 length=1
New Line.tie bus1=head bus2=end phases=3 r1=0.2 x1=0.4 r0=0.6 x0=1.2 c1=0 c0=0 length=1 switch=no enabled=no
New Line.branch bus1=end bus2=far phases=3 r1=0.1 x1=0.2 r0=0.3 x0=0.6 c1=10 c0=5 length=2
New Load.town bus1=end phases=3 kv=12.47 kw=3000 kvar=1000 model=1 vminpu=0.8
New Load.village bus1=far phases=3 kv=12.47 kw=200 kvar=50 model=5 vminpu=0.8
New Generator.mill bus1=end kv=12.47 kw=300 pf=1 model=1
New Capacitor.bank bus1=end kv=12.47 kvar=600 numsteps=3 states=(1 1 0)
Set voltagebases=[12.47]
CalcVoltageBases
"""


def event(
    action: Any, device: str, key: str, quantity: str | None = None, value: float | None = None, at: float = 1.0
) -> Event:
    return Event(f"{action}_{key}", at, action, Target("it", device, key, quantity), value=value)


def opened(master: Path, *events: Event, **settings: Any) -> OpenDssFeeder:
    model, folder = feeder(master)
    return OpenDssFeeder(model, folder, **{"controls": "frozen", "events": events, **settings})


@pytest.fixture
def small(tmp_path: Path) -> Path:
    master = tmp_path / "small.dss"
    master.write_text(SMALL)
    return master


def run(adapter: OpenDssFeeder, until_s: int = 2, voltage_pu: complex = FED_PU) -> list[complex]:
    """Power at the head in kW + j kvar at t = 0, 1, 2, ... s."""
    powers = [adapter.settle(voltage_pu, 1.0)]
    adapter.start_clock()
    for time_s in range(1, until_s + 1):
        adapter.begin(float(time_s))
        powers.append(adapter.solve(voltage_pu, 1.0))
        adapter.observed()
        adapter.act(float(time_s))
    return powers


def told(master: Path, *commands: str) -> IDSS:
    """OpenDSS at the same source voltage after text commands, its controls off."""
    dss = DSS.NewContext()
    dss.AllowForms = dss.AllowEditor = dss.AllowChangeDir = False
    for command in (
        *("clear", "set DefaultBaseFrequency=60", f'redirect "{master}"'),
        "set mode=snapshot controlmode=static tolerance=1e-10 maxiterations=100 maxcontroliter=100",
        "solve",
        f"edit Vsource.source pu={abs(FED_PU):.17g} angle={math.degrees(cmath.phase(FED_PU)):.17g}",
        *("solve", "set controlmode=off"),
        *commands,
        "solve",
    ):
        dss.Text.Command = command
    assert dss.ActiveCircuit.Solution.Converged
    return dss


def head_kva(dss: IDSS) -> complex:
    return -complex(*dss.ActiveCircuit.TotalPower)


def current_a(dss: IDSS, element: str) -> float:
    dss.ActiveCircuit.SetActiveElement(element)
    return float(np.abs(np.asarray(dss.ActiveCircuit.ActiveCktElement.Currents).view(complex)).max())


SAME_EVENTS = [
    (event("open", "line", "branch"), ("open Line.branch term=1", "open Line.branch term=2")),
    (event("open", "line", "FEEDER"), ("open Line.feeder term=1", "open Line.feeder term=2")),
    (event("close", "line", "tie"), ("edit Line.tie enabled=yes",)),
    (event("trip", "generator", "mill"), ("edit Generator.mill enabled=no",)),
    (event("set", "load", "town", "kW", 2.5), ("edit Load.town kw=2500",)),
    (event("set", "load", "town", "kvar", 0.2), ("edit Load.town kvar=200",)),
    (event("set", "capacitor", "bank", "state", 0.0), ("edit Capacitor.bank states=(0 0 0)",)),
    (event("set", "capacitor", "bank", "state", 3.0), ("edit Capacitor.bank states=(1 1 1)",)),
    (event("set", "capacitor", "bank", "kvar", 0.9), ("edit Capacitor.bank kvar=(300 300 300)",)),
]


@pytest.mark.parametrize(("happening", "commands"), SAME_EVENTS, ids=lambda x: getattr(x, "name", ""))
def test_an_event_does_what_the_text_command_does(small: Path, happening: Event, commands: tuple[str, ...]) -> None:
    before, at, after = run(opened(small, happening, source_impedance="keep"))
    expected, calm = head_kva(told(small, *commands)), head_kva(told(small))
    assert abs(expected - calm) > 1  # it matters
    assert at == pytest.approx(before, rel=1e-9)  # the values of its own time are those before it
    assert at == pytest.approx(calm, rel=1e-9)
    assert after == pytest.approx(expected, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize(
    ("happening", "command"),
    [
        (event("set", "regulator", "reg814a", "tap", -3.0), "edit RegControl.reg814a tapnum=-3"),
        (event("set", "load", "S890", "kW", 0.3), "edit Load.s890 kw=300"),
    ],
)
def test_events_in_the_ieee34_feeder(happening: Event, command: str) -> None:
    *_, after = run(opened(IEEE34, happening, source_impedance="keep"))
    assert after == pytest.approx(head_kva(told(IEEE34, command)), rel=1e-9)


@pytest.mark.parametrize(
    ("quantity", "value", "text"),
    [("vreg", 0.118, "vreg=118"), ("band", 0.0005, "band=0.5"), ("band", 0.004, "band=4")],
)
def test_a_regulator_s_settings_act_through_its_control(quantity: str, value: float, text: str) -> None:
    taps = [Observation("regulator", f"reg814{phase}", "tap", "") for phase in "abc"]
    happening = event("set", "regulator", "reg814a", quantity, value, at=0.0)
    adapter = opened(IEEE34, happening, source_impedance="keep", controls="instant", observe=taps)
    run(adapter, 1)
    dss = told(IEEE34, "set controlmode=static", f"edit RegControl.reg814a {text}")
    expected = []
    for name in ("reg814a", "reg814b", "reg814c"):
        dss.ActiveCircuit.RegControls.Name = name
        expected.append(dss.ActiveCircuit.RegControls.TapNumber)
    assert adapter.observed().tolist() == expected


def test_an_event_at_the_start_is_behind_the_equilibrium(small: Path) -> None:
    start, first, _ = run(opened(small, event("open", "line", "branch", at=0.0), source_impedance="keep"))
    assert start == pytest.approx(head_kva(told(small)), rel=1e-9)
    assert first == pytest.approx(head_kva(told(small, *SAME_EVENTS[0][1])), rel=1e-9)


def test_an_opened_line_carries_nothing_and_what_is_behind_it_is_dead(small: Path) -> None:
    adapter = opened(small, event("open", "line", "branch"), observe=EXTREMES)
    run(adapter)
    assert current_a(adapter._engine, "Line.branch") < 1e-7
    assert current_a(adapter._engine, "Load.village") < 1e-9
    v_min, v_max = adapter.observed()
    assert 0.95 < v_min < v_max < 1.05  # of what is fed
    assert adapter.notes == ("load village of small lost supply at t = 1 s",)


def test_supply_comes_back(small: Path) -> None:
    again = event("close", "line", "branch", at=2.0)
    adapter = opened(small, event("open", "line", "branch"), again, observe=EXTREMES)
    powers = run(adapter, 3)
    assert powers[3] == pytest.approx(powers[0], rel=1e-9)
    assert adapter.notes[1:] == ("load village of small got supply back at t = 2 s",)


def test_a_feeder_without_its_first_line_takes_nothing(small: Path) -> None:
    adapter = opened(small, event("open", "line", "feeder"), observe=EXTREMES)
    assert abs(run(adapter)[2]) < 1e-3
    assert adapter.observed() == pytest.approx([abs(FED_PU)] * 2, abs=1e-6)  # the source bus alone
    assert adapter.notes == ("2 loads (town, village) of small lost supply at t = 1 s",)


@pytest.mark.parametrize("controls", ["delayed", "instant"])
def test_a_regulator_without_voltage_does_not_move(controls: str) -> None:
    """OpenDSS alone takes 0 V for a reason to go to the highest tap."""
    taps = [Observation("regulator", f"reg852{phase}", "tap", "") for phase in "abc"]
    upstream, back = event("open", "line", "seg854_852"), event("close", "line", "seg854_852", at=45.0)
    adapter = opened(IEEE34, upstream, back, controls=controls, observe=taps)
    adapter.settle(FED_PU, 1.0)
    before = adapter.observed().tolist()
    adapter.start_clock()
    for time_s in range(1, 46):
        adapter.begin(float(time_s))
        adapter.solve(FED_PU, 1.0)
        adapter.act(float(time_s))
        assert adapter.observed().tolist() == before
    assert min(before) < 16
    for time_s in range(46, 100):  # and acts again when it has voltage: it is needed
        adapter.solve(0.95 * FED_PU, 1.0)
        adapter.act(float(time_s))
    assert adapter.observed().tolist() != before


@pytest.mark.parametrize(
    "master",
    [
        IEEE34,
        *(
            pytest.param(SHARED_FEEDERS / name, marks=SHARED)
            for name in ("ieee37/ieee37.dss", "ieee123/IEEE123Master.dss")
        ),
    ],
    ids=lambda path: path.stem,
)
def test_every_line_can_be_opened_and_closed(master: Path) -> None:
    """At t = 1, 3, 5, ... s the next line opens, a second later it closes."""
    names = [str(name) for name in told(master).ActiveCircuit.Lines.AllNames]
    opening = [event("open", "line", name, at=2.0 * k + 1) for k, name in enumerate(names)]
    closing = [event("close", "line", name, at=2.0 * k + 2) for k, name in enumerate(names)]
    adapter = opened(master, *opening, *closing, observe=EXTREMES)
    whole = adapter.settle(FED_PU, 1.0)
    adapter.start_clock()
    for step in range(1, 2 * len(names) + 2):
        adapter.begin(float(step))
        power = adapter.solve(FED_PU, 1.0)
        v_min, v_max = adapter.observed()
        assert 0.6 < v_min <= v_max < 1.4
        if step % 2 == 0:
            carried = current_a(adapter._engine, f"Line.{names[step // 2 - 1]}")
            assert not carried > 1e-7  # no number where nothing but a stub is left behind it
        else:
            assert abs(power - whole) < 1e-5
        adapter.act(float(step))


def test_what_an_event_sets_counts_as_no_move_of_a_control(small: Path) -> None:
    adapter = opened(small, event("set", "capacitor", "bank", "state", 0.0), controls="delayed")
    adapter.settle(FED_PU, 1.0)
    adapter.start_clock()
    moves = []
    for time_s in (1.0, 2.0):
        adapter.solve(FED_PU, 1.0)
        moves.append(adapter.act(time_s))
    assert moves == [0, 0]


@pytest.mark.parametrize(
    ("happening", "sentence"),
    [
        (event("open", "line", "nowhere"), r"small has no Line\.nowhere"),
        (event("set", "load", "nobody", "kW", 1.0), "small has no load nobody"),
        (event("trip", "generator", "x; clear"), r"small has no Generator\.x; clear"),
        (event("set", "load", "town", "model", 1.0), "OpenDSS cannot set a load here"),
    ],
)
def test_what_is_not_there_is_said_at_once(small: Path, happening: Event, sentence: str) -> None:
    with pytest.raises(SimulationError, match=sentence):
        opened(small, happening)


def test_what_the_language_can_set_is_what_the_adapter_sets() -> None:
    assert set(SETTERS) == {(settable.device, settable.quantity) for settable in OPENDSS.settables}
