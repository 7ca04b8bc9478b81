"""An OpenDSS engine of its own for each feeder, loaded so that a model cannot touch anything outside of it.

The model is executed from a temporary copy of its files (`script`): nothing is written, nothing opens, the model solves
nothing itself, and the process's working folder never changes.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tdscen.scratch import scratch_folder
from tdscen.simulators.errors import SimulationError
from tdscen.simulators.opendss.files import read_model
from tdscen.simulators.source import ModelSource

Engine = Any
"""A `dss.IDSS`; dss-python's types are not checked here."""

STATIC, TIME, OFF = 0, 2, -1
"""OpenDSS's control modes: settle at once, act in simulated time, do not act."""

ABSURD_KVA = 1e9
"""More than any feeder can take: OpenDSS calls such solutions converged (a capacitor on an unconnected node)."""

_SETTINGS = {"tolerance": 1e-10, "max_iterations": 100.0, "max_control_iterations": 100.0}


def open_engine(source: ModelSource, options: Sequence[tuple[str, str | float | bool]] = ()) -> Engine:
    """An engine with the model in it, in snapshot mode with settling controls, not yet solved by us.

    Raises `SimulationError` with the engine's message and its file and line where the model does not compile.
    """
    import dss

    here = os.getcwd()
    engine = dss.DSS.NewContext()
    os.chdir(here)  # the first context of a process goes to the folder in which dss was imported
    engine.AllowForms = False
    engine.AllowEditor = False
    engine.AllowChangeDir = False
    with scratch_folder() as folder:
        staged = folder.resolve() / "model"
        _stage(source, staged)
        out = staged.parent / "out"
        out.mkdir()
        try:
            engine.Text.Command = "clear"
            # Survives `clear`: a 60 Hz master that does not set it would be built at the last model's frequency.
            engine.Text.Command = "set DefaultBaseFrequency=60"
            engine.Text.Command = f'set datapath="{out}"'
            engine.Text.Command = f'redirect "{staged / source.main}"'
        except dss.DSSException as error:
            raise SimulationError(f"OpenDSS cannot compile {source.main}: {message(error, staged)}") from None
        if engine.NumCircuits == 0:
            raise SimulationError(f"{source.main} defines no circuit (New Circuit.NAME)")
        _set(engine, source.main, options)
    return engine


def _stage(source: ModelSource, folder: Path) -> None:
    """A copy of the model that shows and writes nothing: a named `Export` goes to the process's working folder."""
    source.copy_to(folder)
    for path, text in read_model(folder / source.main, folder).executed.items():
        path.write_text(text, encoding="utf-8", newline="")


def _set(engine: Engine, name: str, options: Sequence[tuple[str, str | float | bool]]) -> None:
    """Our settings over whatever the master left behind (`mode=yearly number=8760`, `controlmode=off`)."""
    settings = dict(_SETTINGS)
    for option, value in options:
        if option not in settings:
            raise SimulationError(f"OpenDSS has no option {option} here; there are {', '.join(settings)}")
        settings[option] = float(value)
    command(engine, name, "set mode=snapshot")
    command(engine, name, "set controlmode=static")
    solution = engine.ActiveCircuit.Solution
    solution.Tolerance = settings["tolerance"]
    solution.MaxIterations = int(settings["max_iterations"])
    solution.MaxControlIterations = int(settings["max_control_iterations"])


def message(error: Exception, staged: Path | None = None) -> str:
    """The engine's message on one line, without the folder of the temporary copy: `text (file, line 3)`."""
    text = str(error)
    if staged is not None:
        text = text.replace(f"{staged}/", "").replace(str(staged), ".")
    text = re.sub(r"\s*\[file: \"([^\"]*)\", line: (\d+)\]", r" (\1 line \2)", text)
    return " ".join(text.split()).rstrip(".")


def command(engine: Engine, name: str, text: str) -> None:
    """Execute one text command. Raises `SimulationError`."""
    import dss

    try:
        engine.Text.Command = text
    except dss.DSSException as error:
        raise SimulationError(f"OpenDSS refuses `{text}` for {name}: {message(error)}") from None


def solved(engine: Engine, name: str, what: object, run: Callable[[], object]) -> None:
    """Run one of the engine's solving calls and look at everything that it may leave unsaid.

    `what`, as text, says in a few words which solution it is. Raises `SimulationError`.
    """
    import dss

    try:
        run()
    except dss.DSSException as error:
        if "485" in str(error):
            raise SimulationError(
                f"the controls of {name} do not settle {what}: regulators or capacitors hunt "
                f"({engine.ActiveCircuit.Solution.MaxControlIterations} rounds of control actions)"
            ) from None
        raise SimulationError(f"OpenDSS cannot solve {name} {what}: {message(error)}") from None
    if not engine.ActiveCircuit.Solution.Converged:
        iterations = engine.ActiveCircuit.Solution.Iterations
        raise SimulationError(f"{name} does not converge {what} ({iterations} iterations)")


def checked_power(power_kva: complex, name: str, what: object) -> complex:
    """`power_kva` unless it is no number or absurd. Raises `SimulationError`."""
    if not math.isfinite(abs(power_kva)) or abs(power_kva) > ABSURD_KVA:
        raise SimulationError(
            f"{name} takes {power_kva.real:.3g} kW and {power_kva.imag:.3g} kvar {what}, which no feeder can: look "
            "for elements on nodes that nothing else connects"
        )
    return power_kva
