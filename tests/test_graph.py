"""The federation drawn: everything that the plan has is on it, nothing of it becomes markup."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import ROOT
from run_folders import make_plan

from tdscen.cli import main
from tdscen.plan import Event, FeederFederate, Plan, Resource, Target
from tdscen.profiles import Constant
from tdscen.results.diagram import federation, mermaid, standalone
from tdscen.results.diagram.federation import MOST_ROWS, MOST_WORKERS

SCENARIO = ROOT / "scenarios" / "pv_cloud.tds"
SVG = "{http://www.w3.org/2000/svg}"


def words_of(drawing: str) -> str:
    """All text of a drawing, tooltips included; it must be XML."""
    return "\n".join(text for element in ET.fromstring(drawing).iter() for text in (element.text,) if text)


def unescaped(diagram: str) -> str:
    return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), diagram)


def a_plan(interfaces: int, workers: int = 1) -> Plan:
    plan = make_plan(interfaces=interfaces)
    names = [interface.name for interface in plan.interfaces]
    groups = tuple(FeederFederate(f"feeders{w + 1}", tuple(names[w::workers])) for w in range(workers))
    return replace(plan, feeder_federates=groups if workers > 1 else plan.feeder_federates)


@pytest.mark.parametrize("workers", [1, 3])
def test_every_bus_feeder_process_and_signal_is_drawn(workers: int) -> None:
    plan = a_plan(7, workers)
    dip = Event("dip", 3.0, "fault", Target("ieee14", "bus", 5), 0.08, None, 0.3)
    roofs = Resource("roofs", "pv", Target("ieee34", "bus", "848"), 0.5, Constant(1.0), "unity")
    plan = replace(plan, events=(dip,), resources=(roofs,))
    drawn = federation(plan)
    for text in (words_of(standalone(drawn)), unescaped(mermaid(drawn))):
        for interface in plan.interfaces:
            assert f"bus {interface.bus}" in text
            assert interface.name in text
        assert text.count("× 23.3018") == 7
        assert text.count("pv roofs") >= 7
        for federate in plan.feeder_federates:
            assert f"ieee14/{federate.name}/voltage_pu" in text
            assert f"{federate.name}/power_mva" in text
        assert "V∠θ in pu, " in text
        assert "P + jQ in MW + j MVAr, " in text
        assert "dip at 3 s: fault at bus 5 of ieee14 through j0.3 pu" in text
    sizes = [worker.voltage.size for worker in drawn.workers]
    assert sum(sizes) == 7


def test_many_interfaces_are_drawn_together() -> None:
    plan = a_plan(1000, 4)
    drawn = federation(plan)
    text = words_of(standalone(drawn))
    assert text.count("250 interfaces") == text.count("250 × ieee34") == 4
    assert "buses 4, 8, 12, 16 and 246 more" in text
    assert f"{250 * 47.8:.5g} MW" in text
    assert "V∠θ in pu, 250 complex numbers" in text
    assert len(standalone(drawn)) < 20_000
    assert len(mermaid(drawn)) < 5_000
    single = federation(a_plan(MOST_ROWS, 4))
    assert sum(len(worker.rows) for worker in single.workers) == MOST_ROWS


def test_many_processes_are_drawn_together() -> None:
    drawn = federation(a_plan(200, 100))
    assert len(drawn.workers) == MOST_WORKERS
    assert drawn.workers[-1].name == "77 federates: feeders24 to feeders100"
    assert sum(worker.voltage.size for worker in drawn.workers) == 200


def test_nothing_overlaps() -> None:
    """Boxes of the right-hand side follow each other, and all is within the drawing."""
    root = ET.fromstring(standalone(federation(a_plan(12, 3))))
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    boxes = [{k: float(box.attrib[k]) for k in ("x", "y", "width", "height")} for box in root.iter(f"{SVG}rect")
             if "paper" not in box.attrib["class"]]  # fmt: skip
    right = sorted((b["y"], b["y"] + b["height"]) for b in boxes if b["width"] < 400 and b["x"] > 400)
    assert all(b["x"] >= 0 and b["x"] + b["width"] <= width and b["y"] + b["height"] <= height for b in boxes)
    federates = [b for b in boxes if b["x"] == 640]
    assert all(low["y"] + low["height"] < high["y"] for low, high in pairwise(federates))
    assert len(right) == 3 + 12
    for text in root.iter(f"{SVG}text"):
        assert 0 < float(text.attrib["y"]) < height


HOSTILE = [
    "</svg><script>alert(1)</script>",
    "]]>",
    '"]; click x "javascript:"',
    "a\x00b\x1bc\ud800",
    "`x` #35; %%{init}%%",
]


@settings(max_examples=60, deadline=None)
@given(words=st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1)))
def test_no_word_becomes_markup(words: str) -> None:
    plan = make_plan()
    (interface,) = plan.interfaces
    hostile = replace(
        plan,
        title=words,
        transmission=replace(plan.transmission, name=words, case=replace(plan.transmission.case, path=words)),
        distributions=(replace(plan.distributions[0], name=words),),
        interfaces=(replace(interface, name=words, bus=words, distribution=words),),
        feeder_federates=(FeederFederate(words, (words,)),),
    )
    calm, drawn = (ET.fromstring(standalone(federation(p))) for p in (plan, hostile))
    kinds = [[element.tag for element in tree.iter() if element.tag != f"{SVG}title"] for tree in (calm, drawn)]
    assert kinds[0] == kinds[1]
    lines = [mermaid(federation(p)).split("\n") for p in (plan, hostile)]
    assert len(lines[0]) == len(lines[1])
    for one, other in zip(*lines, strict=True):
        shape = [re.sub(r'"[^"]*"', '""', line) for line in (one, other)]
        assert shape[0] == shape[1] or one.startswith("  %%")


def test_the_command(tmp_path: Path) -> None:
    runner = CliRunner()
    shown = runner.invoke(main, ["graph", str(SCENARIO)])
    assert shown.exit_code == 0
    assert shown.stdout.startswith("flowchart LR\n")
    assert "pv roofs" in shown.stdout
    target = tmp_path / "study.svg"
    target.write_text("older")
    written = runner.invoke(main, ["graph", str(SCENARIO), "-o", str(target)])
    assert (written.exit_code, written.output) == (0, "")
    assert "IEEE 14 + IEEE 34: a cloud" in words_of(target.read_text(encoding="utf-8"))
    assert [path.name for path in tmp_path.iterdir()] == ["study.svg"]
    assert runner.invoke(main, ["graph", str(SCENARIO), "--svg"]).stdout == target.read_text(encoding="utf-8")


def test_the_drawing_of_the_documentation_is_up_to_date() -> None:
    scenario, picture = ROOT / "scenarios" / "ieee14_ieee34.tds", ROOT / "docs" / "images" / "federation.svg"
    drawn = CliRunner().invoke(main, ["graph", str(scenario), "--svg"])
    assert drawn.stdout == picture.read_text(encoding="utf-8"), f"run: tdscen graph {scenario} -o {picture}"


def test_the_command_s_refusals(tmp_path: Path) -> None:
    runner = CliRunner()
    wrong = tmp_path / "x.tds"
    wrong.write_text('scenario "x"\n')
    assert runner.invoke(main, ["graph", str(wrong)]).exit_code == 1
    nowhere = runner.invoke(main, ["graph", str(SCENARIO), "-o", str(tmp_path / "none" / "x.svg")])
    assert nowhere.exit_code == 1
    assert "cannot be written: No such file or directory" in nowhere.output
