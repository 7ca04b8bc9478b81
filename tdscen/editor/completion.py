"""What may stand at a cursor: words of the schema, names of the file, devices of its models."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tdscen import units
from tdscen.editor import wording
from tdscen.editor.analysis import Analysis
from tdscen.editor.context import Call, Context, context
from tdscen.language.blocks import BLOCKS, MEASURES
from tdscen.language.profile_functions import FUNCTIONS
from tdscen.language.reader import Declared
from tdscen.language.reference_types import (
    BlockType,
    BusesType,
    DevicesType,
    DeviceType,
    NamesType,
    SimulatorType,
)
from tdscen.language.schema import Attribute, BlockSchema
from tdscen.language.signature import Parameter, usage
from tdscen.language.targets import devices, facts_of, settables
from tdscen.language.types import (
    AnyQuantityType,
    Choice,
    ChoiceType,
    FlagType,
    ListType,
    ProfileType,
    QuantityType,
    RangeType,
    Type,
)
from tdscen.simulators import simulator, simulators
from tdscen.simulators.registry import shipped
from tdscen.simulators.spec import Observable, OptionSpec
from tdscen.syntax import nodes as n
from tdscen.units import Dimension

Kind = Literal["keyword", "attribute", "name", "function", "choice", "device", "quantity", "unit", "file", "module"]

SYSTEMS = ("transmission", "distribution")
_REST_OF_KEY, _REST_OF_TEXT = re.compile(r'\w*|"[^"\n]*"'), re.compile(r'[^"\]\n]*(?=")')
"""What of a device's key stands behind the cursor, and is replaced with it."""

MOST_FILES = 500
"""Files of a folder that are offered."""


@dataclass(frozen=True, slots=True)
class Completion:
    """One offer. `insert` replaces the text from `start` to `end` (None: the cursor).

    With `snippet` it has `$1` places to fill.
    """

    label: str
    kind: Kind
    start: int
    insert: str
    detail: str = ""
    help: str = ""
    snippet: bool = False
    end: int | None = None


def complete(analysis: Analysis, offset: int) -> tuple[Completion, ...]:
    """The offers at a character offset of the document, best first."""
    where = context(analysis.source.text, offset)
    if where.in_comment:
        return ()
    return tuple(dict.fromkeys(_Offers(analysis, where).all()))


class _Offers:
    def __init__(self, analysis: Analysis, where: Context) -> None:
        self.analysis, self.where, self.scope = analysis, where, analysis.study.scope

    def all(self) -> Iterator[Completion]:
        where = self.where
        if where.path:
            yield from self._reference()
        elif where.in_text:
            yield from self._texts()
        elif where.begins_item:
            yield from self._top() if not where.blocks else self._inside()
        elif where.calls:
            yield from self._argument(where.calls[-1])
        else:
            yield from self._value()

    def _offer(
        self, label: str, kind: Kind, detail: str = "", help: str = "", insert: str = "", snippet: bool = False
    ) -> Completion:
        return Completion(label, kind, self.where.start, insert or label, detail, help, snippet)

    # what begins an item

    def _top(self) -> Iterator[Completion]:
        present = {
            item.keyword.text for item in self.analysis.document.items if not isinstance(item, (n.Attribute, n.Bound))
        }
        for schema in BLOCKS:
            if not (schema.once and schema.keyword in present):
                yield self._block(schema)

    def _block(self, schema: BlockSchema) -> Completion:
        name = f" ${{1:{_NAMES.get(schema.keyword, 'name')}}}" if schema.named else ""
        needed = [a for a in schema.attributes if a.required and not a.unless] if schema.form == "block" else []
        lines = "".join(f"\n  {a.name} = ${i}" for i, a in enumerate(needed, 2))
        insert = {
            "heading": f'{schema.keyword} "$1"',
            "definition": f"{schema.keyword}{name} = $0",
            "block": f"{schema.keyword}{name} {{{lines}\n  $0\n}}",
        }[schema.form]
        return self._offer(schema.keyword, "keyword", schema.help, wording.block_help(schema), insert, True)

    def _inside(self) -> Iterator[Completion]:
        schema = self.where.schema
        if schema is None:
            return
        given = self._given()
        for attribute in schema.attributes:
            if attribute.name not in given:
                yield self._attribute(attribute)
        for inner in schema.nested:
            yield self._block(inner)
        if schema.entries == "systems":
            yield from (
                self._line(name, f"{d.keyword} {name}") for name, d in self._declared(*SYSTEMS) if name not in given
            )
        elif schema.entries == "measures":
            yield from (self._line(m.name, m.type.words, m.help) for m in MEASURES.values() if m.name not in given)
        elif schema.entries == "axes":
            yield from (self._line(name, "parameter") for name, _ in self._declared("parameter") if name not in given)
        elif schema.entries == "options":
            yield from (self._line(o.name, o.type, o.help) for o in self._options() if o.name not in given)

    def _attribute(self, attribute: Attribute) -> Completion:
        detail = f"{attribute.type.words}; {wording.default_text(attribute).replace('`', '')}"
        return self._offer(
            attribute.name, "attribute", detail, wording.attribute_help(attribute), f"{attribute.name} = "
        )

    def _line(self, name: str, detail: str, help: str = "") -> Completion:
        return self._offer(name, "attribute", detail, help, f"{name} = ")

    def _given(self) -> set[str]:
        """Attributes that the block around the cursor already has."""
        blocks = [item for item in self.analysis.at(self.where.start) if isinstance(item, n.Block)]
        return {i.name.text for i in blocks[-1].items if isinstance(i, (n.Attribute, n.Bound))} if blocks else set()

    def _options(self) -> Iterable[OptionSpec]:
        system = self.analysis.study.labelled(self.where.blocks[0][1])
        name = system.choice("simulator") if system else None
        return simulator(name).options if name else ()

    # values

    def _value(self) -> Iterator[Completion]:
        where = self.where
        if where.keyword in ("profile", "parameter"):
            yield from self._of_type(ProfileType())
        elif where.type is not None:
            yield from self._of_type(where.type)

    def _argument(self, call: Call) -> Iterator[Completion]:
        parameters = self._parameters(call)
        named = next((p for p in parameters if p.name == call.argument), None)
        if named is not None:
            yield from self._of_type(named.type)
            return
        for parameter in parameters:
            if parameter.name not in call.given:
                detail = parameter.type.words + ("" if parameter.required else "; may be left out")
                yield self._offer(parameter.name, "attribute", detail, parameter.help, f"{parameter.name} = ")
        if call.place < len(parameters) and not call.given:
            yield from self._of_type(parameters[call.place].type)

    def _parameters(self, call: Call) -> tuple[Parameter, ...]:
        choices = {c.name: c.parameters for c in _choices(self.where.type)}
        if call.function in choices:
            return choices[call.function]
        return FUNCTIONS[call.function].parameters if call.function in FUNCTIONS else ()

    def _of_type(self, wanted: Type) -> Iterator[Completion]:
        match wanted:
            case ChoiceType(choices, otherwise):
                for c in choices:
                    yield self._call(c.name, c.help, c.parameters, "choice")
                if otherwise is not None:
                    yield from self._of_type(otherwise)
            case ListType(item):
                yield from self._of_type(item)
            case SimulatorType(side):
                yield from (self._offer(s.name, "choice", s.title) for s in simulators(side))
            case FlagType():
                yield from (self._offer(word, "choice") for word in ("true", "false"))
            case BlockType(keyword):
                yield from self._names(keyword)
            case NamesType(keywords):
                yield from self._names(*keywords)
            case BusesType():
                yield from self._systems(("transmission",), ".bus[")
            case DeviceType(side):
                yield from self._systems((side,) if side else SYSTEMS, ".")
            case DevicesType(owner):
                yield from self._kinds(owner, "[")
            case ProfileType():
                yield from self._names("profile", "parameter")
                yield from (self._call(x.name, x.help, x.parameters, "function") for x in FUNCTIONS.values())
            case QuantityType(dimension) | RangeType(dimension):
                yield from self._quantities(dimension)
            case AnyQuantityType():
                yield from self._quantities(None)

    def _quantities(self, dimension: Dimension | None) -> Iterator[Completion]:
        if re.search(r"(?:\d|\.)[ \t]*$", self.where.lead[: len(self.where.lead) - len(self.where.word)]):
            found = units.UNITS.values()
            yield from (self._offer(u.symbol, "unit", u.dimension) for u in found if dimension in (None, u.dimension))
        else:
            yield from self._names("parameter")

    def _names(self, *keywords: str) -> Iterator[Completion]:
        for name, declared in self._declared(*keywords):
            written = self.analysis.written(declared.value.span) if declared.value else self._summary(name)
            yield self._offer(name, "name", f"{declared.keyword} {written}".strip())

    def _systems(self, keywords: Iterable[str], following: str) -> Iterator[Completion]:
        for name, declared in self._declared(*keywords):
            yield self._offer(
                name, "name", f"{declared.keyword} {self._summary(name)}".strip(), insert=name + following
            )

    def _summary(self, name: str) -> str:
        facts = self.analysis.models.facts(name)
        return f"({wording.facts_text(facts)})" if facts is not None else ""

    def _declared(self, *keywords: str) -> list[tuple[str, Declared]]:
        return [(name, d) for name, d in self.scope.items() if d.keyword in keywords]

    def _call(self, name: str, help: str, parameters: tuple[Parameter, ...], kind: Kind) -> Completion:
        needed = [p for p in parameters if p.required]
        if not needed:
            return self._offer(name, kind, help, wording.call_help(name, help, parameters))
        inner = ", ".join(f"{p.name} = ${{{i}:{p.name}}}" for i, p in enumerate(needed, 1))
        text = wording.call_help(name, help, parameters)
        return self._offer(name, kind, usage(name, parameters), text, f"{name}({inner})", True)

    # references to devices

    def _reference(self) -> Iterator[Completion]:
        """After `ieee14.`, `ieee14.bus[` and `ieee14.bus[4].`; in `observe` the system's name may be left out."""
        path, own = self.where.path, self.where.type
        owner, _, rest = path.partition(".")
        if owner not in dict(self._declared(*SYSTEMS)):
            owner, rest = (own.owner, path) if isinstance(own, DevicesType) else ("", "")
        if not owner:
            return
        device = re.match(r"([A-Za-z_]\w*)(.*)$", rest, re.DOTALL)
        if device is None:
            yield from self._kinds(owner, "[")
        elif device[2] == "[":
            yield from self._keys(owner, device[1])
        elif device[2].endswith("."):
            yield from self._measured(owner, device[1])

    def _kinds(self, owner: str, following: str) -> Iterator[Completion]:
        wanted = self.where.type
        allowed: set[str] = set()
        if isinstance(wanted, DeviceType):
            allowed = set(wanted.devices)
        elif isinstance(wanted, BusesType):
            allowed = {"bus"}
        elif isinstance(wanted, DevicesType):
            allowed = {o.device for o in self._observables(owner)}
        for kind in _device_kinds(self.analysis, owner):
            if not allowed or kind in allowed:
                one = kind == _WHOLE
                detail = f"{owner} as a whole" if one else f"a {kind} of {owner}"
                yield self._offer(kind, "quantity", detail, insert=kind + ("." if one else following))

    def _keys(self, owner: str, device: str) -> Iterator[Completion]:
        facts = facts_of(self.analysis.study, self.analysis.models, owner)
        if facts is None:
            return
        text, cursor = self.analysis.source.text, self.where.start + len(self.where.word)
        rest = (_REST_OF_TEXT if self.where.in_text else _REST_OF_KEY).match(text, cursor)
        end = rest.end() if rest else cursor
        closing = "" if text.startswith("]", end) else "]"
        if not self.where.in_text and isinstance(self.where.type, (BusesType, DevicesType)):
            yield replace(self._offer("*", "device", f"every {device}", insert=f"*{closing}"), end=end)
        for key, found in (devices(facts, device) or {}).items():
            if self.where.in_text and isinstance(key, int):
                continue
            written = str(key) if self.where.in_text else wording.key_text(key) + closing
            offer = self._offer(str(key), "device", wording.device_text(facts, found), insert=written)
            yield replace(offer, end=end)

    def _measured(self, owner: str, device: str) -> Iterator[Completion]:
        system = self.analysis.study.labelled(owner)
        if system is None:
            return
        if isinstance(self.where.type, DeviceType):
            for s in settables(system):
                if s.device == device:
                    yield self._offer(s.quantity, "quantity", s.dimension, s.help)
            return
        for o in self._observables(owner):
            if o.device == device:
                yield self._offer(o.quantity, "quantity", o.unit, o.help)

    def _observables(self, owner: str) -> tuple[Observable, ...]:
        system = self.analysis.study.labelled(owner)
        name = system.choice("simulator") if system else None
        return simulator(name).observables if name else ()

    # texts

    def _texts(self) -> Iterator[Completion]:
        where, keyword = self.where, self.where.blocks[0][0] if self.where.blocks else ""
        if where.keyword == "include":
            yield from self._files((".tds",))
        elif where.name == "case" and keyword == "transmission":
            yield from self._shipped()
            yield from self._files((".xlsx", ".json", ".raw", ".m"))
        elif where.name == "addfiles":
            yield from self._files((".dyr", ".xlsx"))
        elif where.name == "model":
            yield from self._files((".dss",))
        elif where.name == "from" or (where.calls and where.calls[-1].function == "csv"):
            yield from self._files((".csv",))

    def _shipped(self) -> Iterator[Completion]:
        for model in shipped("transmission"):
            detail = f"{model.buses} buses, {model.loads} loads, {model.generators} generators"
            yield self._offer(model.name, "file", detail + ("" if model.dynamic else ", power flow only"))

    def _files(self, endings: tuple[str, ...]) -> Iterator[Completion]:
        written = self.where.word.rpartition("/")[0]
        folder = Path(self.analysis.source.name).parent / written
        try:
            found = sorted(folder.iterdir())[:MOST_FILES]
        except (OSError, ValueError):
            return
        lead = f"{written}/" if written else ""
        for path in found:
            if path.name.startswith("."):
                continue
            if path.is_dir():
                yield self._offer(f"{lead}{path.name}/", "file", "folder")
            elif path.suffix.lower() in endings:
                yield self._offer(f"{lead}{path.name}", "file")


_WHOLE = "feeder"
"""What is recorded of a distribution system itself: there is one, and it has no key."""

_NAMES = {"transmission": "system", "distribution": "feeder", "interface": "bus"}
"""What a new block is called before the writer says it."""


def _device_kinds(analysis: Analysis, owner: str) -> tuple[str, ...]:
    system = analysis.study.labelled(owner)
    name = system.choice("simulator") if system else None
    if system is None or name is None:
        return ()
    chosen = simulator(name)
    listed = ("bus", "load", "generator", "line", "switch", "regulator", "capacitor", "pv", "storage", _WHOLE)
    known = {o.device for o in chosen.observables} | {s.device for s in chosen.settables}
    facts = analysis.models.facts(owner)
    return tuple(kind for kind in listed if kind in known or (facts is not None and devices(facts, kind)))


def _choices(wanted: Type | None) -> Iterator[Choice]:
    if isinstance(wanted, ChoiceType):
        yield from wanted.choices
        yield from _choices(wanted.otherwise)
    elif isinstance(wanted, ListType):
        yield from _choices(wanted.item)
