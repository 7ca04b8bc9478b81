"""The text of the scenario that `tdscen new` writes, in the canonical layout."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tdscen.facts import Key
from tdscen.syntax.formatter import format_text


class StartError(Exception):
    """Why there is no study to start from, in one sentence."""


@dataclass(frozen=True, slots=True)
class StartTransmission:
    """The case as the scenario names it, the bus, and what is known of them (`load_mw` None: not looked at)."""

    case: str
    addfiles: tuple[str, ...]
    bus: Key
    load_mw: float | None
    dynamic: bool


_SCENARIO = """\
# {name}: a study to start from. `tdscen run {name}.tds` runs it, `tdscen info {name}.tds` lists its models.
scenario "{title}"

transmission {system} {{
simulator = andes
case = "{case}" # `tdscen new --cases` lists those that come with ANDES
{more}}}

distribution {feeder} {{
simulator = opendss
model = "{model}"
}}

# The feeder's loads over time: a draw each second, the same draws for the same seed.
profile {profile} = normal(mean = 1, std = 2.5 %, every = 1 s, seed = 981)

interface {interface} {{
transmission = {system}.bus[{bus}]
distribution = {feeder}
scale = match_load # the feeder stands for the whole load of the bus{load}
load = {profile}
}}

require {{
balance < 1 kW
}}

simulation {{
step = 1 s
stop = 15 s
}}
"""


def scenario_text(name: str, t: StartTransmission, model: str) -> str:
    """The scenario called `name`. Raises `StartError` where a name cannot stand in a text."""
    for word in (t.case, *t.addfiles, model, str(t.bus)):
        if '"' in word or not word.isprintable():
            raise StartError(
                f"{word!r} cannot stand in a scenario: its texts hold no quotes and no invisible characters"
            )
    labels = _Labels()
    more = [f"addfiles = [{', '.join(_quoted(file) for file in t.addfiles)}]"] if t.addfiles else []
    more += [] if t.dynamic else ["dynamics = off # a power flow at each step: the case has no dynamics that start"]
    text = _SCENARIO.format(
        name=name,
        title=f"{Path(t.case).stem} with {Path(model).stem} at bus {t.bus}",
        system=labels.of(Path(t.case).stem, "case"),
        case=t.case,
        more="".join(f"{line}\n" for line in more),
        feeder=labels.of(Path(model).stem, "feeder"),
        model=model,
        profile=labels.of("wobble"),
        interface=labels.of(f"bus{t.bus}" if isinstance(t.bus, int) else f"bus_{t.bus}"),
        bus=t.bus if isinstance(t.bus, int) else _quoted(t.bus),
        load="" if t.load_mw is None else f", {t.load_mw:.6g} MW",
    )
    laid_out = format_text(text, f"{name}.tds").text
    assert laid_out is not None, text
    return laid_out


def _quoted(word: str) -> str:
    return f'"{word}"'


class _Labels:
    """Names for blocks, each once."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def of(self, text: str, lead: str = "") -> str:
        """A label that reads like `text`; with `lead` in front where that begins with no letter."""
        label = re.sub("[^A-Za-z0-9]+", "_", text).strip("_")
        if not re.match("[A-Za-z]", label):
            label = f"{lead}_{label}".strip("_")
        while label in self._given:
            label += "_2"
        self._given.add(label)
        return label
