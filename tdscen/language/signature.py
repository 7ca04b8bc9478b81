"""Arguments of a call against a signature: by place or by name, each once, of the right type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tdscen.diagnostics import Label
from tdscen.language.values import Value
from tdscen.mends import spelling
from tdscen.suggest import did_you_mean, one_of
from tdscen.syntax import nodes as n

if TYPE_CHECKING:
    from tdscen.language.reader import Reader
    from tdscen.language.types import Type


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function or choice. Without a default it must be given."""

    name: str
    type: Type
    help: str
    default: Value | None = None
    required: bool = True


def optional(name: str, type: Type, help: str, default: Value | None = None) -> Parameter:
    """A parameter that may be left out."""
    return Parameter(name, type, help, default, required=False)


def bind(reader: Reader, call: n.Call, parameters: tuple[Parameter, ...]) -> dict[str, Value] | None:
    """Values by parameter name, defaults filled in; None after reporting what does not fit."""
    given = _assign(reader, call, parameters)
    if given is None:
        return None
    values: dict[str, Value] = {}
    sound = True
    for parameter in parameters:
        argument = given.get(parameter.name)
        if argument is not None:
            value = parameter.type.read(argument.value, reader)
            sound = sound and value is not None
        else:
            value = parameter.default
        if value is not None:
            values[parameter.name] = value
    return values if sound else None


def _assign(reader: Reader, call: n.Call, parameters: tuple[Parameter, ...]) -> dict[str, n.Argument] | None:
    name, names = call.function.text, [p.name for p in parameters]
    given: dict[str, n.Argument] = {}
    before = len(reader.problems)
    for place, argument in enumerate(call.arguments):
        if argument.name is None:
            if place >= len(names):
                wanted = f"it takes {one_of(names)}" if names else "it takes none"
                reader.report("TDS312", f"too many arguments for {name}", argument.span, wanted)
                continue
            key = names[place]
        else:
            key = argument.name.text
            if key not in names:
                at = did_you_mean(key, names) or f"it takes {one_of(names) or 'no arguments'}"
                fixes = spelling(argument.name.span, key, names)
                reader.report("TDS312", f"{name} has no argument {key}", argument.name.span, at, fixes=fixes)
                continue
        if key in given:
            label = Label(given[key].span, "given here first")
            reader.report("TDS312", f"{key} is given twice", argument.span, labels=(label,))
        given.setdefault(key, argument)
    missing = [p.name for p in parameters if p.required and p.name not in given]
    if missing and len(reader.problems) == before:
        reader.report("TDS312", f"{name} needs {', '.join(missing)}", call.span, help=usage(name, parameters))
    return given if len(reader.problems) == before else None


def usage(name: str, parameters: tuple[Parameter, ...]) -> str:
    """`normal(mean, std, every, seed, [independent])`."""
    inner = ", ".join(p.name if p.required else f"[{p.name}]" for p in parameters)
    return f"{name}({inner})" if parameters else name
