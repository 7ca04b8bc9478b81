"""A plan as a tree to compare: what has no meaning of its own taken out, what belongs together put together."""

from __future__ import annotations

from typing import Any

from tdscen.codec import encode
from tdscen.plan import Plan

Tree = dict[str, Any]

NO_MEANING = ("format", "name", "source", "source_sha256", "feeder_federates")
"""Names and text of the file, not the study; federates are compared by which interface each carries."""

FIRST = ("title", "parameters", "profiles", "transmission", "distributions", "interfaces")
"""The order in which changes are told; whatever a plan has besides follows, `LAST` at the end."""

LAST = ("simulation", "requirements", "federation")


def comparable(old: Plan, new: Plan) -> tuple[Tree, Tree]:
    """Both plans as trees of JSON values.

    A profile that both studies know by name stands once under `profiles`, and its interfaces refer to it by name;
    any other stands at its interface.
    """
    shared = _profile_names(old) & _profile_names(new)
    return _tree(old, shared), _tree(new, shared)


def _profile_names(plan: Plan) -> set[str]:
    return {interface.profile_name for interface in plan.interfaces} - {""}


def _tree(plan: Plan, shared: set[str]) -> Tree:
    data = {name: value for name, value in encode(plan).items() if name not in NO_MEANING}
    del data["simulation"]["steps"]  # of `step` and `stop`
    del data["simulation"]["instants_s"]  # of the events
    for event in data["events"]:
        unit = event.pop("unit")
        event["value"] = None if event["value"] is None else [event["value"], unit]
    carriers = {name: federate.name for federate in plan.feeder_federates for name in federate.interfaces}
    data["profiles"] = {f"[{i.profile_name}]": encode(i.profile) for i in plan.interfaces if i.profile_name in shared}
    for interface in data["interfaces"]:
        del interface["load"]  # what the case calls the load at the bus
        del interface["scale"]["derivation"]  # a text around figures that are compared themselves
        if interface.pop("profile_name") in shared:
            interface["profile"] = plan.interface(interface["name"]).profile_name
        interface["federate"] = carriers.get(interface["name"])
    for system, model in ((data["transmission"], "case"), *((d, "model") for d in data["distributions"])):
        system[model] = _without_folder(system[model], system["name"])
    for requirement in data["requirements"]:
        requirement["within"] = [requirement.pop(part) for part in ("minimum", "maximum", "unit")]
    return in_order(data)


def _without_folder(model: Tree, name: str) -> Tree:
    """A model's paths less the folder that the generated folder keeps them in: that is called after the block."""
    folder = f"models/{name}/"
    return model | {
        "path": model["path"].removeprefix(folder),
        "extra": [path.removeprefix(folder) for path in model["extra"]],
    }


def in_order(tree: Tree) -> Tree:
    """The tree with its branches in the order in which changes are told."""
    middle = [name for name in tree if name not in (*FIRST, *LAST)]
    return {name: tree[name] for name in (*FIRST, *middle, *LAST) if name in tree}
