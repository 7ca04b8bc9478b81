"""What goes to the worker as JSON, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tdscen.facts import Key
from tdscen.plan import Controls, Option
from tdscen.simulators import ModelSource

Rule = Literal["match_load", "match_load_separate", "match_load_shunt"]


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A `ModelSource` with its folder as text."""

    origin: Literal["builtin", "bundled"]
    main: str
    root: str
    files: tuple[str, ...]
    extra: tuple[str, ...]

    @classmethod
    def of(cls, source: ModelSource) -> SourceRecord:
        """The record of a source."""
        return cls(source.origin, source.main, str(source.root), source.files, source.extra)

    def source(self) -> ModelSource:
        """The source of the record."""
        return ModelSource(self.origin, self.main, Path(self.root), self.files, self.extra)


@dataclass(frozen=True, slots=True)
class ScaleTaskInterface:
    """One interface of a `ScaleTask`; see `scales.ScaleInterface`."""

    name: str
    bus: Key
    load: Key | None
    distribution: SourceRecord
    distribution_simulator: str
    distribution_options: tuple[Option, ...]
    controls: Controls
    source_impedance: Literal["none", "keep"]
    rule: Rule | float
    replace_mw: float | None = None
    replace_mvar: float | None = None


@dataclass(frozen=True, slots=True)
class ScaleTask:
    """See `scales.ScaleRequest`."""

    transmission: SourceRecord
    transmission_simulator: str
    disable_events: bool
    transmission_options: tuple[Option, ...]
    interfaces: tuple[ScaleTaskInterface, ...]


@dataclass(frozen=True, slots=True)
class ScaledInterface:
    """Factors of one interface and the equilibrium in which they hold, at multiplier 1.

    `load_p_mw`, `load_q_mvar`: what the case's own load drew; `feeder_p_kw`, `feeder_q_kvar`: what the feeder takes
    at the agreed voltage `v_pu`, `angle_rad`; `exchanges`: how many the start took; `start_p_mw`: the interface's
    power in it. Factors have nine significant digits, as they are written into the plan.
    """

    name: str
    p_factor: float
    q_factor: float
    shunt_mvar: float
    load_p_mw: float
    load_q_mvar: float
    feeder_p_kw: float
    feeder_q_kvar: float
    v_pu: float
    angle_rad: float
    exchanges: int
    start_p_mw: float | None = None


@dataclass(frozen=True, slots=True)
class ScaleResult:
    """Answers in the order of the interfaces; none where `problem` says why there are none."""

    interfaces: tuple[ScaledInterface, ...]
    problem: str | None = None
