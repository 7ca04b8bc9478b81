"""Things that have another name and are the same: found, named, and called by their new name from then on."""

from __future__ import annotations

from typing import Any

from tdscen.compare.tree import Difference

Tree = dict[str, Any]

REFERENCES = ("distribution", "system", "federate")
"""Fields that hold the name of a system or of what carries it."""


def rename(old: Tree, new: Tree) -> tuple[Tree, tuple[Difference, ...]]:
    """The old tree with the new names, and the renamings.

    A feeder model is the same when nothing but its name differs; an interface, when it is the one at its bus.
    """
    found: list[Difference] = []
    for collection, same in (("distributions", _but_name), ("interfaces", _bus)):
        for before, after in _pairs(old.get(collection, []), new.get(collection, []), same):
            found.append(Difference((collection, f"[{before}]", "name"), before, after))
            items = [item | {"name": after} if item["name"] == before else item for item in old[collection]]
            old = old | {collection: items}
            if collection == "distributions":
                old = _referring(old, before, after)
    before, after = (tree.get("transmission", {}).get("name") for tree in (old, new))
    if before != after:
        old = _referring(old, before, after)  # the renaming itself is a difference like any other
    return old, tuple(found)


def _pairs(old: list[Tree], new: list[Tree], same: Any) -> list[tuple[str, str]]:
    kept = {item["name"] for item in old} & {item["name"] for item in new}
    gone = [item for item in old if item["name"] not in kept]
    come = [item for item in new if item["name"] not in kept]
    pairs = []
    for item in gone:
        matches = [other for other in come if same(other) == same(item)]
        if len(matches) == 1 and sum(same(other) == same(item) for other in gone) == 1:
            pairs.append((item["name"], matches[0]["name"]))
    return pairs


def _but_name(item: Tree) -> Tree:
    return {key: value for key, value in item.items() if key != "name"}


def _bus(item: Tree) -> Any:
    return item.get("bus", item.get("transmission"))


def _referring(value: Any, before: str, after: str) -> Any:
    """The tree with every reference to `before` turned to `after`."""
    if isinstance(value, dict):
        return {
            key: after if key in REFERENCES and item == before else _referring(item, before, after)
            for key, item in value.items()
        }
    return [_referring(item, before, after) for item in value] if isinstance(value, list) else value
