"""Resources, further federates, hosts and sweeps to their part of the plan."""

from __future__ import annotations

from tdscen import plan as ir
from tdscen.language.checks.sweeps import axes
from tdscen.language.study import CheckedBlock, Entry
from tdscen.language.values import BlockRef, Chosen, Devices, Interval, Items, ProfileValue, Quantity, TextValue
from tdscen.profiles import Constant, Profile
from tdscen.units import BASE


def _target(block: CheckedBlock, attribute: str) -> ir.Target:
    value = block.value(attribute)
    assert isinstance(value, Devices)
    assert value.owner is not None
    assert value.key is not None
    return ir.Target(value.owner, value.device, value.key, value.quantity)


def lower_resource(block: CheckedBlock) -> ir.Resource:
    """A `der` block."""
    control, ride_through = block.value("control"), block.choice("ride_through")
    assert isinstance(control, Chosen)
    return ir.Resource(
        name=block.label,
        device=block.choice("kind"),  # type: ignore[arg-type]
        at=_target(block, "at"),
        rating_mva=block.number("rating") or 0.0,
        profile=_profile(block, "profile") or Constant(1.0),
        control=control.name,
        control_options=tuple((name, _plain(value)) for name, value in control.arguments),
        energy_mwh=block.number("energy"),
        charge=_profile(block, "charge"),
        discharge=_profile(block, "discharge"),
        ride_through=None if ride_through == "none" else ride_through,  # type: ignore[arg-type]
        soc=block.number("soc") or 0.0,
        efficiency=block.number("efficiency") or 1.0,
        connection=block.choice("connection"),  # type: ignore[arg-type]
    )


def _profile(block: CheckedBlock, attribute: str) -> Profile | None:
    value = block.value(attribute)
    return value.profile if isinstance(value, ProfileValue) else None


def _plain(value: object) -> str | float:
    match value:
        case Quantity(number):
            return number
        case Chosen(name):
            return name
    raise TypeError(f"an argument of a control cannot be {value!r}")


def lower_federate(block: CheckedBlock) -> ir.ExternalFederate:
    """A `federate` block."""
    env = block.inner("env")
    variables = ((name, entry.value) for name, entry in env.entries.items()) if env else ()
    return ir.ExternalFederate(
        name=block.label,
        command=block.text("exec") or "",
        directory=block.text("directory") or ".",
        environment=tuple((name, value.text) for name, value in variables if isinstance(value, TextValue)),
    )


def lower_host(block: CheckedBlock) -> ir.Host:
    """A `host` block of `federation`."""
    runs = block.value("runs")
    labels = [item.label for item in runs.values if isinstance(item, BlockRef)] if isinstance(runs, Items) else []
    return ir.Host(block.label, block.text("address") or "", tuple(labels))


def lower_sweep(block: CheckedBlock) -> ir.Sweep:
    """A `sweep` block."""
    combine = block.value("combine")
    assert isinstance(combine, Chosen)
    points, seed = combine.argument("n"), combine.argument("seed")
    return ir.Sweep(
        name=block.label,
        axes=tuple(_axis(entry) for entry in axes(block)),
        combine=combine.name,  # type: ignore[arg-type]
        points=int(points.value) if isinstance(points, Quantity) else None,
        seed=int(seed.value) if isinstance(seed, Quantity) else None,
    )


def _axis(entry: Entry) -> ir.Axis:
    match entry.value:
        case Interval(low, high, dimension):
            return ir.Axis(entry.name, (), low, high, BASE.get(dimension, ""))
        case Items(values):
            return ir.Axis(entry.name, tuple(v.text for v in values if isinstance(v, TextValue)))
    raise TypeError(f"an axis cannot be {entry.value!r}")
