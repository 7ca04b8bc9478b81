"""Values, devices and schema entries in the words that completion and hover show (Markdown where it is long)."""

from __future__ import annotations

from tdscen import facts as f
from tdscen import units
from tdscen.facts import Facts, TransmissionFacts
from tdscen.language.models import loads_at
from tdscen.language.schema import Attribute, BlockSchema
from tdscen.language.signature import Parameter, usage
from tdscen.language.values import (
    BlockRef,
    Chosen,
    Devices,
    Flag,
    Interval,
    Items,
    ProfileValue,
    Quantity,
    TextValue,
    Value,
)
from tdscen.profiles import Constant, sample
from tdscen.units import Dimension

SHOWN = 8
"""Items of a list that are shown."""


def number(value: float, dimension: Dimension) -> str:
    """`47.8 MW`, in the unit that the program keeps the dimension in."""
    return f"{value:.9g} {units.BASE[dimension]}" if dimension in units.BASE else f"{value:.9g}"


def value_text(value: Value) -> str:
    """A resolved value: quantities in the internal unit, of a profile what it starts from."""
    match value:
        case Quantity(amount, dimension):
            return number(amount, dimension)
        case Interval(low, high, dimension):
            ends = ["" if end is None else number(end, dimension) for end in (low, high)]
            return (
                f"{ends[0]} .. {ends[1]}"
                if low is not None and high is not None
                else f"{'>' if high is None else '<'} {''.join(ends)}"
            )
        case TextValue(text):
            return f'"{text}"'
        case Flag(on):
            return "true" if on else "false"
        case ProfileValue(Constant(amount)):
            return f"{amount:.9g} at all times"
        case ProfileValue(profile):
            return f"a profile, {float(sample(profile, [0.0])[0]):.6g} at 0 s"
        case BlockRef(keyword, label):
            return f"{keyword} {label}"
        case Chosen(name, arguments):
            inner = ", ".join(f"{key} = {value_text(argument)}" for key, argument in arguments)
            return f"{name}({inner})" if inner else name
        case Devices(owner, device, key, every, quantity):
            index = "[*]" if every else "" if key is None else f"[{key_text(key)}]"
            return f"{owner}.{device}{index}" + (f".{quantity}" if quantity else "")
        case Items(values):
            shown = ", ".join(value_text(item) for item in values[:SHOWN])
            return f"[{shown}{', ...' if len(values) > SHOWN else ''}]"


def key_text(key: f.Key) -> str:
    """A device's number or name, as it is written in a reference."""
    return str(key) if isinstance(key, int) else f'"{key}"'


def device_text(facts: Facts, device: object) -> str:
    """What the model says of one device, in one line."""
    match device:
        case f.Bus():
            return _bus(facts, device)
        case f.StaticLoad():
            off = "" if device.online else ", out of service"
            return f"{device.p_mw:.6g} MW, {device.q_mvar:.6g} MVAr at bus {device.bus}{off}"
        case f.Generator():
            off = "" if device.online else ", out of service"
            return f"{device.model} {device.name}, {device.mva:.6g} MVA, {device.p_mw:.6g} MW at bus {device.bus}{off}"
        case f.Line():
            return f"{device.name}, bus {device.from_bus} to {device.to_bus}" + (
                "" if device.online else ", out of service"
            )
        case f.FeederBus():
            return f"{_kv(device.kv)}phases {', '.join(map(str, device.phases))}"
        case f.FeederLoad():
            return f"{device.kw:.6g} kW, {device.kvar:.6g} kvar, {device.kv:.6g} kV at bus {device.bus}"
        case f.FeederLine():
            kind = "switch" if device.is_switch else "line"
            return f"{kind}, bus {device.from_bus} to {device.to_bus}, {'closed' if device.closed else 'open'}"
        case f.FeederRegulator():
            return f"tap {device.tap} of {device.lowest_tap} .. {device.highest_tap}, transformer {device.transformer}"
        case f.FeederCapacitor():
            return f"{device.kvar:.6g} kvar at bus {device.bus}"
        case f.FeederGenerator():
            return f"{device.kw:.6g} kW at bus {device.bus}" + ("" if device.online else ", out of service")
        case f.FeederResource():
            return f"{device.device}, {device.kva:.6g} kVA at bus {device.bus}"
    return ""


def _bus(facts: Facts, bus: f.Bus) -> str:
    loads = loads_at(facts, bus.idx) if isinstance(facts, TransmissionFacts) else ()
    p_mw, q_mvar = sum(load.p_mw for load in loads), sum(load.q_mvar for load in loads)
    load = f"load {p_mw:.6g} MW, {q_mvar:.6g} MVAr" if loads else "no load"
    return f"{bus.name}, {bus.kv:.6g} kV, {load}"


def _kv(kv: float) -> str:
    return f"{kv:.6g} kV, " if kv else ""


def facts_text(facts: Facts) -> str:
    """What a model is, in one line."""
    if isinstance(facts, TransmissionFacts):
        p_mw = sum(load.p_mw for load in facts.loads if load.online)
        counts = f"{len(facts.buses)} buses, {len(facts.generators)} generators, {len(facts.loads)} loads"
        return f"{counts}, {p_mw:.6g} MW load, {facts.frequency_hz:g} Hz" + (
            f"; {facts.problem}" if facts.problem else ""
        )
    head = f"{facts.head_p_kw:.6g} kW, {facts.head_q_kvar:.6g} kvar at its head"
    text = (
        f"{len(facts.buses)} buses, {len(facts.loads)} loads, {head}, {facts.v_min_pu:.4f} .. {facts.v_max_pu:.4f} pu"
    )
    return text + (f"; {facts.problem}" if facts.problem else "")


def default_text(attribute: Attribute) -> str:
    """`required`, or what is assumed where the attribute is left out."""
    if attribute.required:
        return f"required unless `{attribute.unless}`" if attribute.unless else "required"
    return f"default `{attribute.shown}`" if attribute.shown else "may be left out"


def attribute_help(attribute: Attribute) -> str:
    """An attribute as hover and completion document it."""
    return f"**{attribute.name}**: {attribute.help}\n\nTakes {attribute.type.words}; {default_text(attribute)}."


def block_help(schema: BlockSchema) -> str:
    """A block as hover and completion document it."""
    rules = [rule for rule, holds in (("stands once", schema.once), ("must be there", schema.required)) if holds]
    said = f"**{schema.keyword}**: {schema.help}" + (f" ({', '.join(rules)})" if rules else "")
    names = [a.name for a in schema.attributes] + [f"{b.keyword} {{ }}" for b in schema.nested]
    return f"{said}\n\nHolds {', '.join(f'`{name}`' for name in names)}." if names else said


def call_help(name: str, help: str, parameters: tuple[Parameter, ...]) -> str:
    """A profile function or a choice with its arguments."""
    lines = [f"`{usage(name, parameters)}`", "", help, ""]
    lines += [f"- `{p.name}`: {p.help} ({p.type.words}{'' if p.required else ', may be left out'})" for p in parameters]
    return "\n".join(lines).rstrip()
