"""Plans to changes: trees, renamings, differences, what they follow from, words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tdscen.compare.causes import causes
from tdscen.compare.change import Change
from tdscen.compare.comparable import Tree, comparable
from tdscen.compare.meaning import means_the_same
from tdscen.compare.observed import gather_observed
from tdscen.compare.renames import rename
from tdscen.compare.tree import Difference, differences
from tdscen.compare.wording import change
from tdscen.plan import Plan


def compare(old: Plan, new: Plan, shifted: Plan | None = None) -> tuple[Change, ...]:
    """What differs in meaning from `old` to `new`, what was written first, what belongs together adjacent.

    `shifted` is the old study with the new study's values of the parameters: what it has in common with the new one
    follows from the parameters. Nothing (an empty tuple) means that both plans describe the same study.
    """
    before, after = comparable(old, new)
    found = compare_trees(before, after)
    if shifted is None:
        return found
    still = {(c.path, c.kind) for c in compare_trees(*comparable(shifted, new))}
    words = tuple(c for c in found if c.subject == "parameter" and c.kind == "changed")
    names = tuple(f"parameter {c.name}" for c in words)
    return tuple(
        c if c.subject == "parameter" or c.follows_from or (c.path, c.kind) in still else replace(c, follows_from=names)
        for c in found
    )


def compare_trees(old: Tree, new: Tree) -> tuple[Change, ...]:
    """The same for trees of JSON values."""
    system = str(old.get("transmission", {}).get("name", ""))
    renamed, renamings = rename(old, new)
    found = [d for d in differences(renamed, new) if not means_the_same(d, renamed, new)]
    found = [*renamings, *_once(found)]
    feeders = {item["name"]: str(item.get("distribution")) for item in new.get("interfaces", ())}
    changes = [replace(change(d, system), follows_from=causes(d, found, feeders)) for d in found]
    return tuple(_ordered(gather_observed(changes), new))


def _once(found: Sequence[Difference]) -> Iterable[Difference]:
    """Without what says the same again: the hash of another model, the factor of Q that is that of P."""
    known = {d.path: (d.old, d.new) for d in found}
    for difference in found:
        *above, last = difference.path
        beside = {"sha256": "path", "q_factor": "p_factor"}.get(last)
        twin = known.get((*above, beside)) if beside else None
        if twin is None or (last == "q_factor" and twin != (difference.old, difference.new)):
            yield difference


def _ordered(changes: Iterable[Change], tree: Tree) -> list[Change]:
    """In the order of the tree's branches; renamings stand before the rest of their branch."""
    order = list(tree)
    return sorted(changes, key=lambda c: order.index(top) if (top := _top(c)) in order else len(order))


def _top(change: Change) -> str:
    return change.path.replace("[", ".").split(".", 1)[0]
