"""A transmission system in a co-simulation, made by tdscen 0.1.0. Yours to change: a changed script is kept."""

# IEEE 14 + IEEE 34: what the interface voltage is sensitive to (lesson_sensitivity.tds)
#
# Sends the voltage of each interface bus to the feeders, V exp(j theta) in pu, and draws there what they answer,
# MW + j MVAr: steps of 1.0 s until t = 16.0 s, serial.

import sys

try:
    from tdscen.runtime import TransmissionFederate
except ImportError as missing:
    print(f"{sys.executable} cannot run this ({missing}): activate the environment that has tdscen", file=sys.stderr)
    raise SystemExit(5) from None

from tdscen.plan import ModelFile
from tdscen.simulators.adapters import Attachment
from tdscen.simulators.andes.runtime import AndesTransmission

CASE = ModelFile(
    path="ieee14/ieee14_full.xlsx",
    origin="builtin",
    sha256="d493e27c25c9e9127a686b3c765e5dac8379906591039e25c3ddef5734b9b828",
)

# Where the feeders are attached, in place of which load (None: of none).
INTERFACES = (Attachment(name="feeder", bus=4, load="PQ_3"),)

# Which feeder federate carries which of them, in the same order.
FEEDERS = {"ieee34": ("feeder",)}

with TransmissionFederate("ieee14", __file__, feeders=FEEDERS) as federate:
    system = AndesTransmission(
        CASE,
        federate.folder,
        interfaces=INTERFACES,
        step_s=0.03333333333333333,
        disable_events=True,
        loads="constant_power",
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
        voltage_pu = system.advance(time_s, federate.receive(), federate.answered_pu)
        federate.send(voltage_pu)
        federate.release()  # the feeders go on while this time is recorded
        federate.record(system)
