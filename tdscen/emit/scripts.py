"""The Python files of a generated folder, from the templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tdscen import __version__
from tdscen.emit.literal import WIDTH, Code, classes, comment, constant, literal
from tdscen.plan import FeederFederate, Interface, ModelFile, Plan
from tdscen.profiles import Profile
from tdscen.resources import folder
from tdscen.simulators import simulator


def transmission_script(plan: Plan) -> str:
    """`federates/<transmission>.py`."""
    carried = {f.name: f.interfaces for f in plan.feeder_federates}
    interfaces = [plan.interface(name) for names in carried.values() for name in names]
    chosen = simulator(plan.transmission.simulator)
    module, adapter = _adapter(chosen.runtime if plan.transmission.dynamics else chosen.power_flow)
    return _render(
        "federates/transmission.py.j2",
        plan=plan,
        case=plan.transmission.case,
        attachments=tuple(_attachment(interface) for interface in interfaces),
        carried=carried,
        adapter=adapter,
        imports=_imports([plan.transmission.case], {module: (adapter,), "tdscen.simulators.adapters": ("Attachment",)}),
    )


def distribution_script(plan: Plan, federate: FeederFederate) -> str:
    """`federates/<feeder federate>.py`. Raises `ValueError` where its feeders need different simulators."""
    interfaces = [plan.interface(name) for name in federate.interfaces]
    simulators = {plan.distribution(i.distribution).simulator for i in interfaces}
    if len(simulators) != 1:
        raise ValueError(f"federate {federate.name} would need {' and '.join(sorted(simulators))}: split it")
    module, adapter = _adapter(simulator(simulators.pop()).runtime)
    models = _named("MODEL", ((i.distribution, plan.distribution(i.distribution).model) for i in interfaces))
    profiles = _named("LOAD", ((i.profile_name, i.profile) for i in interfaces))
    constants = {name: value for (_, value), name in (models | profiles).items()}
    others = {
        "tdscen.profiles": ("for_interface", "sample"),
        "tdscen.simulators.boundary": ("interface_power_mva",),
        module: (adapter,),
    }
    return _render(
        "federates/distribution.py.j2",
        plan=plan,
        federate=federate,
        constants=constants,
        feeders=[_feeder(plan, interface, models, profiles) for interface in interfaces],
        adapter=adapter,
        imports=_imports([*constants.values(), *(i.scale for i in interfaces)], others),
    )


def broker_script(plan: Plan) -> str:
    """`broker.py`."""
    federates = (plan.transmission.name, *(f.name for f in plan.feeder_federates))
    return _render("broker.py.j2", plan=plan, federates=federates)


Named = Mapping[tuple[str, Any], Code]


def _named(prefix: str, pairs: Iterable[tuple[str, ModelFile | Profile]]) -> dict[tuple[str, Any], Code]:
    """A variable for each different value, called after its name in the scenario; equal names get numbers."""
    names: dict[tuple[str, Any], Code] = {}
    for pair in pairs:
        if pair not in names:
            name, number = constant(prefix, pair[0]), 2
            while name in names.values():
                name, number = constant(prefix, f"{pair[0]}_{number}"), number + 1
            names[pair] = name
    return names


def _attachment(interface: Interface) -> Code:
    fields: dict[str, Any] = {"name": interface.name, "bus": interface.bus, "load": interface.load}
    if interface.replace_mw is not None:
        fields |= {"replace_mw": interface.replace_mw, "replace_mvar": interface.replace_mvar}
    return Code(f"Attachment({', '.join(f'{name}={literal(value)}' for name, value in fields.items())})")


def _feeder(plan: Plan, interface: Interface, models: Named, profiles: Named) -> dict[Code, Any]:
    """The fields of one `Feeder` as a generated script lists them."""
    distribution = plan.distribution(interface.distribution)
    row = {
        Code("interface"): interface.name,
        Code("model"): models[distribution.name, distribution.model],
        Code("scale"): interface.scale,
        Code("profile"): profiles[interface.profile_name, interface.profile],
        Code("controls"): distribution.controls,
        Code("source_impedance"): interface.source_impedance,
    }
    return row | ({Code("options"): distribution.options} if distribution.options else {})


def _adapter(path: str) -> tuple[Code, Code]:
    """Module and class of a simulator's adapter, from its import path."""
    module, _, attribute = path.partition(":")
    if not all(part.isidentifier() for part in (*module.split("."), attribute)):
        raise ValueError(f"{module}:{attribute} is no import path of a class")
    return Code(module), Code(attribute)


def _imports(values: Iterable[Any], others: Mapping[str, Sequence[str]]) -> dict[Code, Code]:
    """Modules and the names to import from them: the classes of `values`, and `others`."""
    found = classes(values)
    for module, names in others.items():
        found[module] = [*found.get(module, ()), *names]
    ordered = {module: sorted(found[module], key=lambda name: (name[0].islower(), name)) for module in sorted(found)}
    return {Code(module): Code(", ".join(names)) for module, names in ordered.items()}


def _render(template: str, **context: Any) -> str:
    text = _environment().get_template(template).render(**context)
    compile(text, template, "exec")
    return text


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder("templates")),
        undefined=StrictUndefined,
        finalize=_only_code,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        newline_sequence="\n",
        autoescape=False,  # Python, not HTML: `finalize` lets nothing through but literals
    )
    environment.filters.update(literal=literal, comment=comment)
    environment.globals.update(version=Code(__version__), width=WIDTH)
    return environment


def _only_code(value: object) -> object:
    """What a template prints must have been through a filter."""
    if type(value) is not Code:
        raise TypeError(f"a template prints {value!r}, which is not known to be harmless")
    return value
