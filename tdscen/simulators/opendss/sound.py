"""Whether a solution that OpenDSS calls converged is one."""

from __future__ import annotations

import numpy as np

from tdscen.simulators.errors import SimulationError
from tdscen.simulators.opendss.engine import ABSURD_KVA, Engine
from tdscen.simulators.opendss.nodes import Nodes

ABSURD_PU = 1e3
"""No node of a sound solution is this far above its base voltage."""

MEND = "look for elements on nodes that nothing else connects"


def check_sound(engine: Engine, at: Nodes, source: str, name: str, what: str) -> None:
    """Raise `SimulationError` for a solution in which voltages or losses cannot be.

    `source` is the bus that feeds; `what` says which solution. A load or a capacitor of 0 kvar on a node of its own
    makes the admittance matrix singular: OpenDSS then reports a converged solution with no voltage anywhere, or with
    1e16 kW.
    """
    circuit = engine.ActiveCircuit
    v_volt = np.asarray(circuit.AllBusVmag, np.float64)
    absurd = ~np.isfinite(v_volt) | ((at.base_kv > 0) & (v_volt > ABSURD_PU * at.base_kv * 1000))
    if absurd.any():
        node = at.names[int(absurd.argmax())]
        raise SimulationError(f"OpenDSS calls {name} solved {what}, but the voltage of node {node} cannot be: {MEND}")
    if not any(on for node, on in zip(at.names, at.energised, strict=True) if node.rsplit(".", 1)[0] == source):
        raise SimulationError(f"OpenDSS calls {name} solved {what}, but its source bus {source} has no voltage: {MEND}")
    losses_kva = complex(*circuit.Losses) / 1000
    if not np.isfinite(losses_kva) or abs(losses_kva) > ABSURD_KVA:
        raise SimulationError(f"OpenDSS calls {name} solved {what}, but its losses cannot be: {MEND}")
