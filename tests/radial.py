"""The same radial line and load twice: inside ANDES, and in OpenDSS behind the interface at bus 4 of IEEE 14.

`whole` is what the cut system is judged against: one ANDES system, driven by ANDES's own calls alone on the same times.
`cut` exchanges the two simulators by tdscen's adapters in one process; `radial_plan` is the same as a study.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from model_files import andes_case, feeder
from numpy.typing import NDArray
from plans import demo_plan, with_interface

from tdscen.plan import Coupling, Distribution, Event, LoadModel, Observation, Plan, Scale, Simulation, Target
from tdscen.profiles import Constant, Profile, Sinusoid, Step, sample
from tdscen.simulators.adapters import Attachment
from tdscen.simulators.andes.runtime import AndesTransmission
from tdscen.simulators.equilibrium import equilibrium
from tdscen.simulators.opendss.runtime import OpenDssFeeder
from tdscen.times import SWITCH_S, communication_times_s

Values = NDArray[np.float64]

CASE = "ieee14/ieee14_full.xlsx"
GENERATORS = tuple(f"GENROU_{i}" for i in range(1, 6))
SPEEDS = tuple(Observation("generator", name, "omega", f"generator[{name}]/omega_pu") for name in GENERATORS)
BUS4 = Attachment("bus4", 4, "PQ_3")
LOAD_MVA = 40 + 12j
LINE_PU = 0.03 + 0.08j
BASE_OHM = 69.0**2 / 100.0
TOLERANCE_PU = 1e-8
LOWEST_PU = 0.3
"""Down to here the load takes constant power, on both sides."""

STOP_S = 2.0

RADIAL = f"""Clear
New Circuit.radial basekv=69 pu=1 phases=3 bus1=source
New Line.link bus1=source bus2=end phases=3 length=1
~ r1={LINE_PU.real * BASE_OHM} x1={LINE_PU.imag * BASE_OHM} c1=0
~ r0={LINE_PU.real * BASE_OHM} x0={LINE_PU.imag * BASE_OHM} c0=0
New Load.load bus1=end phases=3 conn=wye kv=69 model=1 vminpu={LOWEST_PU} vmaxpu=2
~ kw={LOAD_MVA.real * 1000} kvar={LOAD_MVA.imag * 1000}
Set voltagebases=[69]
Calcvoltagebases
"""


@dataclass(frozen=True)
class Fault:
    """A three-phase fault in T: at `bus`, from `at_s` for `clear_after_s`, through a reactance."""

    bus: int
    reactance_pu: float
    at_s: float = 1.0
    clear_after_s: float = 0.08

    @property
    def instants_s(self) -> tuple[float, float]:
        """When it begins and when it is cleared."""
        return self.at_s, self.at_s + self.clear_after_s

    @property
    def event(self) -> Event:
        target = Target("ieee14", "bus", self.bus)
        return Event("short", self.at_s, "fault", target, self.clear_after_s, reactance_pu=self.reactance_pu)


@dataclass(frozen=True)
class Disturbance:
    """What happens: to the load, by its profile, and perhaps a fault."""

    profile: Profile
    fault: Fault | None = None

    def times_s(self, step_s: float) -> Values:
        """Communication times, with those that the fault adds."""
        instants = self.fault.instants_s if self.fault else ()
        return np.array(communication_times_s(step_s, round(STOP_S / step_s), instants))

    def factors(self, step_s: float) -> Values:
        """What the load is multiplied with at those times."""
        return sample(self.profile, self.times_s(step_s))

    @property
    def loads(self) -> LoadModel:
        """What the other loads are: a fault takes some of them below the voltage at which constant power ends."""
        return "constant_impedance" if self.fault else "constant_power"

    @property
    def events(self) -> tuple[Event, ...]:
        return (self.fault.event,) if self.fault else ()


LOAD_STEP = Disturbance(Step(1.0, 1.05))
LOAD_SWING = Disturbance(Sinusoid(0.05, 1.0))
SHORT = Disturbance(Constant(1.0), Fault(bus=9, reactance_pu=0.3))


@dataclass(frozen=True)
class Error:
    """Of |V| the largest and the RMS in pu, of a rotor speed the largest in pu."""

    v_pu: float
    v_rms_pu: float
    speed_pu: float


@dataclass(frozen=True)
class Trajectory:
    """One row a time, t = 0 first: voltage at bus 4, rotor speeds, drawn and delivered power, exchanges."""

    time_s: Values
    voltage_pu: NDArray[np.complex128]
    speed_pu: Values
    drawn_mva: NDArray[np.complex128]
    delivered_mva: NDArray[np.complex128]
    exchanges: Values

    def error(self, whole: Trajectory, apart_from: tuple[float, ...] = ()) -> Error:
        """Differences from `whole`, but for the rows 0.1 ms behind these instants."""
        rows = ~np.isclose(self.time_s[:, None], np.array(apart_from) + SWITCH_S, rtol=0, atol=1e-9).any(axis=1)
        v_pu = np.abs(np.abs(self.voltage_pu) - np.abs(whole.voltage_pu))[rows]
        speed_pu = np.abs(self.speed_pu - whole.speed_pu)[rows]
        return Error(float(v_pu.max()), float(np.sqrt(np.mean(v_pu**2))), float(speed_pu.max()))


@cache
def whole(step_s: float, disturbance: Disturbance = LOAD_STEP) -> Trajectory:
    """Line and load inside ANDES, which is driven by its own calls alone."""
    system = joined(disturbance)
    if disturbance.loads == "constant_impedance":
        solved = system
        assert solved.PFlow.run()
        system = joined(disturbance, dict(zip(solved.Bus.idx.v, solved.Bus.v.v, strict=True)))
    assert system.PFlow.run()
    system.TDS.init()
    bus, load = system.Bus.idx2uid(4), system.PQ.idx2uid("end")
    p0, q0 = LOAD_MVA.real / 100, LOAD_MVA.imag / 100
    instants = disturbance.fault.instants_s if disturbance.fault else ()
    times_s, voltages, speeds = disturbance.times_s(step_s), [], []
    for before_s, time_s, factor in zip([0.0, *times_s], times_s, disturbance.factors(step_s), strict=False):
        if time_s > 0:
            if before_s in instants:
                system.switch_action(system.exist.pflow_tds)
                system.vars_to_models()
            system.PQ.Ppf.v[load], system.PQ.Qpf.v[load] = p0 * factor, q0 * factor
            system.TDS.h = time_s - before_s
            system.dae.t[...] = time_s
            assert system.TDS.itm_step(), f"ANDES does not converge at t = {time_s} s"
        assert system.PQ.v.v[load] > LOWEST_PU, "OpenDSS makes the load an impedance there, ANDES does not"
        voltages.append(system.Bus.v.v[bus] * np.exp(1j * system.Bus.a.v[bus]))
        speeds.append(system.GENROU.omega.v.copy())
    nothing = np.zeros(len(voltages))
    return Trajectory(times_s, np.array(voltages), np.array(speeds), nothing + 0j, nothing + 0j, nothing)


def joined(disturbance: Disturbance, voltage_pu: dict[Any, float] | None = None) -> Any:
    """The one ANDES system. With voltages of its buses its other loads are shunts that draw the same there."""
    import andes

    andes.config_logger(stream_level=logging.ERROR)
    system = andes.load(andes.get_case(CASE), setup=False, no_output=True, default_config=True)
    for model in (system.Toggle, system.Fault, system.Alter):
        model.u.v = [0] * len(model.u.v)
    pq = system.PQ
    pq.u.v[pq.idx.v.index("PQ_3")] = 0
    for i, bus in enumerate(pq.bus.v if voltage_pu else ()):
        if pq.u.v[i]:
            pq.u.v[i] = 0
            g, b = pq.p0.v[i] / voltage_pu[bus] ** 2, -pq.q0.v[i] / voltage_pu[bus] ** 2
            system.add("Shunt", idx=f"load_{bus}", bus=bus, Vn=pq.Vn.v[i], g=g, b=b)
    system.add("Bus", idx=99, name="end", Vn=69.0, v0=1.0, a0=0.0)
    system.add("Line", idx="link", bus1=4, bus2=99, r=LINE_PU.real, x=LINE_PU.imag, b=0.0, Vn1=69.0, Vn2=69.0)
    p0, q0 = LOAD_MVA.real / 100, LOAD_MVA.imag / 100
    system.add("PQ", idx="end", bus=99, Vn=69.0, p0=p0, q0=q0, vmin=LOWEST_PU, vmax=2.0)
    if disturbance.fault:
        begin, end = disturbance.fault.instants_s
        where, x = disturbance.fault.bus, disturbance.fault.reactance_pu
        system.add("Fault", idx="short", bus=where, tf=begin, tc=end, xf=x, rf=0.0)
    system.setup()
    for weight, value in {"p2p": 1, "q2q": 1, "p2z": 0, "q2z": 0}.items():
        setattr(system.PQ.config, weight, value)
    system.PFlow.config.tol = 1e-10
    system.TDS.config.tol = 1e-10
    return system


def cut(folder: Path, step_s: float, coupling: Coupling, disturbance: Disturbance = LOAD_STEP) -> Trajectory:
    """Line and load in OpenDSS, exchanged with ANDES by the adapters in one process."""
    system, radial = started(folder, step_s, disturbance)
    voltage_pu, delivered_mva = system.voltage_pu, radial.phase_power_kva.sum() / 1000
    fed_pu = before_pu = voltage_pu
    times_s, factors = disturbance.times_s(step_s), disturbance.factors(step_s)
    rows = [(0.0, voltage_pu[0], system.observed(), system.drawn_mva[0], delivered_mva, 0)]
    for time_s, factor in zip(times_s[1:], factors[1:], strict=True):
        if coupling == "iterative":
            exchanges, moved_pu = 0, np.inf
            while moved_pu > TOLERANCE_PU:
                fed_pu, exchanges = voltage_pu, exchanges + 1
                delivered_mva = radial.solve(complex(fed_pu[0]), factor) / 1000
                voltage_pu = system.attempt(time_s, [delivered_mva], fed_pu)
                moved_pu = float(abs(voltage_pu - fed_pu).max())
            system.accept()
        else:
            before_pu, exchanges = voltage_pu, 1
            voltage_pu = system.advance(time_s, [delivered_mva], fed_pu)
            fed_pu = voltage_pu if coupling == "serial" else before_pu
            delivered_mva = radial.solve(complex(fed_pu[0]), factor) / 1000
        rows.append((time_s, voltage_pu[0], system.observed(), system.drawn_mva[0], delivered_mva, exchanges))
    return Trajectory(*(np.array(column) for column in zip(*rows, strict=True)))


def started(folder: Path, step_s: float, disturbance: Disturbance) -> tuple[AndesTransmission, OpenDssFeeder]:
    """Both sides in equilibrium at t = 0."""
    system = AndesTransmission(
        andes_case(CASE),
        folder,
        interfaces=[BUS4],
        step_s=step_s,
        observe=SPEEDS,
        events=disturbance.events,
        loads=disturbance.loads,
    )
    (folder / "radial.dss").write_text(RADIAL)
    model, root = feeder(folder / "radial.dss")
    radial = OpenDssFeeder(model, root, controls="frozen")
    agreed = equilibrium(system, [radial], [Scale("1", 1.0, 1.0, 0.0, "")], [1.0])
    system.start(agreed.power_mva)
    radial.start_clock()
    return system, radial


def radial_plan(
    folder: Path,
    disturbance: Disturbance = LOAD_STEP,
    coupling: Coupling = "iterative",
    step_s: float = 1 / 30,
    stop_s: float = 1.5,
) -> tuple[Plan, dict[str, bytes]]:
    """The cut model as a study, and its model."""
    (folder / "radial.dss").write_text(RADIAL)
    model, _ = feeder(folder / "radial.dss")
    bundled = replace(model, path="models/radial/radial.dss")
    scale = Scale("1", 1.0, 1.0, 0.0, "")
    plan = with_interface(demo_plan(), distribution="radial", scale=scale, profile=disturbance.profile)
    iterative = (TOLERANCE_PU, 20) if coupling == "iterative" else (None, None)
    plan = replace(
        plan,
        transmission=replace(plan.transmission, observe=SPEEDS, loads=disturbance.loads),
        distributions=(Distribution("radial", "opendss", bundled, "frozen", (), ()),),
        simulation=Simulation(
            step_s,
            stop_s,
            round(stop_s / step_s),
            coupling,
            *iterative,
            instants_s=disturbance.fault.instants_s if disturbance.fault else (),
        ),
        events=disturbance.events,
    )
    return plan, {"models/radial/radial.dss": (folder / "radial.dss").read_bytes()}
