"""Blocks to checked blocks: every attribute known, given once, and read by its type."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from tdscen.diagnostics import Fix, Label
from tdscen.language.blocks import BY_KEYWORD, MEASURES
from tdscen.language.mending import equals
from tdscen.language.reader import Reader
from tdscen.language.reference_types import AxisType, DevicesType
from tdscen.language.schema import BlockSchema
from tdscen.language.study import CheckedBlock, Entry
from tdscen.language.types import FlagType, QuantityType, RangeType, TextType, Type
from tdscen.language.values import Chosen, Interval, Quantity, Value
from tdscen.mends import spelling
from tdscen.simulators import simulator
from tdscen.source import Span
from tdscen.suggest import did_you_mean, one_of
from tdscen.syntax import nodes as n


@dataclass(frozen=True)
class BlockReader:
    """Reads blocks, their expressions with one reader."""

    reader: Reader

    def block(self, block: n.Block, schema: BlockSchema) -> CheckedBlock:
        """A block of a known kind; what could not be read is reported and left out."""
        self._label(block, schema)
        entries: dict[str, Entry] = {}
        broken: dict[str, Span] = {}
        nested: list[CheckedBlock] = []
        options = self._option_types(block) if schema.inner("options") else None
        for item in block.items:
            if isinstance(item, n.Block):
                inner = self._nested(item, schema)
                if inner is not None:
                    is_options = inner.entries == "options"
                    nested.append(self._options(item, inner, options) if is_options else self.block(item, inner))
            elif isinstance(item, (n.Attribute, n.Bound)):
                self._attribute(item, schema, entries, broken)
            else:
                at = f"inside {block.keyword.text} stand attributes"
                self.reader.report("TDS314", f"{item.keyword.text} does not belong here", item.span, at)
        self._missing(block, schema, entries, broken)
        label = block.label or block.keyword
        return CheckedBlock(
            schema,
            block.label.text if block.label else "",
            label.span,
            block.header,
            MappingProxyType(entries),
            tuple(nested),
            frozenset(broken),
        )

    def _label(self, block: n.Block, schema: BlockSchema) -> None:
        keyword = schema.keyword
        if schema.named and block.label is None:
            self.reader.report("TDS314", f"{keyword} needs a name", block.header, f"write `{keyword} name {{`")
        elif not schema.named and block.label is not None:
            label = Span(block.keyword.span.end, block.label.span.end, block.label.span.file)
            fixes = (Fix("Leave the name out", label, ""),)
            message = f"{keyword} takes no name"
            self.reader.report("TDS314", message, block.label.span, f"write `{keyword} {{`", fixes=fixes)

    def _nested(self, item: n.Block, schema: BlockSchema) -> BlockSchema | None:
        inner = schema.inner(item.keyword.text)
        if inner is None:
            known = [b.keyword for b in schema.nested]
            at = did_you_mean(item.keyword.text, known)
            fixes = spelling(item.keyword.span, item.keyword.text, known)
            if item.keyword.text in BY_KEYWORD:
                at, fixes = f"is the block {schema.keyword} closed above?", ()
            message = f"{schema.keyword} holds no block {item.keyword.text}"
            return self.reader.report("TDS301", message, item.header, at, fixes=fixes)
        return inner

    def _attribute(
        self,
        item: n.Attribute | n.Bound,
        schema: BlockSchema,
        entries: dict[str, Entry],
        broken: dict[str, Span],
    ) -> None:
        name = item.name.text
        if name in entries or name in broken:
            first = entries[name].name_span if name in entries else broken[name]
            label = Label(first, "given here first")
            return self.reader.report("TDS304", f"{name} is given twice", item.name.span, labels=(label,))
        wanted = self._type(item, schema)
        value = None
        if wanted is not None:
            value = (
                _read_bound(self.reader, item, wanted)
                if isinstance(item, n.Bound)
                else wanted.read(item.value, self.reader)
            )
        if value is None:
            broken[name] = item.name.span
        else:
            entries[name] = Entry(name, value, item.name.span, item.value.span, item.value)
        return None

    def _type(self, item: n.Attribute | n.Bound, schema: BlockSchema) -> Type | None:
        name = item.name.text
        if schema.entries == "systems":
            return self._system_type(item)
        if schema.entries == "texts":
            return TextType()
        if schema.entries == "axes" and schema.attribute(name) is None:
            return self._axis_type(item)
        if schema.entries == "measures":
            if name in MEASURES:
                return MEASURES[name].type
            at = did_you_mean(name, MEASURES)
            return self.reader.report(
                "TDS302",
                f"nothing called {name} can be required",
                item.name.span,
                at,
                f"known are {one_of(MEASURES)}",
                fixes=spelling(item.name.span, name, MEASURES),
            )
        attribute = schema.attribute(name)
        if attribute is None:
            known = [a.name for a in schema.attributes] + [b.keyword for b in schema.nested]
            at = did_you_mean(name, known)
            help = f"{schema.keyword} takes {one_of(known)}"
            fixes = spelling(item.name.span, name, known)
            message = f"{schema.keyword} has no attribute {name}"
            return self.reader.report("TDS302", message, item.name.span, at, help, fixes=fixes)
        if isinstance(item, n.Bound):
            at = "bounds stand in `require`"
            return self.reader.report("TDS314", f"{name} is set with `=`", item.span, at, fixes=equals(item))
        return attribute.type

    def _axis_type(self, item: n.Attribute | n.Bound) -> Type | None:
        name, scope = item.name, self.reader.scope
        if name.text in scope and scope[name.text].keyword == "parameter":
            return AxisType()
        if name.text not in self.reader.lost:
            parameters = [k for k, d in scope.items() if d.keyword == "parameter"]
            at = did_you_mean(name.text, parameters) or f"parameters are {one_of(parameters) or 'none'}"
            fixes = spelling(name.span, name.text, parameters)
            self.reader.report("TDS201", f"{name.text} is no parameter of this file", name.span, at, fixes=fixes)
        return None

    def _system_type(self, item: n.Attribute | n.Bound) -> Type | None:
        name = item.name
        declared = self.reader.scope.get(name.text)
        if declared is not None and declared.keyword in ("transmission", "distribution"):
            if isinstance(item, n.Bound):
                return self.reader.report("TDS314", f"{name.text} is set with `=`", item.span, fixes=equals(item))
            return DevicesType(name.text)
        if name.text not in self.reader.lost:
            systems = [k for k, d in self.reader.scope.items() if d.keyword in ("transmission", "distribution")]
            at = did_you_mean(name.text, systems) or "no transmission or distribution system of this file"
            fixes = spelling(name.span, name.text, systems)
            self.reader.report("TDS201", f"{name.text} cannot be observed", name.span, at, fixes=fixes)
        return None

    def _missing(self, block: n.Block, schema: BlockSchema, entries: dict[str, Entry], broken: dict[str, Span]) -> None:
        known = {*entries, *broken, *self.reader.lost}
        absent = [a for a in schema.attributes if a.required and not known & {a.name, a.unless}]
        if absent:
            names = ", ".join(a.name for a in absent)
            helps = "; ".join(f"{a.name}: {a.help}" for a in absent)
            label = f" {block.label.text}" if block.label else ""
            self.reader.report("TDS303", f"{schema.keyword}{label} lacks {names}", block.header, "", helps)

    def _option_types(self, block: n.Block) -> dict[str, Type] | None:
        """What `options { }` takes: what the block's simulator says; None where it is not known which that is."""
        schema = BY_KEYWORD[block.keyword.text]
        attribute = schema.attribute("simulator")
        if attribute is None:
            return None
        written = next((i for i in block.items if isinstance(i, n.Attribute) and i.name.text == "simulator"), None)
        chosen = attribute.type.read(written.value, Reader(self.reader.scope)) if written else attribute.default
        if not isinstance(chosen, Chosen):
            return None
        return {option.name: _OPTION_TYPES[option.type] for option in simulator(chosen.name).options}

    def _options(self, block: n.Block, schema: BlockSchema, types: dict[str, Type] | None) -> CheckedBlock:
        entries: dict[str, Entry] = {}
        for item in block.items if types is not None else ():
            entry = self._option(item, types or {})
            if entry is not None:
                entries[entry.name] = entry
        return CheckedBlock(schema, "", block.header, block.header, MappingProxyType(entries))

    def _option(self, item: n.Item, types: dict[str, Type]) -> Entry | None:
        if not isinstance(item, n.Attribute):
            return self.reader.report("TDS314", "options are lines `name = value`", item.span)
        name = item.name.text
        if name not in types:
            at, help = did_you_mean(name, types), f"it takes {one_of(types) or 'none'}"
            fixes = spelling(item.name.span, name, types)
            message = f"the simulator has no option {name}"
            return self.reader.report("TDS302", message, item.name.span, at, help, fixes=fixes)
        value = types[name].read(item.value, self.reader)
        return None if value is None else Entry(name, value, item.name.span, item.value.span, item.value)


_OPTION_TYPES: dict[str, Type] = {"number": QuantityType("number"), "text": TextType(), "boolean": FlagType()}


def _read_bound(reader: Reader, bound: n.Bound, wanted: Type) -> Value | None:
    """`name < x` as an interval with one open end."""
    if not isinstance(wanted, RangeType):
        name = bound.name.text
        at = f"it takes {wanted.words}"
        return reader.report("TDS314", f"{name} is set with `=`", bound.span, at, fixes=equals(bound))
    value = QuantityType(wanted.dimension).read(bound.value, reader)
    if value is None:
        return None
    assert isinstance(value, Quantity)
    number = value.value
    if bound.comparison in ("<", "<="):
        return Interval(None, number, wanted.dimension)
    return Interval(number, None, wanted.dimension)
