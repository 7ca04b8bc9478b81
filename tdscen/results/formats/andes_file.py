"""ANDES's own output files, for `andes plot` and `andes.plot.TDSData`: numbers in `.npz`, names in a `.lst` beside it.

What ANDES has as a variable has ANDES's name and unit (`omega GENROU 1`, `v Bus 4`; powers of machines in pu of the
system's base), everything else of the run its recorded name.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tdscen.plan import Observation, Transmission
from tdscen.results.formats.schema import Schema

_VARIABLES = {
    ("bus", "v"): ("v", "$V$", "Bus"),
    ("bus", "a"): ("a", r"$\theta$", "Bus"),
    ("generator", "omega"): ("omega", r"$\omega$", "SynGen"),
    ("generator", "delta"): ("delta", r"$\delta$", "SynGen"),
    ("generator", "p"): ("Pe", "$P_e$", "SynGen"),
    ("generator", "q"): ("Qe", "$Q_e$", "SynGen"),
}
"""Device and quantity: ANDES's name of the variable, as text and for figures, and the model or group of the device."""

_MODELS = {"Bus": ("Bus",), "SynGen": ("GENCLS", "GENROU", "PLBVFU1")}
"""The models of a group: ANDES repeats none that a device's key contains (`andes.system.helpers`)."""


def write(data: Schema, path: Path) -> None:
    """Write the numbers: a row a communication time, the time first."""
    transmission = data.run.plan.transmission
    known = _observations(transmission)
    columns = [data.recording.time_s]
    for quantity in data.quantities:
        values = data.recording.column(quantity.name)
        observation = known.get(quantity.name)
        power = observation is not None and observation.device == "generator" and observation.quantity in ("p", "q")
        columns.append(values / transmission.base_mva if power else values)
    with path.open("wb") as file:  # given a name, numpy would append .npz to it
        np.savez_compressed(file, data=np.column_stack(columns))


def beside(data: Schema) -> str:
    """The names, one a line: number, name, name for figures."""
    known = _observations(data.run.plan.transmission)
    names: list[tuple[str, str]] = [("Time [s]", "Time [s]")]
    for quantity in data.quantities:
        observation = known.get(quantity.name)
        names.append(_named(observation) if observation is not None else _plain(quantity.name))
    return "".join(f"{i:>6d}, {name:>25s}, {formatted:>35s}\n" for i, (name, formatted) in enumerate(names))


def _observations(transmission: Transmission) -> dict[str, Observation]:
    """Recorded names of what is a variable of ANDES's."""
    return dict(_of_andes(transmission)) if transmission.simulator == "andes" else {}


def _of_andes(transmission: Transmission) -> Iterator[tuple[str, Observation]]:
    for observation in transmission.observe:
        if (observation.device, observation.quantity) in _VARIABLES:
            yield f"{transmission.name}/{observation.column}", observation


def _named(observation: Observation) -> tuple[str, str]:
    name, formatted, model = _VARIABLES[observation.device, observation.quantity]
    key = str(observation.key)
    # As ANDES: a device that is named after its model does not repeat it, underscores are blanks.
    own = isinstance(observation.key, str) and any(named in key for named in _MODELS[model])
    device = (key if own else f"{model} {key}").replace("_", " ").replace(",", " ")
    return f"{name} {device}", f"{formatted} {device}"


def _plain(name: str) -> tuple[str, str]:
    """A recorded name: a comma would end it, and for LaTeX an underscore means something."""
    text = name.replace(",", " ")
    return text, text.replace("_", " ")
