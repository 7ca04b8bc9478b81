"""The summary as data, as text and as JSON."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from run_folders import ASKED, FACTOR, cut, make_journals, make_plan, write_run

from tdscen import codec
from tdscen.plan import Event, KeptEvent, Target
from tdscen.results import finish, open_run
from tdscen.results.render import render_text
from tdscen.results.run import Run
from tdscen.results.summary import Summary, summary, to_json


def run_of(tmp_path: Path, interfaces: int = 1) -> Run:
    folder = write_run(tmp_path / "0001", make_plan(interfaces=interfaces))
    finish(folder)
    return open_run(folder)


def test_figures_of_a_complete_run(tmp_path: Path) -> None:
    found = summary(run_of(tmp_path))
    columns = make_journals(make_plan())
    t_side, d_side = columns["ieee14"], columns["ieee34"]
    assert (found.state, found.cause, found.steps_done, found.steps, found.wall_s) == ("complete", None, 15, 15, 2.25)
    bus4 = found.interfaces[0]
    assert bus4.p_factor == FACTOR
    assert bus4.v_pu is not None
    assert (bus4.v_pu.lowest, bus4.v_pu.highest) == (t_side["bus4/v_pu"].min(), t_side["bus4/v_pu"].max())
    assert bus4.p_mw is not None
    assert bus4.p_mw.highest == d_side["bus4/p_mw"].max()
    slope, _ = np.polyfit(t_side["bus4/drawn_p_mw"], t_side["bus4/v_pu"], 1)
    assert bus4.reaction is not None
    assert bus4.reaction.slope_pu_per_mw == pytest.approx(slope, rel=1e-9)
    assert (bus4.exchanges, bus4.exchanges_most, bus4.exchanges_start, bus4.taps_moved) == (15, 1, 7, 1)
    lowest = d_side["bus4/ieee34/feeder/v_min_pu"]
    assert bus4.feeder_lowest is not None
    assert (bus4.feeder_lowest.v_pu, bus4.feeder_lowest.time_s) == (lowest.min(), float(lowest.argmin()))
    unbalance = d_side["bus4/unbalance"]
    assert bus4.unbalance is not None
    assert (bus4.unbalance.ratio, bus4.unbalance.time_s) == (unbalance.max(), float(unbalance.argmax()))


def test_json_reads_back_as_the_same_summary(tmp_path: Path) -> None:
    found = summary(run_of(tmp_path, interfaces=2))
    assert codec.decode(Summary, json.loads(to_json(found))) == found


@pytest.mark.parametrize("width", [60, 80, 120])
def test_text_stays_within_its_width_and_is_plain(tmp_path: Path, width: int) -> None:
    text = render_text(summary(run_of(tmp_path, interfaces=3)), width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert "\x1b" not in text
    assert text == render_text(summary(open_run(tmp_path / "0001")), width)


def test_text_states_the_figures(tmp_path: Path) -> None:
    text = render_text(summary(run_of(tmp_path)), 120)
    v_pu = make_journals(make_plan())["ieee14"]["bus4/v_pu"]
    assert "run 0001: complete, 15 of 15 steps of 1 s, serial coupling, wall time 2.2 s" in text
    assert f"{v_pu.min():.4f} .. {v_pu.max():.4f}" in text
    assert "23.3018 times P and Q (match_load); 47.8 MW over 2.05134 MW at 1.01259 pu" in text
    assert "15 (most 1, start 7)" in text
    assert "✓ voltage" in text
    assert f" {100 * make_journals(make_plan())['ieee34']['bus4/unbalance'].max():.3g} " in text  # percent


def test_events_are_listed_in_the_order_of_time(tmp_path: Path) -> None:
    fault = Event("dip", 3.0, "fault", Target("ieee14", "bus", 4), 0.08, None, 0.3)
    opening = Event("opening", 2.0, "open", Target("ieee34", "switch", "tie"))
    own = KeptEvent("Toggle 1", 1.0, "Line 3 is switched on or off")
    plan = replace(make_plan(), events=(fault, opening), kept_events=(own,))
    found = summary(open_run(write_run(tmp_path / "0001", plan)))
    assert [(e.at_s, e.name, e.until_s) for e in found.events] == [
        (1.0, "Toggle 1", None),
        (2.0, "opening", None),
        (3.0, "dip", 3.08),
    ]
    text = render_text(found)
    for line in (
        r"1 s\s+Toggle 1\s+Line 3 is switched on or off \(of the case\)",
        r"2 s\s+opening\s+switch tie of ieee34 opens",
        r"3 s\s+dip\s+fault at bus 4 of ieee14 through j0.3 pu, cleared after 80 ms",
    ):
        assert re.search(line, text)


def test_names_are_never_read_as_markup(tmp_path: Path) -> None:
    plan = make_plan()
    odd = replace(plan, title="[red]a[/red] [3] :smile:", requirements=(replace(ASKED, name="[b]x"),))
    folder = write_run(tmp_path / "0001", odd)
    text = render_text(summary(open_run(folder)))
    assert "[red]a[/red] [3] :smile:" in text
    assert "[b]x" in text


def test_color_only_where_asked(tmp_path: Path) -> None:
    assert "\x1b[32m✓" in render_text(summary(run_of(tmp_path)), color=True)


def test_failed_run_says_so_and_why(tmp_path: Path) -> None:
    cause = "ieee34 was killed at t = 6 s"
    folder = write_run(tmp_path / "0001", make_plan(), state="failed", cause=cause, exit_status=3)
    cut(folder, "ieee34", rows=7)
    finish(folder)
    text = render_text(summary(open_run(folder)))
    assert "failed, 6 of 15 steps" in text
    assert f"Not complete: {cause}" in text


def test_a_run_without_a_step_still_has_a_summary(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "0001", make_plan(), {}, state="failed", cause="no free port", exit_status=5)
    finish(folder)
    found = summary(open_run(folder))
    assert found.interfaces[0].v_pu is None
    assert [each.holds for each in found.outcomes if each.required] == [False]
    assert "Not complete: no free port" in render_text(found)
