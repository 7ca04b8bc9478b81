"""NetCDF-3 (64-bit offset): dimensions `time` and `interface`, one variable a quantity, CF-like attributes.

The classic format because scipy, which comes with ANDES, writes it: every reader of NetCDF knows it, and HDF5 need not
be installed. Per unit, kvar and MVAr are no units of UDUNITS; they are written as they are.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tdscen.results.formats.schema import Quantity, Schema, identifiers


def write(data: Schema, path: Path) -> None:
    """Write the file. An interface that did not record a quantity has NaN there."""
    from scipy.io import netcdf_file

    own = {q.short: q for q in data.quantities if q.interface}
    others = [q for q in data.quantities if not q.interface]
    # "time" and "interface" first: they are the coordinates, nothing else may have their names.
    names = identifiers(["time", "interface", *own, *(q.name for q in others)])
    with netcdf_file(path, "w", version=2, mmap=False) as file:
        _head(file, data)
        for short, quantity in own.items():
            values = np.stack([_values(data, f"{each}/{short}") for each in data.interfaces], axis=1)
            _variable(file, names[short], ("time", "interface"), values, quantity, short)
        for quantity in others:
            _variable(file, names[quantity.name], ("time",), _values(data, quantity.name), quantity, quantity.name)


def _head(file: object, data: Schema) -> None:
    from scipy.io import netcdf_file

    assert isinstance(file, netcdf_file)
    encoded = [name.encode() for name in data.interfaces]
    width = max(map(len, encoded), default=1)
    file.createDimension("time", data.recording.rows)
    time = file.createVariable("time", "f8", ("time",))
    time[:] = data.recording.time_s
    time.units, time.long_name = b"s", b"communication time, seconds of simulated time"
    file.createDimension("interface", len(encoded))
    file.createDimension("interface_length", width)
    interface = file.createVariable("interface", "c", ("interface", "interface_length"))
    interface[:] = np.array(encoded, f"S{width}").view("S1").reshape(len(encoded), width)
    interface.long_name, interface._Encoding = b"interface of transmission and distribution", b"utf-8"
    file.Conventions = b"CF-1.10"
    for key, value in data.facts:
        setattr(file, "run_" + key.replace("/", "_"), value if isinstance(value, float) else value.encode() or b" ")


def _values(data: Schema, name: str) -> np.ndarray:
    return data.recording.column(name) if name in data.recording else np.full(data.recording.rows, np.nan)


def _variable(
    file: object, name: str, dimensions: tuple[str, ...], values: np.ndarray, quantity: Quantity, recorded: str
) -> None:
    from scipy.io import netcdf_file

    assert isinstance(file, netcdf_file)
    variable = file.createVariable(name, "f8", dimensions)
    variable[:] = values
    variable.units = (quantity.unit or "1").encode()
    variable.long_name = quantity.meaning.encode()
    variable.quantity = recorded.encode()
