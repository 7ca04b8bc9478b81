"""What a probe read from a model: plain data, made by `simulators/<name>/probe.py`, kept in a cache.

Units are in the names. Powers of a transmission case are in MW and MVAr, of a feeder in kW and kvar; consumption is
positive everywhere (OpenDSS's own sign is turned). Phases are 1, 2, 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Key = int | str
"""How a simulator names a device: ANDES's `idx` (a number or a text), OpenDSS's element name."""


@dataclass(frozen=True, slots=True)
class Bus:
    """A bus of the transmission system; `v_pu` and `angle_rad` from the case's own power flow."""

    idx: Key
    name: str
    kv: float
    v_pu: float
    angle_rad: float


@dataclass(frozen=True, slots=True)
class StaticLoad:
    """A constant-power load of the transmission case (`PQ` in ANDES)."""

    idx: Key
    bus: Key
    p_mw: float
    q_mvar: float
    online: bool


@dataclass(frozen=True, slots=True)
class Generator:
    """A generator. `model` is the dynamic model (`GENROU`), or the static one (`PV`, `Slack`) without dynamics.

    `setpoints`: the quantities of it that an event can set, because it has a governor (`p_ref`), an exciter (`v_ref`).
    `machine`: a rotating machine with dynamics; of others it is not known what stands for them while dynamics run.
    """

    idx: Key
    name: str
    bus: Key
    model: str
    mva: float
    p_mw: float
    online: bool = True
    setpoints: tuple[str, ...] = ()
    machine: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """A line or transformer of the transmission system."""

    idx: Key
    name: str
    from_bus: Key
    to_bus: Key
    online: bool


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """An event that the case file carries itself (`Toggle`, `Fault`, `Alter` in ANDES).

    `until_s`: when it is over (a fault's clearing). `device` and `key`: what it switches on or off, or the bus of a
    fault ("" and None for what it does otherwise).
    """

    idx: Key
    model: str
    time_s: float
    text: str
    online: bool
    until_s: float | None = None
    device: str = ""
    key: Key | None = None


@dataclass(frozen=True, slots=True)
class TransmissionFacts:
    """A transmission case.

    `problem` is set, in one sentence, when its power flow does not converge; `dynamics_problem` when it does, and the
    dynamics do not start in its solution.
    """

    base_mva: float
    frequency_hz: float
    dynamic: bool
    buses: tuple[Bus, ...]
    loads: tuple[StaticLoad, ...]
    generators: tuple[Generator, ...]
    lines: tuple[Line, ...]
    events: tuple[CaseEvent, ...]
    problem: str | None = None
    dynamics_problem: str | None = None


@dataclass(frozen=True, slots=True)
class FeederSource:
    """The feeder's voltage source as the model has it: bus, rated kV (line to line), per-unit setting."""

    name: str
    bus: str
    kv: float
    v_pu: float
    angle_deg: float
    phases: int


@dataclass(frozen=True, slots=True)
class FeederHead:
    """The first transformer behind the source (None: the feeder starts at the source bus).

    `rated_kv` is the rating of the winding at the source (line to line), `v_pu` the solved voltage of the feeder's
    head (secondary of that transformer over its rating, else the source bus over its rated kV).
    """

    transformer: str | None
    rated_kv: float | None
    v_pu: float


@dataclass(frozen=True, slots=True)
class FeederBus:
    """A bus of the feeder, its rated kV (line to line; 0 where the model gives none) and its phases."""

    name: str
    kv: float
    phases: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FeederLoad:
    """A load of the feeder, its rated power and voltage (as the model states it), its OpenDSS load model."""

    name: str
    bus: str
    phases: int
    kw: float
    kvar: float
    kv: float
    model: int


@dataclass(frozen=True, slots=True)
class FeederRegulator:
    """A regulator control: the transformer it moves, its tap after the nominal solution, its delays, its range."""

    name: str
    transformer: str
    tap: int
    delay_s: float
    tap_delay_s: float
    lowest_tap: int = -16
    highest_tap: int = 16


@dataclass(frozen=True, slots=True)
class FeederCapacitor:
    """A shunt capacitor with its rated power and the steps it has."""

    name: str
    bus: str
    kvar: float
    steps: int = 1


@dataclass(frozen=True, slots=True)
class FeederLine:
    """A line or switch of the feeder, and whether the model has it closed."""

    name: str
    from_bus: str
    to_bus: str
    is_switch: bool
    closed: bool = True


@dataclass(frozen=True, slots=True)
class FeederGenerator:
    """A generator of the feeder model itself."""

    name: str
    bus: str
    kw: float
    online: bool


@dataclass(frozen=True, slots=True)
class FeederResource:
    """A photovoltaic system or storage with its rating: the model's own, or (`added`) one that the scenario adds."""

    name: str
    device: Literal["pv", "storage"]
    bus: str
    phases: int
    kva: float
    added: bool = False


@dataclass(frozen=True, slots=True)
class DistributionFacts:
    """A feeder model, solved once at its own nominal settings with regulators and capacitors free to settle.

    `loads_p_kw` is the sum of the rated powers, `head_p_kw` what the source delivers, `losses_p_kw` what is lost.
    `problem` is set, in one sentence, when the model does not compile or does not solve; what could not be read is
    then empty or zero.
    """

    frequency_hz: float
    source: FeederSource | None
    head: FeederHead | None
    head_p_kw: float
    head_q_kvar: float
    loads_p_kw: float
    loads_q_kvar: float
    losses_p_kw: float
    v_min_pu: float
    v_min_bus: str
    v_max_pu: float
    v_max_bus: str
    buses: tuple[FeederBus, ...]
    loads: tuple[FeederLoad, ...]
    lines: tuple[FeederLine, ...]
    regulators: tuple[FeederRegulator, ...]
    capacitors: tuple[FeederCapacitor, ...]
    problem: str | None = None
    warnings: tuple[str, ...] = ()
    resources: tuple[FeederResource, ...] = ()
    generators: tuple[FeederGenerator, ...] = ()


Side = Literal["transmission", "distribution"]
Facts = TransmissionFacts | DistributionFacts
