"""OpenDSS as the compiler sees it; never imports OpenDSS."""

from __future__ import annotations

from tdscen.facts import DistributionFacts, Facts, Key
from tdscen.plan import Observation
from tdscen.simulators.opendss.files import locate
from tdscen.simulators.spec import Observable, OptionSpec, Settable, Simulator, find_key

PHASES = "abc"

_COLUMNS = {
    ("bus", "v"): "v",
    ("regulator", "tap"): "tap",
    ("capacitor", "state"): "state",
    ("load", "p"): "p_kw",
    ("load", "q"): "q_kvar",
    **{(device, "p"): "p_kw" for device in ("pv", "storage")},
    **{(device, "q"): "q_kvar" for device in ("pv", "storage")},
    **{(device, "v"): "v_pu" for device in ("pv", "storage")},
    **{(device, "connected"): "connected" for device in ("pv", "storage")},
    ("storage", "energy"): "energy_kwh",
    ("feeder", "v_min"): "v_min_pu",
    ("feeder", "v_max"): "v_max_pu",
    ("feeder", "losses"): "losses_p_kw",
}


def expand(device: str, key: Key | None, quantity: str, facts: Facts) -> tuple[Observation, ...]:
    """One reference of `observe` as observations; see `Simulator`. A bus gives one a phase."""
    assert isinstance(facts, DistributionFacts)
    column = _COLUMNS[device, quantity]
    if device == "feeder":
        if key is not None:
            raise KeyError(key)
        if quantity in ("v_min", "v_max") and not any(bus.kv > 0 for bus in facts.buses):
            raise ValueError(
                "the feeder sets no voltage bases (Set voltagebases, CalcVoltageBases), so it has no voltages in pu"
            )
        return (Observation(device, None, quantity, f"feeder/{column}"),)
    phases = {bus.name: bus.phases for bus in facts.buses if bus.kv > 0}
    known: dict[str, tuple[Key, ...]] = {
        "bus": tuple(phases),
        "regulator": tuple(regulator.name for regulator in facts.regulators),
        "capacitor": tuple(capacitor.name for capacitor in facts.capacitors),
        "load": tuple(load.name for load in facts.loads),
        "pv": tuple(r.name for r in facts.resources if r.device == "pv"),
        "storage": tuple(r.name for r in facts.resources if r.device == "storage"),
    }
    if key is not None and device == "bus" and str(key).casefold() in {b.name for b in facts.buses if b.kv == 0}:
        raise ValueError(f"bus {key} has no voltage base in the feeder model, so it has no voltage in pu")
    keys = known[device] if key is None else (find_key(key, known[device]),)
    if device == "bus":
        return tuple(
            Observation(device, name, f"v_{PHASES[p - 1]}", f"bus[{name}]/v_{PHASES[p - 1]}_pu")
            for name in keys
            for p in phases[str(name)]
        )
    return tuple(Observation(device, name, quantity, f"{device}[{name}]/{column}") for name in keys)


def default_observe(facts: Facts) -> tuple[Observation, ...]:
    """Lowest and highest voltage, all taps and capacitor states, everything of resources that are added.

    Not the losses: OpenDSS sums them over all elements, which takes half as long as a solution (`docs/performance.md`).
    """
    assert isinstance(facts, DistributionFacts)
    wanted = [("regulator", "tap"), ("capacitor", "state")]
    if any(bus.kv > 0 for bus in facts.buses):
        wanted = [("feeder", "v_min"), ("feeder", "v_max"), *wanted]
    added = [
        (resource.device, resource.name, o.quantity)
        for resource in facts.resources
        if resource.added
        for o in OPENDSS.observables
        if o.device == resource.device
    ]
    every = [(device, None, quantity) for device, quantity in wanted]
    return tuple(o for device, key, quantity in (*every, *added) for o in expand(device, key, quantity, facts))


def _of_a_resource(device: str) -> tuple[Observable, ...]:
    return (
        Observable(device, "p", "kW", f"power that a {device} delivers"),
        Observable(device, "q", "kvar", f"reactive power that a {device} delivers"),
        Observable(device, "v", "pu", f"voltage at a {device}, mean of its phases"),
        Observable(device, "connected", "", f"1 while a {device} is in service, 0 while it is not"),
    )


OPENDSS = Simulator(
    name="opendss",
    side="distribution",
    title="OpenDSS",
    package="dss-python",
    module="dss",
    options=(
        OptionSpec("tolerance", "number", "convergence tolerance of a solution in pu (1e-10)"),
        OptionSpec("max_iterations", "number", "most iterations of a solution (100)"),
        OptionSpec("max_control_iterations", "number", "most rounds of control actions in a solution (100)"),
    ),
    observables=(
        Observable("bus", "v", "pu", "voltage magnitude, one a phase"),
        Observable("regulator", "tap", "", "tap position"),
        Observable("capacitor", "state", "", "capacitor steps that are switched in"),
        Observable("load", "p", "kW", "power that a load draws"),
        Observable("load", "q", "kvar", "reactive power that a load draws"),
        *_of_a_resource("pv"),
        *_of_a_resource("storage"),
        Observable("storage", "energy", "kWh", "energy that a storage holds"),
        Observable("feeder", "v_min", "pu", "lowest voltage of the feeder"),
        Observable("feeder", "v_max", "pu", "highest voltage of the feeder"),
        Observable("feeder", "losses", "kW", "losses of the feeder"),
    ),
    expand=expand,
    default_observe=default_observe,
    locate=locate,
    probe="tdscen.simulators.opendss.probe:probe",
    runtime="tdscen.simulators.opendss.runtime:OpenDssFeeder",
    warm=("dss",),
    settables=(
        Settable("load", "kW", "active power", "rated power, over which the profile acts; the power factor stays"),
        Settable("load", "kvar", "reactive power", "rated reactive power, over which the profile acts"),
        Settable("capacitor", "state", "number", "steps that are switched in (0: none)", least=0, whole=True),
        Settable("capacitor", "kvar", "reactive power", "rated reactive power of all steps", above=0),
        Settable("regulator", "tap", "number", "tap position, 0 in the middle", whole=True),
        Settable("regulator", "vreg", "voltage", "voltage that a regulator holds, on its own base (122 V)", above=0),
        Settable("regulator", "band", "voltage", "width of its dead band, on its own base (2 V)", above=0),
    ),
)
