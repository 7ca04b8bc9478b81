"""ANDES as the compiler sees it; never imports ANDES."""

from __future__ import annotations

from tdscen.facts import Facts, Key, TransmissionFacts
from tdscen.plan import Observation
from tdscen.simulators.andes.files import locate
from tdscen.simulators.spec import Observable, OptionSpec, Settable, Simulator, find_key

STATIC_GENERATORS = ("PV", "Slack")

_COLUMNS = {
    ("bus", "v"): "v_pu",
    ("bus", "a"): "angle_rad",
    ("coi", "omega"): "omega_pu",
    ("generator", "omega"): "omega_pu",
    ("generator", "delta"): "delta_rad",
    ("generator", "p"): "p_mw",
    ("generator", "q"): "q_mvar",
    ("load", "p"): "p_mw",
    ("load", "q"): "q_mvar",
}


def expand(device: str, key: Key | None, quantity: str, facts: Facts) -> tuple[Observation, ...]:
    """One reference of `observe` as observations; see `Simulator`."""
    assert isinstance(facts, TransmissionFacts)
    column = _COLUMNS[device, quantity]
    if device == "coi":
        return _inertia_centre(key, quantity, column, facts)
    dynamic = {g.idx: g.model not in STATIC_GENERATORS for g in facts.generators}
    known: dict[str, tuple[Key, ...]] = {
        "bus": tuple(bus.idx for bus in facts.buses),
        "generator": tuple(dynamic),
        "load": tuple(load.idx for load in facts.loads if load.online),
    }
    keys = known[device] if key is None else (find_key(key, known[device]),)
    if device == "generator" and not facts.dynamic:
        if quantity not in ("p", "q"):
            if key is None:
                return ()
            raise ValueError(f"a power flow has no {quantity} of generator {key}: it has p and q")
    elif device == "generator":
        if key is not None and not dynamic[keys[0]]:
            raise ValueError(f"generator {key} has no dynamic model, so there is no {quantity} of it to record")
        keys = tuple(name for name in keys if dynamic[name])
    return tuple(Observation(device, name, quantity, f"{device}[{name}]/{column}") for name in keys)


def _inertia_centre(key: Key | None, quantity: str, column: str, facts: TransmissionFacts) -> tuple[Observation, ...]:
    if key is not None:
        raise KeyError(key)
    if not facts.dynamic or all(g.model in STATIC_GENERATORS for g in facts.generators):
        raise ValueError("a power flow has no centre of inertia: its generators have no speeds")
    return (Observation("coi", None, quantity, f"coi/{column}"),)


def default_observe(facts: Facts) -> tuple[Observation, ...]:
    """Voltage and angle of every bus; speed, angle, P and Q of every dynamic generator; the centre of inertia's speed.

    Without dynamics P and Q of every generator.
    """
    assert isinstance(facts, TransmissionFacts)
    wanted = [("bus", "v"), ("bus", "a"), *(("generator", q) for q in ("omega", "delta", "p", "q"))]
    if facts.dynamic and any(g.model not in STATIC_GENERATORS for g in facts.generators):
        wanted.append(("coi", "omega"))
    return tuple(o for device, quantity in wanted for o in expand(device, None, quantity, facts))


ANDES = Simulator(
    name="andes",
    side="transmission",
    title="ANDES",
    package="andes",
    module="andes",
    options=(
        OptionSpec("tol", "number", "Newton tolerance of a time step in pu (1e-8)"),
        OptionSpec("max_iter", "number", "most Newton iterations of a time step before it is halved (15)"),
        OptionSpec("pflow_tol", "number", "mismatch tolerance of the power flow in pu (1e-10)"),
        OptionSpec("pflow_max_iter", "number", "most iterations of the power flow (25)"),
        OptionSpec("criteria", "boolean", "end the run when rotor angles drift apart (true)"),
        OptionSpec("ddelta_limit", "number", "rotor angle difference in degrees that counts as unstable (180)"),
    ),
    observables=(
        Observable("bus", "v", "pu", "voltage magnitude"),
        Observable("bus", "a", "rad", "voltage angle"),
        Observable("coi", "omega", "pu", "speed of the centre of inertia"),
        Observable("generator", "omega", "pu", "rotor speed"),
        Observable("generator", "delta", "rad", "rotor angle"),
        Observable("generator", "p", "MW", "electrical power"),
        Observable("generator", "q", "MVAr", "reactive power"),
        Observable("load", "p", "MW", "power that a static load draws"),
        Observable("load", "q", "MVAr", "reactive power that a static load draws"),
    ),
    expand=expand,
    default_observe=default_observe,
    locate=locate,
    probe="tdscen.simulators.andes.probe:probe",
    runtime="tdscen.simulators.andes.runtime:AndesTransmission",
    power_flow="tdscen.simulators.andes.quasi_static:AndesPowerFlow",
    warm=("tdscen.simulators.andes.warm:warm",),
    shipped="tdscen.simulators.andes.shipped:cases",
    prepare="tdscen.simulators.andes.pycode:prepare",
    settables=(
        Settable("load", "p", "active power", "what a static load draws (one that no feeder takes the place of)"),
        Settable("load", "q", "reactive power", "what a static load draws (one that no feeder takes the place of)"),
        Settable("generator", "p_ref", "active power", "setpoint of a generator's governor"),
        Settable("generator", "v_ref", "per unit", "setpoint of a generator's exciter", above=0),
    ),
)
