"""The calls that every step makes to an engine, looked up once.

dss-python looks each of them up anew, asks for errors behind each and copies what it returns into arrays: for a feeder
of the size of IEEE 34 that takes a third as long as its solution. These are the same functions of the same library.
"""

from __future__ import annotations

from typing import Any

from tdscen.simulators.opendss.engine import Engine


class Native:
    """Bound functions of one engine's context; whoever calls some of them asks for errors (`check`) behind the last.

    The engine keeps the number of its first error until it is asked for.
    """

    __slots__ = (
        *("_circuit", "_counts", "_error", "_unpack", "_values"),
        *("converged", "currents", "init_snap", "queue_size", "sample_controls", "select_element"),
        *("set_angle_deg", "set_seconds", "set_source_pu", "solve_no_control", "voltage_pointer", "voltages"),
    )

    def __init__(self, engine: Engine) -> None:
        util = engine._api_util
        library: Any = util.lib
        self._circuit = engine.ActiveCircuit
        self._error = library.Error_Get_NumberPtr()
        self._values, self._counts = util.gr_float64_pointers
        self._unpack = util.ffi.unpack
        self.set_source_pu, self.set_angle_deg = library.Vsources_Set_pu, library.Vsources_Set_AngleDeg
        self.init_snap, self.solve_no_control = library.Solution_InitSnap, library.Solution_SolveNoControl
        self.converged = library.Solution_Get_Converged
        self.select_element = library.Circuit_SetCktElementIndex
        self.currents, self.voltages = library.CktElement_Get_Currents_GR, library.CktElement_Get_Voltages_GR
        self.voltage_pointer = library.YMatrix_getVpointer
        self.set_seconds = library.Solution_Set_Seconds
        self.sample_controls, self.queue_size = library.Solution_SampleControlDevices, library.CtrlQueue_Get_QueueSize

    def check(self) -> None:
        """Raises dss-python's `DSSException` for an error of the calls made since this was asked before."""
        if self._error[0]:
            self._circuit._check_for_error()

    def numbers(self) -> list[float]:
        """What `currents` or `voltages` has left: real and imaginary parts of the active element's phasors."""
        found: list[float] = self._unpack(self._values[0], self._counts[0])
        return found
