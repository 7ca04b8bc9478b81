"""The start of a study: exchanges until agreement, factors that make it end at the loads, no jump afterwards."""

import cmath
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from model_files import IEEE34, andes_case, feeder

from tdscen.plan import Scale
from tdscen.probing import ScaledInterface, ScaleInterface, ScaleRequest, resolve_scales
from tdscen.simulators import SimulationError, simulator
from tdscen.simulators.adapters import Attachment
from tdscen.simulators.andes.runtime import AndesTransmission
from tdscen.simulators.boundary import interface_power_mva
from tdscen.simulators.equilibrium import equilibrium
from tdscen.simulators.opendss.runtime import OpenDssFeeder

NOWHERE = Path("/nonexistent")
IEEE14 = "ieee14/ieee14_full.xlsx"
LOADS = {2: "PQ_1", 3: "PQ_2", 4: "PQ_3", 5: "PQ_4", 6: "PQ_5", 9: "PQ_6"}


def plain(factor: float) -> Scale:
    return Scale("", factor, factor, 0.0, "")


# ---- the formula -------------------------------------------------------------------------------------------


def test_interface_power() -> None:
    scale = Scale("", p_factor=20.0, q_factor=10.0, shunt_mvar=2.0, derivation="")
    # 20 * 2 MW; 10 * 0.3 MVAr - 2 MVAr * 1.1^2
    assert interface_power_mva(scale, 2000 + 300j, cmath.rect(1.1, 0.5)) == pytest.approx(40 + (3 - 2.42) * 1j)


# ---- agreement, on models that can be solved by hand -------------------------------------------------------


@dataclass
class Line:
    """A source of 1 pu behind a reactance in pu on 100 MVA, DC-like: V = 1 - j X S*/100 at the first order."""

    x_pu: float
    voltage_pu: Any = None

    def __post_init__(self) -> None:
        self.voltage_pu = np.array([1.0 + 0j])

    def power_flow(self, power_mva: Sequence[complex]) -> Any:
        self.voltage_pu = 1 - 1j * self.x_pu * np.conj(np.asarray(power_mva)) / 100
        return self.voltage_pu


@dataclass
class Resistor:
    """Takes `kw` at 1 pu, with the square of the voltage."""

    kw: float

    def settle(self, voltage_pu: complex, multiplier: float) -> complex:
        return complex(self.kw * multiplier * abs(voltage_pu) ** 2)


def test_two_linear_models_agree_where_algebra_says() -> None:
    found = equilibrium(Line(0.2), [Resistor(2000)], [plain(25)], [1.1])  # type: ignore[list-item,arg-type]
    # V = 1 - j X P with P = 0.55 |V|^2: |V|^2 = y = 1 + (0.2 * 0.55 y)^2
    y = (1 - math.sqrt(1 - 4 * 0.11**2)) / (2 * 0.11**2)
    assert found.power_mva[0] == pytest.approx(55 * y, abs=1e-6)
    assert abs(found.voltage_pu[0] - complex(1, -0.11 * y)) < 2e-9
    assert found.exchanges < 15


@dataclass
class Switch:
    """A feeder whose control hunts: it takes its power in every other solution."""

    kw: float
    on: bool = False

    def settle(self, voltage_pu: complex, multiplier: float) -> complex:
        self.on = not self.on
        return complex(self.kw * self.on * abs(voltage_pu))


def test_a_start_that_does_not_settle_is_said() -> None:
    with pytest.raises(SimulationError, match=r"does not settle in 200 exchanges: the voltage of interface 1"):
        equilibrium(Line(0.2), [Switch(2000)], [plain(25)], [1.0])  # type: ignore[list-item,arg-type]


# ---- the real models ---------------------------------------------------------------------------------------


def request(rule: str | float, buses: Sequence[int] = (4,), **settings: Any) -> ScaleRequest:
    feeder_source = simulator("opendss").locate(IEEE34.name, IEEE34.parent)
    one = ScaleInterface("", 0, None, feeder_source, "opendss", (), "delayed", "none", rule)
    interfaces = tuple(replace(one, name=f"at{b}", bus=b, load=LOADS.get(b), **settings) for b in buses)
    return ScaleRequest(simulator("andes").locate(IEEE14, NOWHERE), "andes", True, (), interfaces)


def resolved(asked: ScaleRequest) -> tuple[ScaledInterface, ...]:
    result = resolve_scales(asked)
    assert result.problem is None
    return result.interfaces


def models(asked: ScaleRequest, **settings: Any) -> tuple[AndesTransmission, list[OpenDssFeeder]]:
    model, folder = feeder(IEEE34)
    attachments = [Attachment(i.name, i.bus, i.load) for i in asked.interfaces]
    transmission = AndesTransmission(andes_case(IEEE14), NOWHERE, interfaces=attachments, step_s=1 / 30)
    return transmission, [OpenDssFeeder(model, folder, controls="delayed", **settings) for _ in attachments]


def scale_of(answer: ScaledInterface) -> Scale:
    return Scale("", answer.p_factor, answer.q_factor, answer.shunt_mvar, "")


def test_match_load_at_bus_4_of_ieee14() -> None:
    (found,) = resolved(request("match_load"))
    assert (found.load_p_mw, found.load_q_mvar) == (pytest.approx(47.8), pytest.approx(10.0))
    # Tried before this project began, with another IEEE 34 file: k = 23.3018, V = 1.012590 pu, Q = 7.1225 MVAr.
    assert found.p_factor == pytest.approx(23.3018, abs=5e-3)
    assert found.v_pu == pytest.approx(1.012590, abs=5e-6)
    assert found.q_factor * found.feeder_q_kvar / 1000 == pytest.approx(7.1225, abs=5e-3)
    assert (found.p_factor, found.shunt_mvar) == (found.q_factor, 0.0)
    assert found.p_factor == float(f"{found.p_factor:.9g}")
    assert found.p_factor * found.feeder_p_kw / 1000 == pytest.approx(47.8, abs=1e-6)


def test_the_runs_own_start_ends_at_the_load_and_stays_there() -> None:
    """The criterion of the whole start: fixed factors, fresh models, then 15 s of serial coupling: no drift."""
    asked = request("match_load")
    (answer,) = resolved(asked)
    transmission, feeders = models(asked)
    start = equilibrium(transmission, feeders, [scale_of(answer)], [1.0])
    assert start.power_mva[0].real == pytest.approx(47.8, abs=1e-6)
    assert abs(start.voltage_pu[0]) == pytest.approx(answer.v_pu, abs=1e-9)
    assert start.exchanges == answer.exchanges

    transmission.start(start.power_mva)
    feeders[0].start_clock()
    voltage_pu, power_mva = transmission.voltage_pu, list(start.power_mva)
    assert abs(voltage_pu[0] - start.voltage_pu[0]) < 1e-9
    for second in range(1, 16):
        v = complex(transmission.advance(float(second), power_mva)[0])
        power_mva = [interface_power_mva(scale_of(answer), feeders[0].solve(v, 1.0), v)]
        assert feeders[0].act(float(second)) == 0
        assert abs(v - voltage_pu[0]) < 1e-8


@pytest.mark.parametrize("rule", ["match_load_separate", "match_load_shunt"])
def test_rules_that_keep_the_loads_reactive_power(rule: str) -> None:
    asked = request(rule)
    (answer,) = resolved(asked)
    start = equilibrium(*models(asked), [scale_of(answer)], [1.0])
    assert start.power_mva[0] == pytest.approx(47.8 + 10j, abs=1e-6)
    # The load is what the case had: so is the voltage, that of ANDES's own power flow.
    assert abs(start.voltage_pu[0]) == pytest.approx(1.01140345, abs=1e-8)
    if rule == "match_load_shunt":
        assert answer.q_factor == answer.p_factor
        surplus_mvar = answer.p_factor * answer.feeder_q_kvar / 1000 - 10
        assert answer.shunt_mvar * answer.v_pu**2 == pytest.approx(surplus_mvar, abs=1e-6)
    else:
        assert answer.shunt_mvar == 0


def test_a_number_is_taken_as_written() -> None:
    asked = request(24.26)
    (answer,) = resolved(asked)
    assert (answer.p_factor, answer.q_factor, answer.shunt_mvar) == (24.26, 24.26, 0.0)
    start = equilibrium(*models(asked), [plain(24.26)], [1.0])
    assert start.power_mva[0].real == pytest.approx(24.26 * answer.feeder_p_kw / 1000, abs=1e-6)
    assert 49 < start.power_mva[0].real < 50.5


def test_several_interfaces_are_resolved_together() -> None:
    asked = request("match_load", buses=(2, 4, 9))
    answers = resolved(asked)
    start = equilibrium(*models(asked), [scale_of(a) for a in answers], [1.0] * 3)
    assert [s.real for s in start.power_mva] == pytest.approx([21.7, 47.8, 29.5], abs=1e-6)
    (alone,) = resolved(request("match_load"))
    assert abs(alone.p_factor - answers[1].p_factor) > 1e-3  # they share the network


def test_no_load_to_match_is_a_sentence() -> None:
    result = resolve_scales(request("match_load", buses=(7,)))
    assert result.interfaces == ()
    assert result.problem == "interface at7 has no load to match: bus 7 draws 0 MW"
    (number,) = resolved(request(0.5, buses=(7,)))
    assert number.load_p_mw == 0


def test_an_impossible_start_is_a_sentence() -> None:
    problem = resolve_scales(request(500.0)).problem
    assert problem is not None
    assert "bus 4" in problem or "does not converge" in problem


def test_scales_are_remembered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = request("match_load")
    first = resolved(asked)
    monkeypatch.setattr("tdscen.probing.scales.ask", lambda *a: pytest.fail("a worker was started"))
    assert resolved(asked) == first
    elsewhere = asked.interfaces[0].distribution.copy_to(tmp_path)
    moved = replace(asked, interfaces=(replace(asked.interfaces[0], distribution=elsewhere),))
    assert resolved(moved) == first
