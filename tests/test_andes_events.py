"""What happens in T, and what loads do at low voltage: against ANDES's own run with its own devices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from model_files import andes_case

from tdscen.plan import Event, LoadModel, Observation, Target
from tdscen.simulators import SimulationError
from tdscen.simulators.adapters import Attachment
from tdscen.simulators.andes import pycode
from tdscen.simulators.andes.files import cases_folder
from tdscen.simulators.andes.observing import inertia_centre_pu
from tdscen.simulators.andes.runtime import AndesTransmission
from tdscen.times import communication_times_s

IEEE14 = "ieee14/ieee14_full.xlsx"
STEP_S, STOP_S = 1 / 60, 2.0
SPEED = Observation("generator", "GENROU_2", "omega", "generator[GENROU_2]/omega_pu")
OTHERS = (
    Observation("bus", 4, "v", "bus[4]/v_pu"),
    Observation("bus", 13, "v", "bus[13]/v_pu"),
    Observation("load", "PQ_2", "p", "load[PQ_2]/p_mw"),
    Observation("generator", "GENROU_2", "p", "generator[GENROU_2]/p_mw"),
)
BUS5 = Attachment("here", 5, "PQ_4")
LOAD5_MVA = 7.6 + 1.6j


def event(action: Any, device: str, key: Any, quantity: str | None = None, **more: Any) -> Event:
    return Event("it", 1.0, action, Target("ieee14", device, key, quantity), **more)


def times_s(*instants: float) -> tuple[float, ...]:
    return communication_times_s(STEP_S, round(STOP_S / STEP_S), instants)


def ours(
    events: Sequence[Event],
    loads: LoadModel,
    instants: Sequence[float],
    interface: Attachment = BUS5,
    observe: Sequence[Observation] = (SPEED, *OTHERS),
) -> tuple[np.ndarray, AndesTransmission]:
    """Speed of generator 2, V at buses 4 and 13, P of PQ_2 and of generator 2 at every time (n, 5)."""
    system = AndesTransmission(
        andes_case(IEEE14),
        Path("/nonexistent"),
        interfaces=[interface],
        step_s=STEP_S,
        observe=observe,
        events=events,
        loads=loads,
    )
    power_mva = system.drawn_mva
    system.start(power_mva)
    rows = [system.observed()]
    for time_s in times_s(*instants)[1:]:
        system.advance(time_s, power_mva, np.array([1 + 0j]))
        rows.append(system.observed())
    return np.array(rows), system


def theirs(prepare: Callable[[Any], None], at: Callable[[Any, float], None] | None = None) -> np.ndarray:
    """The same by ANDES's own run."""
    system = theirs_system(prepare, at)
    uid = system.GENROU.idx2uid("GENROU_2")
    pq = system.PQ.idx2uid("PQ_2")
    v4, v13 = (float(system.Bus.v.v[system.Bus.idx2uid(bus)]) for bus in (4, 13))
    return np.array(
        [
            system.GENROU.omega.v[uid],
            v4,
            v13,
            system.PQ.a.e[pq] * 100,
            system.GENROU.Pe.v[uid] * 100,
        ]
    )


def theirs_system(prepare: Callable[[Any], None], at: Callable[[Any, float], None] | None = None) -> Any:
    """ANDES's own run; `prepare` adds devices, `at` changes something at a time that falls on the run's."""
    import andes

    folder = cases_folder()
    assert folder is not None
    path = str(folder / IEEE14)
    system = andes.load(path, setup=False, no_output=True, default_config=True, pycode_path=str(pycode.prepare()))
    prepare(system)
    system.setup()
    system.PFlow.config.tol = 1e-10
    system.TDS.config.tol, system.TDS.config.no_tqdm = 1e-8, 1
    system.TDS.config.tstep, system.TDS.config.fixt = STEP_S, 1
    assert system.PFlow.run()
    for stop in (1.0, STOP_S) if at else (STOP_S,):
        system.TDS.config.tf = stop
        assert system.TDS.run()
        if at and stop < STOP_S:
            at(system, stop)
    return system


FAULT = event("fault", "bus", 4, clear_after_s=0.08, reactance_pu=0.3)


def add_fault(system: Any) -> None:
    system.add("Fault", bus=4, tf=1.0, tc=1.08, xf=0.3, rf=0.0)


def add_toggle(model: str, device: str) -> Callable[[Any], None]:
    return lambda system: system.add("Toggle", model=model, dev=device, t=1.0)


@pytest.mark.parametrize(
    ("events", "instants", "prepare"),
    [
        ((FAULT,), (1.0, 1.08), add_fault),
        ((event("open", "line", "Line_3"),), (1.0,), add_toggle("Line", "Line_3")),
        ((event("trip", "line", "Line_3"),), (1.0,), add_toggle("Line", "Line_3")),
        ((event("trip", "generator", "GENROU_3"),), (1.0,), add_toggle("GENROU", "GENROU_3")),
    ],
)
def test_what_happens_is_what_andes_does(
    events: tuple[Event, ...], instants: tuple[float, ...], prepare: Callable[[Any], None]
) -> None:
    found, _ = ours(events, "constant_impedance", instants)
    expected = theirs(prepare)
    assert np.abs(found[-1] - found[0])[0] > 1e-4  # it is felt
    # ANDES takes whole steps from the event on, ours return to their grid; the interface's own load is constant power.
    np.testing.assert_allclose(found[-1][:3], expected[:3], rtol=0, atol=2e-4)
    np.testing.assert_allclose(found[-1][3:], expected[3:], rtol=0, atol=0.1)


def test_a_fault_is_on_from_its_time_until_it_is_cleared() -> None:
    found, _ = ours((FAULT,), "constant_impedance", (1.0, 1.08))
    times = np.array(times_s(1.0, 1.08))
    v4 = found[:, 1]
    np.testing.assert_allclose(v4[times <= 1.0], v4[0], rtol=0, atol=1e-9)
    during = (times > 1.0) & (times <= 1.08)
    assert v4[during].max() < 0.78
    assert v4[times > 1.08].min() > 0.85
    assert times[during][0] == 1.0001
    assert times[during][-1] == 1.08


@pytest.mark.parametrize(
    ("quantity", "value", "setpoint"), [("p_ref", 55.0, ("pref", 0.55)), ("v_ref", 1.02, ("vref", 1.02))]
)
def test_setpoints_are_those_of_andes(quantity: str, value: float, setpoint: tuple[str, float]) -> None:
    found, _ = ours((event("set", "generator", "GENROU_2", quantity, value=value),), "constant_impedance", (1.0,))
    expected = theirs(lambda system: None, lambda system, _: system.SynGen.set_setpoint(system, "GENROU_2", *setpoint))
    assert np.abs(found[-1] - found[0])[4] > 0.1
    np.testing.assert_allclose(found[-1][:3], expected[:3], rtol=0, atol=2e-4)
    np.testing.assert_allclose(found[-1][3:], expected[3:], rtol=0, atol=0.1)


def test_a_load_is_set_to_what_is_asked() -> None:
    found, _ = ours((event("set", "load", "PQ_2", "p", value=70.0),), "constant_power", (1.0,))
    at = times_s(1.0).index(1.0)
    np.testing.assert_allclose(found[: at + 1, 3], found[0, 3], rtol=0, atol=1e-6)
    np.testing.assert_allclose(found[at + 1 :, 3], 70.0, rtol=0, atol=1e-5)
    assert found[-1, 0] < found[0, 0]  # more load slows the rotors down


# ---- loads at low voltage ----------------------------------------------------------------------------------


def test_below_its_limit_a_constant_power_load_is_the_impedance_that_meets_it_there() -> None:
    deep = event("fault", "bus", 4, clear_after_s=0.08, reactance_pu=0.1)
    observe = [Observation("load", "PQ_3", quantity, quantity) for quantity in ("p", "q")]
    observe.append(Observation("bus", 4, "v", "v"))
    system = AndesTransmission(
        andes_case(IEEE14),
        Path("/nonexistent"),
        interfaces=[BUS5],
        step_s=STEP_S,
        observe=observe,
        events=[deep],
    )
    system.start([LOAD5_MVA])
    seen, drawn = [], []
    for time_s in times_s(1.0, 1.08)[1:]:
        v_pu = system.advance(time_s, [LOAD5_MVA], np.array([1 + 0j]))
        seen.append(system.observed())
        drawn.append((abs(v_pu[0]), system.drawn_mva[0]))
    p, q, v = np.array(seen).T
    low = v < 0.8
    assert 3 < low.sum() < 10
    for of_one, full in ((p, 47.8), (q, 10.0)):
        np.testing.assert_allclose(of_one[low], full * (v[low] / 0.8) ** 2, rtol=1e-6)
        np.testing.assert_allclose(of_one[~low], full, rtol=1e-6)
    for at_pu, power_mva in drawn:
        assert power_mva == pytest.approx(LOAD5_MVA * min(1.0, at_pu / 0.8) ** 2, rel=1e-6)
    told = [note for note in system.notes if "below the voltage limit" in note]
    assert "t = 1.0001 s" in told[0]
    assert "PQ_3" in " ".join(told)


def test_an_answer_at_low_voltage_is_an_impedance_s_power() -> None:
    """A feeder that answered at 0.4 pu takes four times as much at the limit of 0.8 pu."""
    system = AndesTransmission(andes_case(IEEE14), Path("/nonexistent"), interfaces=[BUS5], step_s=STEP_S)
    system.start([LOAD5_MVA])
    system.advance(0.1, [LOAD5_MVA / 4], np.array([0.4 + 0j]))
    assert system.drawn_mva[0] == pytest.approx(LOAD5_MVA, rel=1e-6)


def test_a_bolted_fault_is_got_through_and_what_it_cost_is_said() -> None:
    """At bus 9 and 1e-4 pu the bus's angle is not known to 1e-8: Newton's corrections stay at 6e-8."""
    bolted = event("fault", "bus", 9, clear_after_s=0.08)
    found, system = ours((bolted,), "constant_power", (1.0, 1.08))
    at = times_s(1.0, 1.08).index(1.0001)
    assert found[at, 1] < 0.65
    assert found[-1, 1] > 0.9
    assert "the step to t = 1.0001 s is accepted at a mismatch of 1e-06 pu" in system.notes


def test_a_switch_inside_a_repeated_step_is_refused() -> None:
    system = AndesTransmission(
        andes_case(IEEE14), Path("/nonexistent"), interfaces=[BUS5], step_s=STEP_S, events=[FAULT]
    )
    system.start([LOAD5_MVA])
    with pytest.raises(SimulationError, match=r"switches in ieee14_full at t = 1 s, inside the step to 1\.5 s"):
        system.attempt(1.5, [LOAD5_MVA])


def test_a_device_that_is_not_there_is_said() -> None:
    nothing = event("trip", "generator", "GENROU_9")
    with pytest.raises(SimulationError, match="ieee14_full has no generator 'GENROU_9' to trip"):
        AndesTransmission(andes_case(IEEE14), Path("/nonexistent"), interfaces=[BUS5], step_s=STEP_S, events=[nothing])


def test_a_load_that_another_model_stands_for_cannot_be_set() -> None:
    """FLoad of the case takes the place of PQ_1 when dynamics start; to set PQ_1 would change nothing."""
    change = event("set", "load", "PQ_1", "p", value=30.0)
    case = andes_case("ieee14/ieee14_fload.json")
    system = AndesTransmission(case, Path("/nonexistent"), interfaces=[BUS5], step_s=STEP_S, events=[change])
    power_mva = system.drawn_mva
    system.start(power_mva)
    system.advance(1.0, power_mva)
    with pytest.raises(SimulationError, match="cannot set p of load PQ_1 of ieee14_fload: another load model"):
        system.advance(1.0001, power_mva)


MACHINES = tuple(
    Observation("generator", f"GENROU_{i}", "omega", f"generator[GENROU_{i}]/omega_pu") for i in range(1, 6)
)
INERTIA = np.array([8.0, 13.0, 10.0, 10.0, 10.0])
"""M of the five machines in s, on the base of 100 MVA, which is theirs too (ieee14_full.xlsx)."""


def centre(events: Sequence[Event], instants: Sequence[float]) -> np.ndarray:
    """The centre of inertia and the five machines at every time (n, 6)."""
    observe = (Observation("coi", None, "omega", "coi/omega_pu"), *MACHINES)
    return ours(events, "constant_impedance", instants, observe=observe)[0]


def test_the_centre_of_inertia_is_that_of_andes() -> None:
    """ANDES's own device COI, over the same fault."""

    def prepare(system: Any) -> None:
        add_fault(system)
        system.add("COI", idx="all")
        for machine in MACHINES:
            system.GENROU.set("coi", machine.key, value="all", attr="v")

    system = theirs_system(prepare)
    rows = centre((FAULT,), (1.0, 1.08))
    assert inertia_centre_pu(system) == pytest.approx(float(system.COI.omega.v[0]), abs=1e-9)
    assert rows[-1, 0] == pytest.approx(float(system.COI.omega.v[0]), abs=1e-5)  # the steps are others, see above
    assert np.ptp(rows[:, 0]) > 1e-4
    np.testing.assert_allclose(rows[:, 0], rows[:, 1:] @ INERTIA / INERTIA.sum(), rtol=0, atol=1e-14)


def test_a_tripped_machine_is_not_in_the_centre_of_inertia() -> None:
    rows = centre((event("trip", "generator", "GENROU_3"),), (1.0,))
    left = INERTIA * [1, 1, 0, 1, 1]
    np.testing.assert_allclose(rows[-1, 0], rows[-1, 1:] @ left / left.sum(), rtol=0, atol=1e-14)
    assert abs(rows[-1, 0] - rows[-1, 1:] @ INERTIA / INERTIA.sum()) > 1e-4
