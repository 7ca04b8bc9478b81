"""Plans made by hand, for tests of what comes after the compiler."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from tdscen.plan import (
    FORMAT,
    Distribution,
    Federation,
    FeederFederate,
    Interface,
    ModelFile,
    Observation,
    Plan,
    Scale,
    Simulation,
    Transmission,
)
from tdscen.profiles import Normal
from tdscen.simulators import ModelSource, simulator

ROOT = Path(__file__).parent.parent
IEEE34 = ROOT / "scenarios" / "feeders" / "ieee34"


@cache
def ieee14() -> ModelSource:
    return simulator("andes").locate("ieee14/ieee14_full.xlsx", ROOT)


@cache
def ieee34() -> ModelSource:
    return simulator("opendss").locate("ieee34.dss", IEEE34)


def demo_models() -> dict[str, bytes]:
    return {f"models/ieee34/{name}": content for name, content in ieee34().contents().items()}


def demo_plan() -> Plan:
    """IEEE 14 with IEEE 34 in place of the load at bus 4, 15 s, a new random load factor every second."""
    model = ModelFile(f"models/ieee34/{ieee34().main}", "bundled", ieee34().sha256())
    observe_t = tuple(Observation("bus", bus, "v", f"bus[{bus}]/v_pu") for bus in range(1, 15))
    observe_t += (Observation("generator", "GENROU_1", "omega", "generator[GENROU_1]/omega_pu"),)
    observe_d = (
        Observation("feeder", None, "v_min", "feeder/v_min_pu"),
        Observation("feeder", None, "v_max", "feeder/v_max_pu"),
        Observation("feeder", None, "losses", "feeder/losses_p_kw"),
    )
    return Plan(
        format=FORMAT,
        name="demo",
        title="IEEE 14 with IEEE 34 at bus 4",
        source="demo.tds",
        source_sha256="0" * 64,
        parameters=(),
        transmission=Transmission(
            name="ieee14",
            simulator="andes",
            case=ModelFile("ieee14/ieee14_full.xlsx", "builtin", ieee14().sha256()),
            base_mva=100.0,
            frequency_hz=60.0,
            step_s=1 / 30,
            disable_events=True,
            options=(),
            observe=observe_t,
        ),
        distributions=(Distribution("ieee34", "opendss", model, "delayed", (), observe_d),),
        interfaces=(
            Interface(
                name="bus4",
                distribution="ieee34",
                bus=4,
                load="PQ_3",
                load_p_mw=47.8,
                load_q_mvar=10.0,
                scale=Scale("23.3", 23.3, 23.3, 0.0, "as written"),
                profile_name="noise",
                profile=Normal(1.0, 0.025, 1.0, 981),
                source_impedance="none",
            ),
        ),
        feeder_federates=(FeederFederate("ieee34_bus4", ("bus4",)),),
        simulation=Simulation(1.0, 15.0, 15, "serial"),
        federation=Federation("zmq", None, 120.0, "warning"),
        requirements=(),
    )


def with_simulation(plan: Plan, **changes: Any) -> Plan:
    return replace(plan, simulation=replace(plan.simulation, **changes))


def with_interface(plan: Plan, **changes: Any) -> Plan:
    """The plan with its only interface changed."""
    return replace(plan, interfaces=(replace(plan.interfaces[0], **changes),))
