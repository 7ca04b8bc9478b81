"""Feeders in a co-simulation, made by tdscen 0.1.0. Yours to change: a changed script is kept."""

# IEEE 14 + IEEE 34: what the interface voltage is sensitive to (lesson_sensitivity.tds)
#
# Receives the voltage of each interface bus, V exp(j theta) in pu, feeds its feeder with it, and sends back what the
# feeder takes, scaled to the interface, MW + j MVAr: steps of 1.0 s until t = 16.0 s, serial.

import sys

try:
    from tdscen.runtime import DistributionFederate, Feeder
except ImportError as missing:
    print(f"{sys.executable} cannot run this ({missing}): activate the environment that has tdscen", file=sys.stderr)
    raise SystemExit(5) from None

import numpy as np

from tdscen.plan import ModelFile, Scale
from tdscen.profiles import Normal, for_interface, sample
from tdscen.simulators.boundary import interface_power_mva
from tdscen.simulators.opendss.runtime import OpenDssFeeder

MODEL_IEEE34 = ModelFile(
    path="models/ieee34/ieee34.dss",
    origin="bundled",
    sha256="e88ef840b1e72cd88a11a6eb75f45331024a9cb3e790fb2f3128c342fe1eb0b8",
)
LOAD_SHAPE = Normal(mean=1.0, std=0.025, every_s=1.0, seed=981)

FEEDERS = (
    Feeder(
        interface="feeder",
        model=MODEL_IEEE34,
        scale=Scale(
            rule="match_load",
            p_factor=23.3015432,
            q_factor=23.3015432,
            shunt_mvar=0.0,
            derivation="47.8 MW at bus 4 of ieee14 / 2.05137 MW of ieee34 = 23.3015, at 1.012591 pu, where the feeder takes 2051.37 kW and 305.544 kvar",
        ),
        profile=LOAD_SHAPE,
        controls="delayed",
        source_impedance="none",
    ),
)
NAME = "ieee34"
TRANSMISSION = "ieee14"
INTERFACES = [feeder.interface for feeder in FEEDERS]

with DistributionFederate(NAME, __file__, transmission=TRANSMISSION, interfaces=INTERFACES) as federate:
    feeders = [
        OpenDssFeeder(
            feeder.model,
            federate.folder,
            controls=feeder.controls,
            source_impedance=feeder.source_impedance,
            options=feeder.options,
            observe=federate.observe(feeder.interface),
            events=federate.events(feeder.interface),
            resources=federate.resources(feeder.interface),
        )
        for feeder in FEEDERS
    ]
    # One row a communication time, one column a feeder: what its loads are multiplied with.
    multipliers = np.column_stack(
        [sample(for_interface(feeder.profile, feeder.interface), federate.times_s) for feeder in FEEDERS]
    )

    power_mva = np.zeros(len(feeders), complex)

    # At t = 0 both sides repeat until no interface voltage moves; regulators and capacitors settle.
    for feeder in feeders:
        feeder.begin(0.0)
    while federate.iterate():
        voltages_pu = federate.receive()
        for i, (feeder, voltage_pu) in enumerate(zip(feeders, voltages_pu.tolist(), strict=True)):
            power_kva = feeder.settle(voltage_pu, multipliers[0, i])
            power_mva[i] = interface_power_mva(FEEDERS[i].scale, power_kva, voltage_pu)
        federate.send(power_mva)
    for feeder in feeders:
        feeder.start_clock()
    federate.record(voltages_pu, multipliers[0], power_mva, federate.measure(feeders))

    for time_s, multiplier in zip(federate.steps(), multipliers[1:], strict=True):
        for feeder in feeders:
            feeder.begin(time_s)
        voltages_pu = federate.receive()
        for i, (feeder, voltage_pu) in enumerate(zip(feeders, voltages_pu.tolist(), strict=True)):
            power_kva = feeder.solve(voltage_pu, multiplier[i])
            power_mva[i] = interface_power_mva(FEEDERS[i].scale, power_kva, voltage_pu)
        federate.send(power_mva)
        federate.release()  # T goes on while this time is recorded and controls act
        measured = federate.measure(feeders)
        taps_moved = [feeder.act(time_s) for feeder in feeders]  # as events: seen by the next solution
        federate.record(voltages_pu, multiplier, power_mva, measured, taps_moved)
