"""Studies of any size for the benchmarks: plans as the compiler makes them, with plain factors, and runs of them."""

from __future__ import annotations

import cmath
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import psutil
from measuring import ROOT

from tdscen.emit import emit, write
from tdscen.facts import DistributionFacts, Key, TransmissionFacts
from tdscen.packing import pack
from tdscen.plan import (
    FORMAT,
    Controls,
    Coupling,
    Distribution,
    Event,
    Federation,
    FeederFederate,
    Interface,
    ModelFile,
    Plan,
    Scale,
    Simulation,
    Transmission,
)
from tdscen.probing import Probe, probe
from tdscen.profiles import Normal
from tdscen.results import open_run
from tdscen.results.profile import RunTime, run_time
from tdscen.runtime.folder import BROKER, status_file
from tdscen.runtime.heartbeat import read
from tdscen.runtime.launch import Launch
from tdscen.simulators import simulator
from tdscen.simulators.opendss.runtime import OpenDssFeeder

IEEE34 = ROOT / "scenarios" / "feeders" / "ieee34" / "ieee34.dss"
WECC = ("wecc/wecc_full.xlsx", ())
IEEE14 = ("ieee14/ieee14_full.xlsx", ())
NPCC = ("npcc/npcc.raw", ("npcc/npcc_full.dyr",))

WOBBLE = Normal(1.0, 0.025, 1.0, 981, independent=True)


@dataclass(frozen=True, slots=True)
class Size:
    """How large a study is, and how it runs."""

    feeders: int
    steps: int
    step_s: float = 1 / 30
    workers: int = 1
    coupling: Coupling = "serial"
    controls: Controls = "delayed"
    observe: bool = True
    """Record what the simulators record by default, beside the interfaces."""
    buses: tuple[Key, ...] = ()
    """Where feeders go; empty: to every bus with a load."""


def transmission_facts(case: str, extra: Sequence[str] = ()) -> tuple[Probe, TransmissionFacts]:
    """What is known of a case that ANDES ships."""
    found = probe("andes", case, ROOT, tuple(extra))
    assert isinstance(found.facts, TransmissionFacts), found.problem
    return found, found.facts


def plan(
    case: tuple[str, tuple[str, ...]],
    master: Path,
    size: Size,
    events: Sequence[Event] = (),
) -> tuple[Plan, dict[str, bytes]]:
    """A study, and the files of its feeder: `size.feeders` copies of `master` shared out to the loads of `case`.

    Each takes the place of its part of its bus's load. The transmission system is called `grid`, interfaces `f1`, ...
    """
    looked, facts = transmission_facts(*case)
    feeder = probe("opendss", master.name, master.parent)
    assert isinstance(feeder.facts, DistributionFacts), feeder.problem
    assert looked.source is not None
    assert looked.sha256 is not None
    assert feeder.source is not None
    assert feeder.sha256 is not None
    there = Counter(load.bus for load in facts.loads)
    loads = [
        load
        for load in facts.loads
        if load.online and load.p_mw > 0 and there[load.bus] == 1 and (not size.buses or load.bus in size.buses)
    ]
    places = [loads[i % len(loads)] for i in range(size.feeders)]
    sharing = Counter(load.idx for load in places)
    voltages_pu = {bus.idx: cmath.rect(bus.v_pu, bus.angle_rad) for bus in facts.buses}
    model = ModelFile(feeder.source.main, "bundled", feeder.sha256)
    solved = OpenDssFeeder(model, feeder.source.root, controls="instant")
    interfaces = []
    for i, load in enumerate(places, start=1):
        parts = sharing[load.idx]
        voltage_pu = voltages_pu[load.bus]
        taken_mva = solved.settle(voltage_pu, 1.0) / 1000
        # As `match_load_shunt`: a case's power flow does not bear another reactive power at every bus.
        factor = load.p_mw / parts / taken_mva.real
        shunt_mvar = (factor * taken_mva.imag - load.q_mvar / parts) / abs(voltage_pu) ** 2
        interfaces.append(
            Interface(
                name=f"f{i}",
                distribution="feeder",
                bus=load.bus,
                load=load.idx,
                load_p_mw=load.p_mw,
                load_q_mvar=load.q_mvar,
                scale=Scale("", factor, factor, shunt_mvar, ""),
                profile_name="",
                profile=WOBBLE,
                source_impedance="none",
                replace_mw=load.p_mw / parts if parts > 1 else None,
                replace_mvar=load.q_mvar / parts if parts > 1 else None,
            )
        )
    groups = pack({interface.name: 1.0 for interface in interfaces}, size.workers)
    andes, opendss = simulator("andes"), simulator("opendss")
    made = Plan(
        format=FORMAT,
        name="benchmark",
        title="benchmark",
        source="benchmark.tds",
        source_sha256="0" * 64,
        parameters=(),
        transmission=Transmission(
            "grid",
            "andes",
            ModelFile(looked.source.main, "builtin", looked.sha256, looked.source.extra),
            facts.base_mva,
            facts.frequency_hz,
            min(size.step_s, 1 / 30),
            True,
            (),
            tuple(andes.default_observe(facts)) if size.observe else (),
        ),
        distributions=(
            Distribution(
                "feeder",
                "opendss",
                ModelFile(f"models/feeder/{feeder.source.main}", "bundled", feeder.sha256),
                size.controls,
                (),
                tuple(opendss.default_observe(feeder.facts)) if size.observe else (),
            ),
        ),
        interfaces=tuple(interfaces),
        feeder_federates=tuple(FeederFederate(f"feeders{i}", names) for i, names in enumerate(groups, start=1)),
        simulation=Simulation(
            size.step_s,
            size.steps * size.step_s,
            size.steps,
            size.coupling,
            instants_s=tuple(t for e in events for t in (e.at_s, e.at_s + (e.clear_after_s or 0.0))),
        ),
        federation=Federation("zmq", None, 300.0, "warning"),
        requirements=(),
        events=tuple(events),
    )
    return made, {f"models/feeder/{name}": content for name, content in feeder.source.contents().items()}


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run took: wall time until every federate was at t = 0, the account of its federates, their memory.

    `memory_mb`: resident memory of each feeder federate, the largest seen. `cores_busy`: processor time of the
    federates and the broker for each second of the step loop.
    """

    start_s: float
    wall_s: float
    time: RunTime
    memory_mb: dict[str, float] = field(default_factory=dict)
    cores_busy: float = 0.0
    folder: Path = Path()

    @property
    def loop_s(self) -> float:
        """T's step loop, which everything else happens in."""
        return self.time.federates[0].loop_s

    @property
    def feeders_s(self) -> float:
        """What the slowest feeder federate did in the loop."""
        return max(federate.solving_s + federate.recording_s for federate in islice(self.time.federates, 1, None))


def run(made: Plan, models: dict[str, bytes], folder: Path) -> Ran:
    """Write the study out, run it, look at its processes while it runs."""
    write(emit(made, models), folder, force=True)
    names = [made.transmission.name, *(federate.name for federate in made.feeder_federates)]
    memory_mb: dict[str, float] = {}
    spent: list[tuple[float, float]] = []
    start_s = None
    began = time.perf_counter()
    with Launch(folder) as launch:
        place = None
        while launch.poll() is None:
            place = place or launch.run
            beats = [read(status_file(place, name)) for name in names] if place else []
            if start_s is None and beats and all(beat and beat.time_s is not None for beat in beats):
                start_s = time.perf_counter() - began
            if start_s is not None and place and (processor_s := _processor_s(place, [BROKER, *names])) is not None:
                spent.append((time.perf_counter(), processor_s))
            for beat in beats[1:]:
                if beat is not None and psutil.pid_exists(beat.pid):
                    memory_mb[beat.name] = max(memory_mb.get(beat.name, 0.0), _resident_mb(beat.pid))
            time.sleep(0.02 if start_s is None else 0.2)
        wall_s = time.perf_counter() - began
        assert launch.finish() == 0, launch.said()
        found = launch.run
    assert found is not None
    return Ran(start_s or wall_s, wall_s, run_time(open_run(found)), memory_mb, _rate(spent), found)


def _processor_s(place: Path, names: Sequence[str]) -> float | None:
    """Processor time of the processes of a run so far, None where one is not there."""
    beats = [read(status_file(place, name)) for name in names]
    try:
        times = [psutil.Process(beat.pid).cpu_times() for beat in beats if beat and not beat.ended]
    except psutil.Error:
        return None
    return sum(t.user + t.system for t in times) if len(times) == len(names) else None


def _rate(spent: Sequence[tuple[float, float]]) -> float:
    """Growth of the second over the first, between the first and the last of them."""
    if len(spent) < 2:
        return 0.0
    (began, before), (ended, after) = spent[0], spent[-1]
    return (after - before) / (ended - began)


def _resident_mb(pid: int) -> float:
    try:
        return psutil.Process(pid).memory_info().rss / 1e6
    except psutil.Error:
        return 0.0
