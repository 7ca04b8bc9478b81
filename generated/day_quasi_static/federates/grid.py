"""A transmission system in a co-simulation, made by tdscen 0.1.0. Yours to change: a changed script is kept."""

# A day of the IEEE 14-bus system with the IEEE 34-node feeder at bus 4 (day_quasi_static.tds)
#
# Sends the voltage of each interface bus to the feeders, V exp(j theta) in pu, and draws there what they answer,
# MW + j MVAr: steps of 900.0 s until t = 86400.0 s, iterative.
# T has no dynamics here: each of these times is a power flow.

import sys

try:
    from tdscen.runtime import TransmissionFederate
except ImportError as missing:
    print(f"{sys.executable} cannot run this ({missing}): activate the environment that has tdscen", file=sys.stderr)
    raise SystemExit(5) from None

from tdscen.plan import ModelFile
from tdscen.simulators.adapters import Attachment
from tdscen.simulators.andes.quasi_static import AndesPowerFlow

CASE = ModelFile(
    path="matpower/case14.m",
    origin="builtin",
    sha256="af15bc310ce3b228c075f4ab495520b0ab2d4c63dde008ebcb127f6d041c76d2",
)

# Where the feeders are attached, in place of which load (None: of none).
INTERFACES = (Attachment(name="bus4", bus=4, load="PQ_3"),)

# Which feeder federate carries which of them, in the same order.
FEEDERS = {"ieee34": ("bus4",)}

with TransmissionFederate("grid", __file__, feeders=FEEDERS) as federate:
    system = AndesPowerFlow(
        CASE,
        federate.folder,
        interfaces=INTERFACES,
        observe=federate.observe,
        events=federate.events,
    )

    # At t = 0 both sides repeat until no interface voltage moves more than 1e-9 pu.
    federate.send_if_moved(system.voltage_pu)
    while federate.iterate():
        federate.send_if_moved(system.power_flow(federate.receive()))
    system.start(federate.receive())
    federate.record(system)

    for time_s in federate.steps():
        # The feeders speak first; then the same step again until no voltage moves more than 1e-08 pu.
        while federate.iterate():
            federate.send_if_moved(system.attempt(time_s, federate.receive(), federate.answered_pu))
        system.accept()
        federate.record(system)
