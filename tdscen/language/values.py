"""What an expression means once it is read: quantities in internal units, texts, profiles, references to devices."""

from __future__ import annotations

from dataclasses import dataclass, field

from tdscen.facts import Key
from tdscen.profiles import Profile
from tdscen.source import Span
from tdscen.units import Dimension


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in the internal unit of its dimension."""

    value: float
    dimension: Dimension


@dataclass(frozen=True, slots=True)
class TextValue:
    """A text."""

    text: str


@dataclass(frozen=True, slots=True)
class Flag:
    """`true` or `false`."""

    on: bool


@dataclass(frozen=True, slots=True)
class Interval:
    """`low .. high`, both of one dimension. A bound (`< 1 kW`) is an interval with one open end."""

    low: float | None
    high: float | None
    dimension: Dimension


@dataclass(frozen=True, slots=True)
class ProfileValue:
    """A profile expression."""

    profile: Profile


@dataclass(frozen=True, slots=True)
class BlockRef:
    """The name of a block: `ieee34` where a distribution is wanted."""

    keyword: str
    label: str


@dataclass(frozen=True, slots=True)
class DeviceWords:
    """Where the words of a reference stand: its device, its key, its quantity."""

    device: Span | None = None
    key: Span | None = None
    quantity: Span | None = None


@dataclass(frozen=True, slots=True)
class Devices:
    """`ieee14.bus[4]`, `bus[*].v`: a device, or every device (key None and `every`), and what of it."""

    owner: str | None
    device: str
    key: Key | None
    every: bool
    quantity: str | None
    span: Span
    words: DeviceWords = field(default=DeviceWords(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Chosen:
    """One of an attribute's choices, with its arguments where it takes any: `iterative(tolerance = 1e-6)`."""

    name: str
    arguments: tuple[tuple[str, Value], ...] = ()

    def argument(self, name: str) -> Value | None:
        """The value of an argument, None where it was not given."""
        return dict(self.arguments).get(name)


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    values: tuple[Value, ...]


Value = Quantity | TextValue | Flag | Interval | ProfileValue | BlockRef | Devices | Chosen | Items


def describe(value: Value) -> str:
    """A few words for a message: what kind of value this is."""
    match value:
        case Quantity(_, "number"):
            return "a plain number"
        case Quantity(_, dimension):
            return f"a quantity of {dimension}"
        case TextValue():
            return "a text"
        case Flag():
            return "true or false"
        case Interval():
            return "a range"
        case ProfileValue():
            return "a profile"
        case BlockRef(keyword, label):
            return f"the {keyword} {label}"
        case Devices(device=device):
            return f"a reference to a {device}"
        case Chosen(name):
            return f"`{name}`"
        case Items():
            return "a list"
