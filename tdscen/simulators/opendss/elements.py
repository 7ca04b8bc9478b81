"""Elements of an OpenDSS circuit by name, through native calls: is it closed, open it, close it."""

from __future__ import annotations

from typing import Any

from tdscen.simulators.errors import SimulationError
from tdscen.simulators.opendss.engine import Engine

TERMINALS = (1, 2)
"""A line is switched at both of its ends: what it charges is switched off with it."""

ALL_PHASES = 0


def names(collection: Any) -> tuple[str, ...]:
    """The names in a collection (`Lines`, `Loads`), of elements out of service too."""
    return tuple(str(name) for name in collection.AllNames if str(name).lower() != "none")  # dss-python's word for none


def activate(engine: Engine, element: str, feeder: str) -> Any:
    """The element (`Line.feeder`) as OpenDSS's active one. Raises `SimulationError`."""
    circuit = engine.ActiveCircuit
    if circuit.SetActiveElement(element) < 0:
        raise SimulationError(f"{feeder} has no {element}: compile the scenario again")
    return circuit.ActiveCktElement


def is_closed(engine: Engine, line: str) -> bool:
    """Whether a line is in service and closed in all phases at both ends."""
    engine.ActiveCircuit.SetActiveElement(f"Line.{line}")
    element = engine.ActiveCircuit.ActiveCktElement
    return bool(element.Enabled) and not any(element.IsOpen(terminal, ALL_PHASES) for terminal in TERMINALS)


def open_line(engine: Engine, line: str, feeder: str) -> None:
    """Open all phases of a line at both ends. Raises `SimulationError`.

    Not by taking it out of service: what hangs behind it would be left without any admittance, and OpenDSS's
    solution would hold no numbers (seen with loads of constant current).
    """
    element = activate(engine, f"Line.{line}", feeder)
    for terminal in TERMINALS:
        element.Open(terminal, ALL_PHASES)


def close_line(engine: Engine, line: str, feeder: str) -> None:
    """Close all phases of a line at both ends. Raises `SimulationError`."""
    element = activate(engine, f"Line.{line}", feeder)
    for terminal in TERMINALS:
        element.Close(terminal, ALL_PHASES)


def tap_range(engine: Engine, transformer: str, winding: int) -> tuple[int, int]:
    """Lowest and highest tap number of a winding: 0 is the middle of its range."""
    transformers = engine.ActiveCircuit.Transformers
    before = transformers.Name
    transformers.Name = transformer
    transformers.Wdg = winding
    half = int(transformers.NumTaps) // 2
    transformers.Name = before
    return -half, half
