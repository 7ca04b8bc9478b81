"""The shipped cloud over IEEE 34 as a real co-simulation, against the same elements in OpenDSS alone.

OpenDSS gets by text commands, row by row, what the run recorded of the feeder's surroundings: the source's voltage, the
load multiplier and the taps. What flows in at the head, and what the photovoltaic system does, must come out.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cosimulations import ROOT, cosimulate
from dss import DSS, IDSS
from numpy.typing import NDArray

from tdscen.results.render import render_text
from tdscen.results.summary import summary

SCENARIO = ROOT / "scenarios" / "pv_cloud.tds"
IEEE34 = ROOT / "scenarios" / "feeders" / "ieee34" / "ieee34.dss"

RATING_KVA = 500.0

# Category B of IEEE Std 1547-2018, Table 8: in parts of the rating by pu.
VOLT_VAR = ((0.92, 0.98, 1.02, 1.08), (0.44, 0.0, 0.0, -0.44))

PV_SYSTEM = (
    "new PVSystem.test bus1=848.1.2.3 phases=3 kV=24.9 kVA=500 Pmpp=500 pf=1 irradiance=0.9 %cutin=0 %cutout=0",
    "edit PVSystem.test Vminpu=0.88 Vmaxpu=1.2 kvarmax=220 kvarmaxabs=220 wattpriority=no",
    "new XYCurve.test npts=6 xarray=(0.5 0.92 0.98 1.02 1.08 1.5) yarray=(1 1 0 0 -1 -1)",
    "new InvControl.test derlist=[PVSystem.test] mode=voltvar vvc_curve1=test refreactivepower=varmax",
    "edit InvControl.test voltagechangetolerance=1e-10 varchangetolerance=1e-10",
)


def irradiance(time_s: float) -> float:
    """The cloud, written once more."""
    return float(np.interp(time_s, (30, 45, 90, 120), (0.9, 0.2, 0.2, 0.9)))


def say(dss: IDSS, *commands: str) -> None:
    for text in commands:
        dss.Text.Command = text


def into(dss: IDSS, element: str, phases: int = 3) -> complex:
    """Power into an element at its first terminal, kW + j kvar."""
    dss.ActiveCircuit.SetActiveElement(element)
    return complex(np.asarray(dss.ActiveCircuit.ActiveCktElement.Powers).view(np.complex128)[:phases].sum())


def opendss_alone(table: pd.DataFrame) -> NDArray[np.complex128]:
    """Power at the head and of the photovoltaic system, one row a recorded time."""
    dss = DSS.NewContext()
    dss.AllowForms = dss.AllowEditor = dss.AllowChangeDir = False
    say(dss, "clear", "set DefaultBaseFrequency=60", f'redirect "{IEEE34}"', *PV_SYSTEM)
    say(dss, "set mode=snapshot controlmode=static tolerance=1e-10 maxiterations=100 maxcontroliter=1000")
    say(dss, "edit Vsource.source z1=(0, 1e-6) z0=(0, 1e-6) z2=(0, 1e-6)", "batchedit RegControl..* enabled=no")
    taps = {name: f"bus4/ieee34/regulator[{name}]/tap" for name in map(str, dss.ActiveCircuit.RegControls.AllNames)}
    rows = []
    for row in table.to_dict("records"):
        angle_deg = math.degrees(row["bus4/fed_angle_rad"])
        say(dss, f"edit Vsource.source pu={row['bus4/fed_v_pu']!r} angle={angle_deg!r}")
        say(dss, f"set loadmult={row['bus4/multiplier']!r}")
        say(dss, f"edit PVSystem.test irradiance={irradiance(row['time_s'])!r}")
        say(dss, *(f"edit RegControl.{name} tapnum={int(row[column])}" for name, column in taps.items()), "solve")
        assert dss.ActiveCircuit.Solution.Converged
        rows.append((into(dss, "Line.seg800_802"), -into(dss, "PVSystem.test")))
    return np.array(rows)


@pytest.mark.slow
def test_powers_are_those_of_opendss_alone(tmp_path: Path) -> None:
    (tmp_path / "shared").symlink_to(ROOT / "scenarios" / "shared")
    run = cosimulate(tmp_path, SCENARIO.read_text(encoding="utf-8"))
    table = run.table
    assert len(table) == 181
    alone = opendss_alone(table)
    pv = [f"bus4/ieee34/pv[roofs]/{quantity}" for quantity in ("p_kw", "q_kvar", "v_pu", "connected")]
    p_kw, q_kvar, v_pu, connected = (table[name].to_numpy() for name in pv)
    head_kva = (table["bus4/p_kw"] + 1j * table["bus4/q_kvar"]).to_numpy()

    assert np.abs(head_kva - alone[:, 0]).max() < 1e-6 * np.abs(head_kva).min()
    assert np.abs(p_kw + 1j * q_kvar - alone[:, 1]).max() < 1e-6 * RATING_KVA
    # The same by the standard's own figures, without OpenDSS.
    assert q_kvar == pytest.approx(RATING_KVA * np.interp(v_pu, *VOLT_VAR), abs=1e-6 * RATING_KVA)
    p_sun = RATING_KVA * np.array([irradiance(t) for t in table["time_s"]])
    assert p_kw == pytest.approx(np.minimum(p_sun, np.sqrt(RATING_KVA**2 - q_kvar**2)), abs=1e-6 * RATING_KVA)
    assert connected.tolist() == [1.0] * 181
    (told,) = summary(run).resources
    assert (told.name, told.out_s) == ("roofs", None)
    assert "pv roofs  100.0 .. 450.0" in render_text(summary(run), 120)
    # And something happened: regulators followed the cloud, the inverter both took and gave up taking reactive power.
    assert table["bus4/taps_moved"].sum() > 5
    assert q_kvar.min() < -100 < -50 < q_kvar.max()
