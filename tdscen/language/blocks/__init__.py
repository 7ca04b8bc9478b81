"""The one table of the language: every block, its attributes, their types, defaults and help.

Checker, help texts, `explain` and the reference page are made from it.
"""

from __future__ import annotations

from tdscen.language.blocks.happenings import ACTIONS, EVENT, FEDERATE
from tdscen.language.blocks.interfaces import INTERFACE
from tdscen.language.blocks.measures import MEASURES
from tdscen.language.blocks.resources import DER
from tdscen.language.blocks.running import FEDERATION, SIMULATION, SWEEP
from tdscen.language.blocks.systems import DISTRIBUTION, TRANSMISSION
from tdscen.language.schema import BlockSchema

BLOCKS: tuple[BlockSchema, ...] = (
    BlockSchema("scenario", "the study's name for people", "heading", once=True, required=True),
    BlockSchema("include", "shared definitions from another file, relative to this one", "heading"),
    TRANSMISSION,
    DISTRIBUTION,
    BlockSchema("profile", "a dimensionless multiplier of the feeder's loads over time", "definition", named=True),
    BlockSchema("parameter", "a knob: a value with a name", "definition", named=True),
    INTERFACE,
    EVENT,
    DER,
    FEDERATE,
    BlockSchema("observe", "what is recorded beyond the interfaces and the defaults", entries="systems"),
    BlockSchema("require", "what must hold; a violated line fails the run", entries="measures"),
    SIMULATION,
    FEDERATION,
    SWEEP,
)

BY_KEYWORD: dict[str, BlockSchema] = {block.keyword: block for block in BLOCKS}

__all__ = ["ACTIONS", "BLOCKS", "BY_KEYWORD", "MEASURES"]
