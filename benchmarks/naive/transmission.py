"""IEEE 14 in ANDES as one process of a co-simulation, as a researcher writes it without tdscen."""

import sys
import time

import andes
import helics as h
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from settings import BUS, INITIAL_EXCHANGES, LOAD, MULTIPLIERS, STEP_S, STOP_S, TOLERANCE, TSTEP_S

info = h.helicsCreateFederateInfo()
h.helicsFederateInfoSetCoreTypeFromString(info, "zmq")
h.helicsFederateInfoSetCoreInitString(info, "--federates=1")
h.helicsFederateInfoSetTimeProperty(info, h.HELICS_PROPERTY_TIME_PERIOD, STEP_S)
federate = h.helicsCreateValueFederate("transmission", info)
v_pub = h.helicsFederateRegisterGlobalPublication(federate, "v_pu", h.HELICS_DATA_TYPE_DOUBLE, "pu")
a_pub = h.helicsFederateRegisterGlobalPublication(federate, "angle_deg", h.HELICS_DATA_TYPE_DOUBLE, "deg")
p_sub = h.helicsFederateRegisterSubscription(federate, "p_mw", "MW")
q_sub = h.helicsFederateRegisterSubscription(federate, "q_mvar", "MVAr")

system = andes.load(andes.get_case("ieee14/ieee14_full.xlsx"), setup=True, no_output=True, default_config=True)
# Constant power, or Ppf and Qpf do nothing once dynamics run.
system.PQ.config.p2p, system.PQ.config.p2z = 1.0, 0.0
system.PQ.config.q2q, system.PQ.config.q2z = 1.0, 0.0
system.PFlow.run()
bus = system.Bus.idx2uid(BUS)


def publish() -> None:
    h.helicsPublicationPublishDouble(v_pub, float(system.Bus.v.v[bus]))
    h.helicsPublicationPublishDouble(a_pub, float(np.rad2deg(system.Bus.a.v[bus])))


def power() -> tuple[float, float]:
    base = system.config.mva
    return h.helicsInputGetDouble(p_sub) / base, h.helicsInputGetDouble(q_sub) / base


# Both sides exchange a few times before time starts, so that the dynamics begin in a common equilibrium.
h.helicsFederateEnterInitializingMode(federate)
for _ in range(INITIAL_EXCHANGES):
    publish()
    h.helicsFederateEnterExecutingModeIterative(federate, h.HELICS_ITERATION_REQUEST_FORCE_ITERATION)
    h.helicsFederateEnterExecutingModeIterative(federate, h.HELICS_ITERATION_REQUEST_FORCE_ITERATION)
    p_pu, q_pu = power()
    system.PQ.set(src="p0", idx=LOAD, attr="v", value=p_pu)
    system.PQ.set(src="q0", idx=LOAD, attr="v", value=q_pu)
    system.PFlow.run()
h.helicsFederateEnterExecutingMode(federate)

# Slightly more than the exact fraction: else rounding leaves sliver steps, at which `run` gives up.
steps_between = max(1, round(STEP_S / TSTEP_S))
system.TDS.config.fixt = 1
system.TDS.config.shrinkt = 0
system.TDS.config.tstep = STEP_S / steps_between * (1 + 1e-9)
system.TDS.config.tol = TOLERANCE
system.TDS.config.no_tqdm = 1
system.TDS.init()
rows = [(0.0, float(system.Bus.v.v[bus]), float(system.Bus.a.v[bus]), p_pu * system.config.mva)]

began = time.perf_counter()
for k in range(1, round(STOP_S / STEP_S) + 1):
    granted = h.helicsFederateRequestTime(federate, k * STEP_S)
    assert abs(granted - k * STEP_S) < 1e-6, granted
    p_pu, q_pu = power()
    system.PQ.set(src="Ppf", idx=LOAD, attr="v", value=p_pu)
    system.PQ.set(src="Qpf", idx=LOAD, attr="v", value=q_pu)
    system.TDS.config.tf = k * STEP_S
    if not system.TDS.run():
        raise SystemExit(f"ANDES stopped at t = {system.dae.t} s")
    publish()
    rows.append((k * STEP_S, float(system.Bus.v.v[bus]), float(system.Bus.a.v[bus]), p_pu * system.config.mva))
print(f"step loop {time.perf_counter() - began:.6f} s")

h.helicsFederateDisconnect(federate)
h.helicsFederateFree(federate)
h.helicsCloseLibrary()

results = pd.DataFrame(rows, columns=["time_s", "v_pu", "angle_rad", "drawn_p_mw"])
results["multiplier"] = MULTIPLIERS
results.to_csv("transmission.csv", index=False)
if "--plot" in sys.argv:
    results.plot(x="time_s", y="v_pu")
    plt.savefig("transmission.png")
