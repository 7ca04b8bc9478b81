"""Resources as OpenDSS elements: a PVSystem or Storage each, and an InvControl where its control follows the voltage.

Elements are made once, by text commands, on buses that the model has; they take no power until they are told to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tdscen.plan import Resource
from tdscen.simulators.errors import SimulationError
from tdscen.simulators.ieee1547 import CONTINUOUS_LOW_PU, VOLT_VAR, VOLT_WATT, Points
from tdscen.simulators.opendss.engine import Engine, command

CONSTANT_POWER_PU = (CONTINUOUS_LOW_PU, 1.2)
"""Between these voltages power is what it is told to be; outside of them OpenDSS makes the element an impedance."""

TOLERANCE = 1e-9
"""An InvControl is settled when voltage and power (per unit) move less. Its own 1e-4 and 0.025 would leave a power that
depends on the way there, and an iterated step that never agrees."""

FOLLOWS_VOLTAGE = ("volt_var", "volt_watt")

_FAR_PU = (0.0, 3.0)
"""Curves go on flat as far as this."""


@dataclass(frozen=True, slots=True)
class Element:
    """The elements of one resource. `control` is its InvControl's full name, or empty.

    `conductors` are those that carry power; `base_v` is the nominal voltage of what it is connected to, in V: a phase
    to ground, or (`delta`) one phase to the next.
    """

    name: str
    rating_kw: float
    conductors: int
    base_v: float
    delta: bool
    control: str


def add(engine: Engine, resource: Resource, feeder: str) -> Element:
    """Add a resource to the loaded circuit, taking no power. Raises `SimulationError`."""
    circuit = engine.ActiveCircuit
    bus = str(resource.at.key).lower()
    active = circuit.ActiveBus
    if circuit.SetActiveBus(bus) < 0:
        raise SimulationError(f"{feeder} has no bus {bus} for {resource.name}: compile the scenario again")
    phases = sorted(int(node) for node in active.Nodes if 1 <= node <= 3)
    base_kv = float(active.kVBase)
    if base_kv <= 0 or not phases:
        raise SimulationError(f"bus {bus} of {feeder} has no base voltage or no phase for {resource.name}")
    delta = resource.connection == "delta"
    if delta and len(phases) < 2:
        raise SimulationError(
            f"bus {bus} of {feeder} has one phase: {resource.name} cannot be connected in delta there"
        )
    kv = base_kv if len(phases) == 1 else base_kv * math.sqrt(3)
    kva = 1000 * resource.rating_mva
    name = ("pvsystem." if resource.device == "pv" else "storage.") + resource.name.lower()
    if name in {str(known).lower() for known in circuit.AllElementNames}:
        raise SimulationError(f"{feeder} has a {name} of its own: give the resource {resource.name} another name")
    # Between two phases there is one voltage.
    count = 1 if delta and len(phases) == 2 else len(phases)
    at = f"bus1={bus}.{'.'.join(map(str, phases))} phases={count} conn={resource.connection} kv={kv:.12g}"
    low, high = CONSTANT_POWER_PU
    rated = f"kva={kva:.12g} {_own(resource, kva)} %cutin=0 %cutout=0 vminpu={low} vmaxpu={high}"
    command(engine, feeder, f"new {name} {at} {rated} {_q(resource, kva)}")
    base_v = 1000 * (kv if delta else base_kv)
    return Element(name, kva, len(phases), base_v, delta, _control(engine, resource, name, feeder))


def _own(resource: Resource, kva: float) -> str:
    """What only a PVSystem or only a Storage has. Energy is accounted for by us; OpenDSS's is never empty or full."""
    if resource.device == "pv":
        return f"pmpp={kva:.12g} irradiance=0 %pmpp=100"
    energy = f"kwhrated={1000 * (resource.energy_mwh or 0.0):.12g} %stored=50 %reserve=0"
    # Never %idlingkvar: DSS C-API 0.14.5 ignores without a word whatever follows it on the line.
    return f"kwrated={kva:.12g} {energy} %idlingkw=0 %effcharge=100 %effdischarge=100 dispmode=external"


def _q(resource: Resource, kva: float) -> str:
    """How reactive power is set and what gives way at the apparent power rating."""
    options = dict(resource.control_options)
    if resource.control == "power_factor":
        return f"pf={float(options['value']):.12g} pfpriority=yes"
    if resource.control == "volt_var":
        q_max = max(abs(q) for _, q in VOLT_VAR[str(options["curve"])]) * kva
        return f"pf=1 kvarmax={q_max:.12g} kvarmaxabs={q_max:.12g} wattpriority=no"
    return "pf=1"


def _control(engine: Engine, resource: Resource, element: str, feeder: str) -> str:
    """Make the InvControl and its curve; returns its full name, empty where the control does not follow the voltage."""
    if resource.control not in FOLLOWS_VOLTAGE:
        return ""
    label = f"tdscen_{resource.device}_{resource.name.lower()}"
    if resource.control == "volt_var":
        points = VOLT_VAR[str(dict(resource.control_options)["curve"])]
        q_max = max(abs(q) for _, q in points)
        curve = tuple((v_pu, q / q_max) for v_pu, q in points)
        mode = f"mode=voltvar vvc_curve1={label} refreactivepower=varmax"
    else:
        curve = VOLT_WATT
        mode = f"mode=voltwatt voltwatt_curve={label} voltwattyaxis=pmpppu"
    command(engine, feeder, f"new xycurve.{label} {_curve(curve)}")
    tolerances = f"voltagechangetolerance={TOLERANCE} varchangetolerance={TOLERANCE} activepchangetolerance={TOLERANCE}"
    command(engine, feeder, f"new invcontrol.{label} derlist=[{element}] {mode} monvoltagecalc=avg {tolerances}")
    return f"invcontrol.{label}"


def _curve(points: Points) -> str:
    flat = ((_FAR_PU[0], points[0][1]), *points, (_FAR_PU[1], points[-1][1]))
    xs, ys = (" ".join(f"{value:.12g}" for value in column) for column in zip(*flat, strict=True))
    return f"npts={len(flat)} xarray=({xs}) yarray=({ys})"
