"""Loading a case into ANDES so that nothing but the case decides: no user settings, no output, our own code cache."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tdscen.plan import ModelFile
from tdscen.simulators.andes import converted, log, pycode
from tdscen.simulators.andes.files import cases_folder, locate
from tdscen.simulators.andes.importing import late_imports
from tdscen.simulators.errors import ModelNotFound, SimulationError
from tdscen.simulators.source import ModelSource, verify

EVENTS = ("Toggle", "Fault", "Alter")
"""ANDES's models that act at a time written in the case file."""

COLLAPSED_PU = 0.1
"""No bus of a power flow that means anything is this low; Newton's method also finds such roots."""

System = Any
"""An `andes.System`; ANDES has no types."""


def find(model: ModelFile, folder: Path) -> ModelSource:
    """The files of a plan's case (`folder`: the generated folder), checked against the plan's hash."""
    try:
        source = locate(model.path, folder if model.origin == "bundled" else Path("/nonexistent"), model.extra)
    except ModelNotFound as error:
        raise SimulationError(f"{error}: compile the scenario again") from None
    verify(source, model)
    return source


def load(source: ModelSource) -> System:
    """The case, read but not set up (devices can still be added). Raises `SimulationError`."""
    if source.origin == "builtin" and cases_folder() is None:
        raise SimulationError("ANDES is not installed")
    code = pycode.prepare()
    log.collect()
    quick = converted.known(source)
    try:
        with late_imports():
            import andes  # comes after all checks that can fail without it

            system = andes.load(
                str(quick or source.root / source.main),
                addfile=[str(source.root / name) for name in source.extra],
                setup=False,
                no_output=True,
                default_config=True,
                autogen_stale=False,
                pycode_path=str(code),
            )
    except Exception as error:
        raise SimulationError(f"ANDES cannot read {source.main}: {type(error).__name__}: {error}") from error
    if system is None:
        raise SimulationError(f"ANDES cannot read {source.main}: {log.last()}")
    if system.TimeSeries.n:
        raise SimulationError(
            f"{source.main} takes time series from a further file (TimeSeries), which is not supported: give the "
            "interface's load a profile instead"
        )
    if any("is stale" in line for line in log.collected()):
        raise SimulationError(f"ANDES's generated code in {code} is out of date: delete that folder and run again")
    if quick is None:
        converted.keep(system, source)
    return system


def switch_off_events(system: System) -> tuple[str, ...]:
    """Switch off the case's own events, before set-up; returns a note if there were any."""
    off = 0
    for name in EVENTS:
        events = getattr(system, name)
        off += sum(1 for u in events.u.v if u)
        events.u.v = [0] * len(events.u.v)
    if off == 0:
        return ()
    return (f"{off} event{'s' if off > 1 else ''} of the case itself switched off",)


def set_up(system: System, name: str) -> None:
    """Finish the system once all devices are in it. Raises `SimulationError`."""
    try:
        sound = system.setup()
    except Exception as error:
        raise SimulationError(f"ANDES cannot set up {name}: {type(error).__name__}: {error}") from error
    if not sound:
        raise SimulationError(f"ANDES cannot set up {name}: {log.last()}")


def configure(system: System, options: Sequence[tuple[str, str | float | bool]]) -> None:
    """Settings of the power flow and of the integration; `options` override ours. Raises `SimulationError`."""
    pflow, tds, pq = system.PFlow.config, system.TDS.config, system.PQ.config
    # Constant power: only then do Ppf and Qpf of an interface's load act while dynamics run.
    pq.p2p, pq.p2i, pq.p2z = 1.0, 0.0, 0.0
    pq.q2q, pq.q2i, pq.q2z = 1.0, 0.0, 0.0
    pflow.report, pflow.tol = 0, 1e-10
    tds.no_tqdm, tds.save_every, tds.linesearch, tds.tol = 1, 0, 0, 1e-8
    targets = {
        "tol": (tds, "tol", float),
        "max_iter": (tds, "max_iter", int),
        "criteria": (tds, "criteria", int),
        "ddelta_limit": (tds, "ddelta_limit", float),
        "pflow_tol": (pflow, "tol", float),
        "pflow_max_iter": (pflow, "max_iter", int),
    }
    for option, value in options:
        if option not in targets:
            raise SimulationError(f"ANDES has no option {option} here; there are {', '.join(targets)}")
        config, attribute, kind = targets[option]
        setattr(config, attribute, kind(value))


def solve_power_flow(system: System, name: str) -> None:
    """Run ANDES's power flow. Raises `SimulationError` when it does not converge."""
    log.collect()
    try:
        converged = system.PFlow.run()
    except Exception as error:
        raise SimulationError(f"the power flow of {name} fails: {type(error).__name__}: {error}") from error
    if not converged:
        raise SimulationError(f"the power flow of {name} does not converge: {log.last()}")


def check_voltages(system: System, name: str) -> None:
    """Raise `SimulationError` where the power flow has converged to a root without meaning."""
    v_pu = system.Bus.v.v
    lowest = int(v_pu.argmin())
    if not v_pu[lowest] > COLLAPSED_PU:
        raise SimulationError(
            f"the power flow of {name} ends in a solution without meaning (bus {system.Bus.idx.v[lowest]} at "
            f"{float(v_pu[lowest]):.3f} pu): more load than the network can carry, or data that do not fit"
        )
