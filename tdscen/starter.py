"""A study to start from: the text of its scenario and the files beside it (`tdscen new`).

What was asked for is looked at before anything is written: the case and its buses with the probe, which remembers.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tdscen.facts import Key, TransmissionFacts
from tdscen.probing import Probe, ProbeRequest, probe_all
from tdscen.resources import folder as resource_folder
from tdscen.scratch import scratch_folder
from tdscen.simulators import BUILT_IN
from tdscen.starter_text import StartError, StartTransmission, scenario_text
from tdscen.suggest import did_you_mean

CASE = "ieee14/ieee14_full.xlsx"
BUS: Key = 4
"""Of `CASE`, as in the published lesson: 47.8 MW."""

FEEDER = "feeders/ieee34/ieee34.dss"
"""Our own feeder, below the folder of scenarios that comes with tdscen."""

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for. Files are named from the current folder on; None is what comes with tdscen."""

    case: str | None = None
    addfiles: tuple[str, ...] = ()
    bus: Key | None = None
    feeder: Path | None = None


def make(target: Path, wanted: Wanted) -> tuple[Path, ...]:
    """Make the folder `target` with its scenario; returns the files, the scenario first.

    The folder is there complete or not at all. Raises `StartError`, `OSError`.
    """
    if not NAME.fullmatch(target.name) or target.suffix == ".tds":
        hint = f"; did you mean {target.stem}?" if target.suffix == ".tds" and NAME.fullmatch(target.stem) else ""
        rule = "a study's name is made of letters, digits, _, - and . without .tds"
        raise StartError(f"{rule}, not {target.name!r}{hint}")
    if target.exists() or target.is_symlink():
        raise StartError(f"{target.as_posix()} is there already, and nothing is overwritten")
    files = contents(target, wanted)
    target.parent.mkdir(parents=True, exist_ok=True)
    with scratch_folder(target.parent, f".{target.name}.") as staging:
        for name, text in files.items():
            path = staging / target.name / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        (staging / target.name).rename(target)
    return tuple(target / name for name in files)


def contents(target: Path, wanted: Wanted) -> Mapping[str, str]:
    """The files of the folder `target` by their path in it, the scenario first. Raises `StartError`, `OSError`."""
    transmission = _transmission(target, wanted)
    scenario = f"{target.name}.tds"
    if wanted.feeder is None:
        feeder = (resource_folder("scenarios") / FEEDER).read_text(encoding="utf-8")
        return {scenario: scenario_text(target.name, transmission, FEEDER), FEEDER: feeder}
    if not wanted.feeder.is_file():
        beside = [path.name for path in wanted.feeder.parent.glob("*") if path.is_file()]
        hint = did_you_mean(wanted.feeder.name, beside)
        raise StartError(f"there is no file {wanted.feeder.as_posix()}" + (f": {hint}" if hint else ""))
    return {scenario: scenario_text(target.name, transmission, _from(target, wanted.feeder))}


def _from(folder: Path, file: Path) -> str:
    """The file as the scenario in `folder` names it; folders on the way may be symbolic links."""
    real, there = (path.absolute().parent.resolve() / path.name for path in (file, folder))
    return Path(os.path.relpath(real, there)).as_posix()


def _transmission(target: Path, wanted: Wanted) -> StartTransmission:
    """The case, looked at. Raises `StartError`."""
    case, here = wanted.case or CASE, Path.cwd()
    simulator = next(each.name for each in BUILT_IN if each.side == "transmission")
    (probe,) = probe_all([ProbeRequest(simulator, case, here, wanted.addfiles)])
    beside = probe.source is not None and probe.source.origin == "bundled"
    names = tuple(_from(target, here / name) if beside else name for name in (case, *wanted.addfiles))
    facts = probe.facts
    if not isinstance(facts, TransmissionFacts):
        bus = wanted.bus if wanted.bus is not None else BUS if wanted.case is None else None
        if probe.reason != "not_installed" or bus is None:
            raise StartError(_unseen(probe))
        return StartTransmission(names[0], names[1:], bus, None, dynamic=True)
    if facts.problem:
        raise StartError(f"{case} is no case to start from: {facts.problem}")
    asked = BUS if wanted.case is None and wanted.bus is None else wanted.bus
    bus, load_mw = _bus(case, facts, asked)
    return StartTransmission(names[0], names[1:], bus, load_mw, facts.dynamic and not facts.dynamics_problem)


def _unseen(probe: Probe) -> str:
    hint = "; with --bus its buses need not be known" if probe.reason == "not_installed" else ""
    return f"{probe.problem}{hint}"


def _bus(case: str, facts: TransmissionFacts, asked: Key | None) -> tuple[Key, float]:
    """A bus and its load in MW: the one that was asked for, else the one with most. Raises `StartError`."""
    loads: dict[Key, float] = {}
    for load in facts.loads:
        if load.online:
            loads[load.bus] = loads.get(load.bus, 0.0) + load.p_mw
    consuming = {bus: p_mw for bus, p_mw in loads.items() if p_mw > 0}
    if not consuming:
        raise StartError(f"{case} has no load that a feeder could take the place of")
    if asked is None:
        return max(consuming.items(), key=lambda item: item[1])
    known = {str(bus.idx): bus.idx for bus in facts.buses}
    if str(asked) not in known:
        raise StartError(f"{case} has no bus {asked}" + _there(asked, known))
    bus = known[str(asked)]
    if bus not in consuming:
        raise StartError(f"bus {bus} of {case} has no load that a feeder could take the place of" + _buses(consuming))
    return bus, consuming[bus]


def _there(asked: Key, known: Mapping[str, Key]) -> str:
    hint = did_you_mean(str(asked), known)
    return f": {hint}" if hint else _buses(known)


def _buses(known: Mapping[str, Key] | Mapping[Key, float]) -> str:
    names = [str(name) for name in known]
    more = ", ..." if len(names) > MOST_NAMED else ""
    return f"; there are {', '.join(names[:MOST_NAMED])}{more}"
