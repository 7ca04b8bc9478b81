"""Feeders in a co-simulation, made by tdscen 0.1.0. Yours to change: a changed script is kept."""

# A day of the IEEE 14-bus system with the IEEE 34-node feeder at bus 4 (day_quasi_static.tds)
#
# Receives the voltage of each interface bus, V exp(j theta) in pu, feeds its feeder with it, and sends back what the
# feeder takes, scaled to the interface, MW + j MVAr: steps of 900.0 s until t = 86400.0 s, iterative.

import sys

try:
    from tdscen.runtime import DistributionFederate, Feeder
except ImportError as missing:
    print(f"{sys.executable} cannot run this ({missing}): activate the environment that has tdscen", file=sys.stderr)
    raise SystemExit(5) from None

import numpy as np

from tdscen.plan import ModelFile, Scale
from tdscen.profiles import Table, for_interface, sample
from tdscen.simulators.boundary import interface_power_mva
from tdscen.simulators.opendss.runtime import OpenDssFeeder

MODEL_IEEE34 = ModelFile(
    path="models/ieee34/ieee34.dss",
    origin="bundled",
    sha256="e88ef840b1e72cd88a11a6eb75f45331024a9cb3e790fb2f3128c342fe1eb0b8",
)
LOAD_DAY = Table(
    times_s=(
        0.0, 3600.0, 7200.0, 10800.0, 14400.0, 18000.0, 21600.0, 25200.0, 28800.0, 32400.0, 36000.0, 39600.0,
        43200.0, 46800.0, 50400.0, 54000.0, 57600.0, 61200.0, 64800.0, 68400.0, 72000.0, 75600.0, 79200.0,
        82800.0, 86400.0,
    ),
    values=(
        0.54, 0.49, 0.46, 0.45, 0.47, 0.54, 0.66, 0.77, 0.78, 0.75, 0.72, 0.71, 0.72, 0.7, 0.68, 0.69, 0.75,
        0.87, 0.97, 1.0, 0.94, 0.84, 0.73, 0.63, 0.54,
    ),
    interpolation="linear",
    source="profiles/day.csv",
)

FEEDERS = (
    Feeder(
        interface="bus4",
        model=MODEL_IEEE34,
        scale=Scale(
            rule="match_load",
            p_factor=23.3300083,
            q_factor=23.3300083,
            shunt_mvar=0.0,
            derivation="47.8 MW at bus 4 of grid / 2.04886 MW of ieee34 = 23.33, at 1.013206 pu, where the feeder takes 2048.86 kW and 305.901 kvar",
        ),
        profile=LOAD_DAY,
        controls="instant",
        source_impedance="none",
    ),
)
NAME = "ieee34"
TRANSMISSION = "grid"
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
        # First with the voltages of the step before, then with each that T answers, until T is silent.
        while federate.iterate():
            voltages_pu = federate.receive()
            for i, (feeder, voltage_pu) in enumerate(zip(feeders, voltages_pu.tolist(), strict=True)):
                power_kva = feeder.solve(voltage_pu, multiplier[i])
                power_mva[i] = interface_power_mva(FEEDERS[i].scale, power_kva, voltage_pu)
            federate.send(power_mva)
        measured = federate.measure(feeders)
        taps_moved = [feeder.act(time_s) for feeder in feeders]  # as events: seen by the next solution
        federate.record(voltages_pu, multiplier, power_mva, measured, taps_moved)
