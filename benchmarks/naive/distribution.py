"""IEEE 34 in OpenDSS as one process of a co-simulation, as a researcher writes it without tdscen."""

import sys
import time

import helics as h
import matplotlib.pyplot as plt
import opendssdirect as dss
import pandas as pd
from settings import FEEDER, INITIAL_EXCHANGES, MULTIPLIERS, SCALE, STEP_S, STOP_S

info = h.helicsCreateFederateInfo()
h.helicsFederateInfoSetCoreTypeFromString(info, "zmq")
h.helicsFederateInfoSetCoreInitString(info, "--federates=1")
h.helicsFederateInfoSetTimeProperty(info, h.HELICS_PROPERTY_TIME_PERIOD, STEP_S)
# A little later than the transmission system, to see its voltage of the same step.
h.helicsFederateInfoSetTimeProperty(info, h.HELICS_PROPERTY_TIME_OFFSET, 0.1 * STEP_S)
federate = h.helicsCreateValueFederate("distribution", info)
p_pub = h.helicsFederateRegisterGlobalPublication(federate, "p_mw", h.HELICS_DATA_TYPE_DOUBLE, "MW")
q_pub = h.helicsFederateRegisterGlobalPublication(federate, "q_mvar", h.HELICS_DATA_TYPE_DOUBLE, "MVAr")
v_sub = h.helicsFederateRegisterSubscription(federate, "v_pu", "pu")
a_sub = h.helicsFederateRegisterSubscription(federate, "angle_deg", "deg")

dss.Text.Command("Clear")
dss.Text.Command(f'Redirect "{FEEDER}"')
dss.Text.Command("Set mode=snapshot controlmode=static maxiterations=100 maxcontroliter=100 tolerance=1e-9")
dss.Text.Command("Solve")
loads = dss.utils.loads_to_dataframe()[["kW", "kvar"]].astype(float)


def solve(multiplier: float) -> tuple[float, float]:
    """Power of the feeder in kW and kvar with the voltage that was received last."""
    v_pu, angle_deg = h.helicsInputGetDouble(v_sub), h.helicsInputGetDouble(a_sub)
    dss.Text.Command(f"Edit Vsource.source pu={v_pu} angle={angle_deg}")
    for name, load in loads.iterrows():
        dss.Loads.Name(name)
        dss.Loads.kW(load["kW"] * multiplier)
        dss.Loads.kvar(load["kvar"] * multiplier)
    dss.Text.Command("Solve")
    if not dss.Solution.Converged():
        raise SystemExit("OpenDSS does not converge")
    p_kw, q_kvar = dss.Circuit.TotalPower()
    return -p_kw, -q_kvar


def publish(p_kw: float, q_kvar: float) -> None:
    h.helicsPublicationPublishDouble(p_pub, SCALE * p_kw / 1000)
    h.helicsPublicationPublishDouble(q_pub, SCALE * q_kvar / 1000)


h.helicsFederateEnterInitializingMode(federate)
for _ in range(INITIAL_EXCHANGES):
    h.helicsFederateEnterExecutingModeIterative(federate, h.HELICS_ITERATION_REQUEST_FORCE_ITERATION)
    p_kw, q_kvar = solve(MULTIPLIERS[0])
    publish(p_kw, q_kvar)
    h.helicsFederateEnterExecutingModeIterative(federate, h.HELICS_ITERATION_REQUEST_FORCE_ITERATION)
h.helicsFederateEnterExecutingMode(federate)
rows = [(0.0, p_kw, q_kvar, min(dss.Circuit.AllBusMagPu()))]

began = time.perf_counter()
for k in range(1, round(STOP_S / STEP_S) + 1):
    h.helicsFederateRequestTime(federate, (k + 0.1) * STEP_S)
    p_kw, q_kvar = solve(MULTIPLIERS[k])
    publish(p_kw, q_kvar)
    rows.append((k * STEP_S, p_kw, q_kvar, min(dss.Circuit.AllBusMagPu())))
print(f"step loop {time.perf_counter() - began:.6f} s")

h.helicsFederateDisconnect(federate)
h.helicsFederateFree(federate)
h.helicsCloseLibrary()

results = pd.DataFrame(rows, columns=["time_s", "p_kw", "q_kvar", "v_min_pu"])
results.to_csv("distribution.csv", index=False)
if "--plot" in sys.argv:
    results.plot(x="time_s", y="p_kw")
    plt.savefig("distribution.png")
