"""The plan: what a checked scenario means, before anything is written or run.

Frozen dataclasses with JSON in and out (`codec`), no source positions, no simulator objects. `lower.py` makes it,
`emit/` and the runtime read it, `tdscen plan` prints it. Every name is resolved, every default filled in, every
quantity in s, MW, MVAr, pu, rad (kW and kvar for what belongs to a feeder).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from tdscen.facts import Key
from tdscen.profiles import Profile, for_interface, seeds
from tdscen.times import communication_times_s

FORMAT = 2
"""Version of the plan's layout; a reader refuses another."""

Coupling = Literal["serial", "parallel", "iterative"]
Controls = Literal["delayed", "instant", "frozen"]
LoadModel = Literal["constant_power", "constant_impedance"]
Option = tuple[str, str | float | bool]


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model that a federate loads.

    `origin` is `builtin` (a case that the simulator ships; `path` is its name there) or `bundled` (copied into the
    generated folder; `path` is relative to that folder). `extra` are further files of the same model that are
    loaded with it (a `.dyr`). `sha256` covers the content of every file.
    """

    path: str
    origin: Literal["builtin", "bundled"]
    sha256: str
    extra: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """One recorded quantity: a device (`bus`, 4), what of it (`v`), and the column it fills (`bus[4]/v_pu`)."""

    device: str
    key: Key | None
    quantity: str
    column: str


@dataclass(frozen=True, slots=True)
class Transmission:
    """The transmission system; also the name of its federate. `step_s` is the integration step.

    `dynamics` False: each communication time is a power flow. `loads`: what the case's own loads (those that no feeder
    takes the place of) are while dynamics run.
    """

    name: str
    simulator: str
    case: ModelFile
    base_mva: float
    frequency_hz: float
    step_s: float
    disable_events: bool
    options: tuple[Option, ...]
    observe: tuple[Observation, ...]
    dynamics: bool = True
    loads: LoadModel = "constant_power"


@dataclass(frozen=True, slots=True)
class Distribution:
    """A feeder model, of which interfaces make instances."""

    name: str
    simulator: str
    model: ModelFile
    controls: Controls
    options: tuple[Option, ...]
    observe: tuple[Observation, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """How the feeder's power becomes the interface's: P and Q factors and a fixed compensating shunt.

    Interface P in MW is `p_factor` times the feeder's P in MW; interface Q in MVAr is `q_factor` times the feeder's
    Q, less `shunt_mvar` (the reactive power that a shunt at the bus injects at 1 pu, times V squared).
    `rule` is the scenario's own text (`match_load`), `derivation` says in one line how the numbers came about.
    """

    rule: str
    p_factor: float
    q_factor: float
    shunt_mvar: float
    derivation: str


@dataclass(frozen=True, slots=True)
class Interface:
    """Where T meets D: at `bus`, the feeder takes the place of the static load `load` (None: one is added).

    `load_p_mw`, `load_q_mvar`: what the case itself has there, in its own power flow. `replace_mw`, `replace_mvar`:
    the feeder takes the place of this part only, the rest stays at the bus (None: of the whole load).
    """

    name: str
    distribution: str
    bus: Key
    load: Key | None
    load_p_mw: float
    load_q_mvar: float
    scale: Scale
    profile_name: str
    profile: Profile
    source_impedance: Literal["none", "keep"]
    replace_mw: float | None = None
    replace_mvar: float | None = None


@dataclass(frozen=True, slots=True)
class FeederFederate:
    """A HELICS federate that carries one or more feeders; `interfaces` in the order of its vectors."""

    name: str
    interfaces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refine:
    """A smaller communication step for `for_s` after each of `around` (events)."""

    step_s: float
    around: str
    for_s: float


@dataclass(frozen=True, slots=True)
class Simulation:
    """Communication step and stop time; `steps` regular steps make up the stop time.

    `tolerance_pu` and `max_exchanges` belong to iterative coupling. `instants_s` are the times at which something
    switches: events of the scenario and those kept of the case, with what ends them. `checkpoint_s`: simulated time
    between two moments at which the disk holds everything recorded (None: when the system writes it).
    """

    step_s: float
    stop_s: float
    steps: int
    coupling: Coupling
    tolerance_pu: float | None = None
    max_exchanges: int | None = None
    refine: Refine | None = None
    instants_s: tuple[float, ...] = ()
    checkpoint_s: float | None = None

    @property
    def times_s(self) -> tuple[float, ...]:
        """All communication times in s, 0 first."""
        refine = self.refine
        return communication_times_s(
            self.step_s,
            self.steps,
            self.instants_s,
            refine.step_s if refine else None,
            refine.for_s if refine else 0.0,
        )


@dataclass(frozen=True, slots=True)
class Host:
    """Another machine, and the systems and federates that it runs."""

    name: str
    address: str
    runs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Federation:
    """How HELICS executes it. `port` None: a free one is taken at the start of each run."""

    core: str
    port: int | None
    timeout_s: float
    log_level: str
    hosts: tuple[Host, ...] = ()


@dataclass(frozen=True, slots=True)
class Requirement:
    """What must hold: `measure` between `minimum` and `maximum` (either may be absent), in the measure's unit.

    `level_pu` belongs to `recovery`: the voltage above which it is counted as recovered.
    """

    name: str
    measure: str
    minimum: float | None
    maximum: float | None
    unit: str
    message: str
    level_pu: float | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A device of a system, and what of it (`quantity`, where an event sets something)."""

    system: str
    device: str
    key: Key
    quantity: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens at `at_s`, after the values of that time are recorded.

    Fault impedances are in pu; `value` belongs to `set`, in `unit` (MW, MVAr, kV, pu; "" for a plain number). The
    target's key is the model's own.
    """

    name: str
    at_s: float
    action: Literal["fault", "open", "close", "trip", "set"]
    target: Target
    clear_after_s: float | None = None
    resistance_pu: float | None = None
    reactance_pu: float | None = None
    value: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """An event that the case brings itself and that is not switched off; `until_s`: a fault's clearing."""

    name: str
    at_s: float
    what: str
    until_s: float | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A photovoltaic system or storage added to every feeder of a model. Profiles are in parts of the rating.

    `ride_through`: the IEEE 1547-2018 performance category by whose voltage tables it trips and returns. Of a storage:
    `soc` is the part of `energy_mwh` that it holds at t = 0, `efficiency` that of a whole round.
    """

    name: str
    device: Literal["pv", "storage"]
    at: Target
    rating_mva: float
    profile: Profile
    control: str
    control_options: tuple[Option, ...] = ()
    energy_mwh: float | None = None
    charge: Profile | None = None
    discharge: Profile | None = None
    ride_through: Literal["category_i", "category_ii", "category_iii"] | None = None
    soc: float = 0.5
    efficiency: float = 1.0
    connection: Literal["wye", "delta"] = "wye"

    def at_interface(self, interface: str) -> Resource:
        """The resource as the feeder at one interface has it: independent draws by seeds of the interface's own."""
        charge, discharge = (p and for_interface(p, interface) for p in (self.charge, self.discharge))
        return replace(self, profile=for_interface(self.profile, interface), charge=charge, discharge=discharge)


@dataclass(frozen=True, slots=True)
class ExternalFederate:
    """Any other HELICS federate that joins."""

    name: str
    command: str
    directory: str
    environment: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Axis:
    """A parameter of a sweep: its values as written, or a range in `unit` (empty: a plain number)."""

    parameter: str
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Sweep:
    """A study over parameters. `points` and `seed` belong to `latin_hypercube`."""

    name: str
    axes: tuple[Axis, ...]
    combine: Literal["grid", "zip", "latin_hypercube"]
    points: int | None = None
    seed: int | None = None


@dataclass(frozen=True)
class Plan:
    """A whole study, ready to be written out."""

    format: int
    name: str
    title: str
    source: str
    source_sha256: str
    parameters: tuple[tuple[str, str], ...]
    transmission: Transmission
    distributions: tuple[Distribution, ...]
    interfaces: tuple[Interface, ...]
    feeder_federates: tuple[FeederFederate, ...]
    simulation: Simulation
    federation: Federation
    requirements: tuple[Requirement, ...]
    events: tuple[Event, ...] = ()
    resources: tuple[Resource, ...] = ()
    external_federates: tuple[ExternalFederate, ...] = ()
    sweeps: tuple[Sweep, ...] = ()
    kept_events: tuple[KeptEvent, ...] = ()

    def distribution(self, name: str) -> Distribution:
        """The feeder model called `name`. Raises `KeyError`."""
        return self._distributions[name]

    def interface(self, name: str) -> Interface:
        """The interface called `name`. Raises `KeyError`."""
        return self._interfaces[name]

    @cached_property
    def times_s(self) -> tuple[float, ...]:
        """All communication times in s, 0 first."""
        return self.simulation.times_s

    @property
    def steps(self) -> int:
        """How many communication times follow t = 0."""
        return len(self.times_s) - 1

    def events_of(self, system: str) -> tuple[Event, ...]:
        """The events that happen in one system, in the order of the scenario."""
        return tuple(event for event in self.events if event.target.system == system)

    def resources_of(self, distribution: str) -> tuple[Resource, ...]:
        """The resources that are added to every feeder of a model."""
        return tuple(resource for resource in self.resources if resource.at.system == distribution)

    def drawn_seeds(self) -> dict[str, list[int]]:
        """Seeds of each interface's load, and of the resources there that draw anything (`bus4/roof`)."""
        found = {i.name: list(seeds(for_interface(i.profile, i.name))) for i in self.interfaces}
        for interface in self.interfaces:
            for resource in self.resources_of(interface.distribution):
                there = resource.at_interface(interface.name)
                drawn = [s for p in (there.profile, there.charge, there.discharge) if p is not None for s in seeds(p)]
                if drawn:
                    found[f"{interface.name}/{resource.name}"] = drawn
        return found

    @cached_property
    def _distributions(self) -> dict[str, Distribution]:
        return {distribution.name: distribution for distribution in self.distributions}

    @cached_property
    def _interfaces(self) -> dict[str, Interface]:
        return {interface.name: interface for interface in self.interfaces}
