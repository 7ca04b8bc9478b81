"""The shipped study by direct calls of ANDES and OpenDSS in one process: no HELICS, nothing of tdscen's runtime.

Written from the manuals of the two simulators, to judge the federation by something else: serial coupling, the
feeder's controls frozen after the start.
"""

from __future__ import annotations

import cmath
import logging
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BUS, LOAD = 4, "PQ_3"
H_S = 1 / 30


class Feeder:
    """A feeder (IEEE 34) behind a stiff source, driven by text commands.

    `heads`: the elements at its source bus, each with its first terminal there; `x_ohm`: the reactance of the source.
    """

    def __init__(self, master: Path, heads: tuple[str, ...] = ("Line.seg800_802",), x_ohm: float = 1e-6) -> None:
        from dss import DSS

        self.heads = heads
        self.dss = DSS.NewContext()
        self.dss.AllowForms = False
        self.dss.AllowChangeDir = False
        self.command("clear")
        self.command(f'redirect "{master}"')
        self.command("set mode=snapshot controlmode=static maxiterations=100 maxcontroliter=100 tolerance=1e-10")
        self.command("solve")
        self.command(f"edit Vsource.source R1=0 X1={x_ohm:g} R0=0 X0={x_ohm:g}")

    def command(self, text: str) -> None:
        self.dss.Text.Command = text

    def power_mva(self, voltage_pu: complex, multiplier: float) -> complex:
        angle = math.degrees(cmath.phase(voltage_pu))
        self.command(f"edit Vsource.source pu={float(abs(voltage_pu))!r} angle={angle!r}")
        self.command(f"set loadmult={float(multiplier)!r}")
        self.command("solve")
        assert self.dss.ActiveCircuit.Solution.Converged
        # Of the line behind the source: the power of so stiff a source is a difference of two equal voltages.
        total = 0j
        for head in self.heads:
            self.dss.ActiveCircuit.SetActiveElement(head)
            element = self.dss.ActiveCircuit.ActiveCktElement
            powers = np.asarray(element.Powers).view(np.complex128)
            total += complex(powers[: len(powers) // element.NumTerminals].sum()) / 1000
        return total


class System:
    """IEEE 14 in ANDES, stepped by `itm_step`, with the feeder in place of a load."""

    def __init__(self, bus: int = BUS, load: str = LOAD) -> None:
        import andes

        andes.config_logger(stream_level=logging.ERROR, file=False, log_path="")  # else it makes a folder in /tmp
        self.system = andes.load(
            andes.get_case("ieee14/ieee14_full.xlsx"), setup=True, no_output=True, default_config=True
        )
        loads = self.system.PQ.config
        loads.p2p, loads.p2z, loads.q2q, loads.q2z = 1, 0, 1, 0
        self.system.PFlow.config.tol = 1e-10
        settings = self.system.TDS.config
        settings.tol, settings.linesearch, settings.no_tqdm = 1e-8, 0, 1
        self.name, self.load = load, self.system.PQ.idx.v.index(load)
        self.bus = self.system.Bus.idx2uid(bus)
        assert self.system.PFlow.run()

    @property
    def voltage_pu(self) -> complex:
        return cmath.rect(self.system.Bus.v.v[self.bus], self.system.Bus.a.v[self.bus])

    def power_flow(self, power_mva: complex) -> complex:
        base = self.system.config.mva
        self.system.PQ.set("p0", self.name, power_mva.real / base, attr="v")
        self.system.PQ.set("q0", self.name, power_mva.imag / base, attr="v")
        assert self.system.PFlow.run()
        return self.voltage_pu

    def advance(self, from_s: float, steps: int, power_mva: complex) -> complex:
        tds, dae = self.system.TDS, self.system.dae
        tds.init()
        self.system.PQ.Ppf.v[self.load] = power_mva.real / self.system.config.mva
        self.system.PQ.Qpf.v[self.load] = power_mva.imag / self.system.config.mva
        for j in range(1, steps + 1):
            tds.h = H_S
            dae.t[...] = from_s + j * H_S
            assert tds.itm_step()
        return self.voltage_pu


def serial_frozen(
    master: Path,
    factor: float,
    multipliers: NDArray[np.float64],
    feeder: Feeder | None = None,
    system: System | None = None,
) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Interface voltage and delivered power (MVA) at t = 0, 1, 2, ... s for these multipliers."""
    feeder, system = feeder or Feeder(master), system or System()
    voltage, power = system.voltage_pu, 0j
    for _ in range(100):
        power = factor * feeder.power_mva(voltage, multipliers[0])
        before, voltage = voltage, system.power_flow(power)
        if abs(voltage - before) < 1e-9:
            break
    feeder.command("set controlmode=off")
    voltages, powers = [voltage], [power]
    for k, multiplier in enumerate(multipliers[1:], 1):
        voltage = system.advance(k - 1.0, 30, power)
        power = factor * feeder.power_mva(voltage, multiplier)
        voltages.append(voltage)
        powers.append(power)
    return np.array(voltages), np.array(powers)
